import type { BuildEvent, EventSink } from "./event.ts";

/**
 * Passes events on until their listener throws: what is being built does not suffer from who watches it. The error
 * is kept for the end.
 */
export class EventGuard {
  #listener: EventSink | undefined;
  #failure: { readonly error: unknown } | undefined;

  constructor(listener: EventSink | undefined) {
    this.#listener = listener;
  }

  readonly emit = (event: BuildEvent): void => {
    try {
      this.#listener?.(event);
    } catch (error) {
      this.#listener = undefined;
      this.#failure = { error };
    }
  };

  /** Throws what the listener has thrown. */
  end(): void {
    if (this.#failure) throw this.#failure.error;
  }
}
