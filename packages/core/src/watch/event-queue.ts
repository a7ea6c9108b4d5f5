/** Values that are put in at any time and taken out one by one, in order, by a single reader. */
export class EventQueue<Value> {
  readonly #values: Value[] = [];
  #taker: PromiseWithResolvers | undefined;
  #isEnded = false;
  #failure: { readonly error: unknown } | undefined;

  put(value: Value): void {
    if (this.#isEnded) return;
    this.#values.push(value);
    this.#wake();
  }

  /** No more come: the reader ends when it has all, with the error if there is one. */
  end(failure?: { readonly error: unknown }): void {
    this.#isEnded = true;
    this.#failure ??= failure;
    this.#wake();
  }

  /** The next value; undefined at the end. */
  async take(): Promise<{ readonly value: Value } | undefined> {
    while (this.#values.length === 0 && !this.#isEnded) await this.#waiting();
    if (this.#values.length > 0) return { value: this.#values.shift()! };
    if (this.#failure) throw this.#failure.error;
    return undefined;
  }

  #waiting(): Promise<void> {
    return new Promise((resolve) => {
      this.#taker = { resolve };
    });
  }

  #wake(): void {
    this.#taker?.resolve();
    this.#taker = undefined;
  }
}

interface PromiseWithResolvers {
  readonly resolve: () => void;
}
