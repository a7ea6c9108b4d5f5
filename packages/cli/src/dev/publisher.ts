import type { BuildResult, OutputBase } from "@sbp/core";
import type { Blob } from "@sbp/oci";
import { EarlyLayers } from "../early-layers.ts";
import { imageKey, type Pushed, pushImages } from "../push.ts";
import { RegistryClients } from "../registry-clients.ts";

export type PublisherEvent =
  | ({ readonly type: "pushed"; readonly ms: number } & Pushed)
  | { readonly type: "push-failed"; readonly error: Error };

export interface PublisherOptions {
  /** Speak to the registry without TLS. */
  readonly plainHttp: boolean;
  readonly onEvent: (event: PublisherEvent) => void;
}

/**
 * Brings the images of builds to their registry, one push at a time and only the newest: what a newer image overtakes is
 * cancelled, which leaves nothing but blobs, since tags move last.
 */
export class Publisher {
  readonly #onEvent: (event: PublisherEvent) => void;
  readonly #clients: RegistryClients;
  readonly #early: EarlyLayers;
  /** Where images go, once the first is there. */
  #reference: string | undefined;
  /** Of the image that is in the registry, or on its way. */
  #key: string | undefined;
  #superseded = new AbortController();
  #working: Promise<void> = Promise.resolve();
  #isBuilding = false;
  /** Pushes that have not ended. */
  #pushing = 0;
  #failure: Error | undefined;

  constructor({ plainHttp, onEvent }: PublisherOptions) {
    this.#onEvent = onEvent;
    this.#clients = new RegistryClients(plainHttp);
    this.#early = new EarlyLayers(this.#clients);
  }

  /**
   * A build that is on its way replaces files that a push may be about to read. What fails meanwhile is told only when the
   * build has made nothing newer.
   */
  set isBuilding(isBuilding: boolean) {
    this.#isBuilding = isBuilding;
    if (!isBuilding) this.#tellFailure();
  }

  /** An output of the build that is on its way will have this base. While a push goes on, a second one would take its time. */
  begin(base: OutputBase): void {
    if (this.#reference !== undefined && this.#pushing === 0) void this.#early.begin(base, this.#reference);
  }

  /** Nothing comes of the build that what has begun was for. A push that goes on may be about to take it, and ends what it leaves. */
  abandon(): void {
    if (this.#pushing === 0) this.#early.abandon();
  }

  /** Pushes what was built, where it is another image than the last one. Its end is an event. */
  push(result: BuildResult): void {
    const key = imageKey(result);
    if (key !== undefined && key === this.#key) {
      this.abandon();
      return;
    }
    this.#key = key;
    this.#failure = undefined;
    this.#superseded.abort();
    const superseded = new AbortController();
    this.#superseded = superseded;
    this.#pushing++;
    this.#working = this.#working.then(() => this.#push(result, superseded.signal));
  }

  /** Cancels what is on its way, and ends all connections. */
  async close(): Promise<void> {
    this.#superseded.abort();
    this.#early.abandon();
    await this.#working;
    await this.#clients.close();
  }

  async #push(result: BuildResult, signal: AbortSignal): Promise<void> {
    const started = performance.now();
    try {
      signal.throwIfAborted();
      const early = (blob: Blob) => this.#early.take(blob, result.outputs);
      const request = { reference: undefined, dryRun: false, signal, early, onBlob: () => {} };
      const pushed = await pushImages(result, request, this.#clients);
      this.#reference = pushed.references[0];
      this.#onEvent({ type: "pushed", ms: Math.round(performance.now() - started), ...pushed });
    } catch (error) {
      if (signal.aborted) return;
      // The next build tries again, with the same image too.
      this.#key = undefined;
      this.#failure = error as Error;
      if (!this.#isBuilding) this.#tellFailure();
    } finally {
      this.#pushing--;
      // What was begun for a newer image stays.
      if (!signal.aborted) this.abandon();
    }
  }

  #tellFailure(): void {
    if (this.#failure) this.#onEvent({ type: "push-failed", error: this.#failure });
    this.#failure = undefined;
  }
}
