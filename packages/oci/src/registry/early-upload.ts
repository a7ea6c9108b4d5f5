import type { Blob } from "../blob.ts";
import type { Content } from "../content.ts";
import { locationOf, pushScope, startUpload } from "./blobs.ts";
import type { Session } from "./session.ts";
import { arrivedOf, endUpload } from "./upload.ts";

/**
 * An upload of a blob that begins before all of the blob is there: how it begins is known, and sent, while the rest is being
 * made. Its length is not told (RFC 9112, chunked transfer coding), which registries know from Docker.
 *
 * What goes wrong with it is no failure: the blob is uploaded like any other then.
 */
export class EarlyUpload {
  readonly #session: Session;
  readonly #repository: string;
  readonly #start: Content;
  readonly #abandoned = new AbortController();
  readonly #rest: Promise<AsyncIterable<Uint8Array>>;
  #giveRest: (rest: AsyncIterable<Uint8Array>) => void = () => {};
  /** Where the upload goes on when all has arrived, and how much that is, if the registry says it. */
  readonly #sent: Promise<{ readonly location: URL; readonly arrived: number | undefined } | undefined>;

  /** Begins at once. `start` must stay as it is until the upload is finished or abandoned. */
  constructor(session: Session, repository: string, start: Content) {
    this.#session = session;
    this.#repository = repository;
    this.#start = start;
    this.#rest = new Promise((resolve) => {
      this.#giveRest = resolve;
    });
    this.#sent = this.#send().catch(() => undefined);
  }

  /** Sends the rest. Whether the repository has the blob now. Throws the signal's reason. */
  async finish(blob: Blob, signal: AbortSignal | undefined): Promise<boolean> {
    if (blob.size < this.#start.size) {
      this.abandon();
      return false;
    }
    const abandon = () => this.abandon();
    signal?.addEventListener("abort", abandon, { once: true });
    try {
      this.#giveRest(blob.content.read(this.#start.size, blob.size));
      const sent = await this.#sent;
      signal?.throwIfAborted();
      if (!sent || (sent.arrived ?? blob.size) !== blob.size) return false;
      await endUpload(this.#session, this.#repository, blob, sent.location, signal);
      return true;
    } catch {
      signal?.throwIfAborted();
      return false;
    } finally {
      signal?.removeEventListener("abort", abandon);
    }
  }

  /** Breaks it off. Nothing of it is in the repository. */
  abandon(): void {
    this.#abandoned.abort();
  }

  async #send() {
    const { signal } = this.#abandoned;
    const { location } = await startUpload(this.#session, this.#repository, signal);
    const answer = await this.#session.callOnce({
      method: "PATCH",
      url: location,
      headers: { "content-type": "application/octet-stream" },
      body: { chunks: this.#chunks() },
      scopes: [pushScope(this.#repository)],
      signal,
    });
    if (answer.status !== 202) throw await this.#session.failure(answer, "an upload");
    await answer.discard();
    return { location: locationOf(answer), arrived: arrivedOf(answer) };
  }

  async *#chunks(): AsyncGenerator<Uint8Array> {
    yield* this.#start.read();
    yield* await this.#rest;
  }
}
