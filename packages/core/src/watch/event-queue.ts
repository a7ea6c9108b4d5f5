interface Entry<Value> {
  readonly value: Value;
  readonly onDealtWith?: () => void;
}

/** Values that are put in at any time and taken out one by one, in order, by a single reader. */
export class EventQueue<Value> {
  readonly #entries: Entry<Value>[] = [];
  /** The one that the reader has. */
  #taken: Entry<Value> | undefined;
  #taker: (() => void) | undefined;
  #isEnded = false;
  #failure: { readonly error: unknown } | undefined;

  put(value: Value): void {
    this.#add({ value });
  }

  /** The same, and waits until the reader asks for the next value: it has dealt with this one. Or until the signal. */
  deliver(value: Value, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal.aborted || this.#isEnded) resolve();
      signal.addEventListener("abort", () => resolve(), { once: true });
      this.#add({ value, onDealtWith: resolve });
    });
  }

  /** No more come: the reader ends when it has all, with the error if there is one. */
  end(failure?: { readonly error: unknown }): void {
    this.#isEnded = true;
    this.#failure ??= failure;
    this.#wake();
  }

  /** The next value; undefined at the end. */
  async take(): Promise<{ readonly value: Value } | undefined> {
    this.#taken?.onDealtWith?.();
    this.#taken = undefined;
    while (this.#entries.length === 0 && !this.#isEnded) await this.#waiting();
    this.#taken = this.#entries.shift();
    if (this.#taken) return { value: this.#taken.value };
    if (this.#failure) throw this.#failure.error;
    return undefined;
  }

  #add(entry: Entry<Value>): void {
    if (this.#isEnded) return;
    this.#entries.push(entry);
    this.#wake();
  }

  #waiting(): Promise<void> {
    return new Promise((resolve) => {
      this.#taker = resolve;
    });
  }

  #wake(): void {
    this.#taker?.();
    this.#taker = undefined;
  }
}
