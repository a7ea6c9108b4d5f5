import type { BuildResult, OutputBase } from "@sbp/core";
import type { Blob } from "@sbp/oci";
import { imageKey, type Pushed, pushImages } from "../push.ts";
import { RegistryClients } from "../registry-clients.ts";
import { EarlyLayers } from "./early-layers.ts";

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
  readonly #early = new EarlyLayers();
  /** What is in the registry, and where. */
  #pushed: { readonly outputs: BuildResult["outputs"]; readonly reference: string } | undefined;
  /** Of the image that is in the registry, or on its way. */
  #key: string | undefined;
  #superseded = new AbortController();
  #working: Promise<void> = Promise.resolve();
  #isBuilding = false;
  #failure: Error | undefined;

  constructor({ plainHttp, onEvent }: PublisherOptions) {
    this.#onEvent = onEvent;
    this.#clients = new RegistryClients(plainHttp);
  }

  /**
   * A build that is on its way replaces files that a push may be about to read. What fails meanwhile is told only when the
   * build has made nothing newer.
   */
  set isBuilding(isBuilding: boolean) {
    this.#isBuilding = isBuilding;
    if (!isBuilding) this.#tellFailure();
  }

  /** Begins to upload the layer that will have this base, where the image that was pushed last had one of the same. */
  async begin(base: OutputBase): Promise<void> {
    const { outputs = [], reference = "" } = this.#pushed ?? {};
    if (!outputs.some(({ kind, path }) => kind === "image-index" && path === base.output)) return;
    const oci = await import("@sbp/oci");
    const { registry, repository } = oci.parseReference(reference);
    const client = this.#clients.of(registry, oci);
    this.#early.begin(base, { client, name: oci.referenceName({ registry, repository }), oci });
  }

  /** Nothing comes of the build that what has begun was for. */
  abandon(): void {
    this.#early.abandon();
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
    this.#working = this.#working.then(() => this.#push(result, superseded.signal));
  }

  /** Cancels what is on its way, and ends all connections. */
  async close(): Promise<void> {
    this.#superseded.abort();
    this.abandon();
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
      this.#pushed = { outputs: result.outputs, reference: pushed.references[0]! };
      this.#onEvent({ type: "pushed", ms: Math.round(performance.now() - started), ...pushed });
    } catch (error) {
      if (signal.aborted) return;
      // The next build tries again, with the same image too.
      this.#key = undefined;
      this.#failure = error as Error;
      if (!this.#isBuilding) this.#tellFailure();
    } finally {
      // What was begun for a newer image stays.
      if (!signal.aborted) this.abandon();
    }
  }

  #tellFailure(): void {
    if (this.#failure) this.#onEvent({ type: "push-failed", error: this.#failure });
    this.#failure = undefined;
  }
}
