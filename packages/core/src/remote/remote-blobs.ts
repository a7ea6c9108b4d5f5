import { createHash } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { open, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { Readable, Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { constants, createGunzip, createGzip, gzipSync } from "node:zlib";
import type { Store } from "../store/store.ts";
import type { StoredBlob } from "../store/stored-file.ts";
import { RefusedEntry } from "./remote-entry.ts";
import type { RemoteKeys } from "./remote-keys.ts";
import type { RemoteStorage } from "./remote-storage.ts";

/** Bytes of a file that tell whether it is worth compressing. */
const sampleBytes = 256 << 10;

/** Large files in a remote storage, each as gzip under a key made of its hash. */
export class RemoteBlobs {
  readonly #storage: RemoteStorage;
  readonly #keys: RemoteKeys;
  readonly #store: Store;
  readonly #signal: AbortSignal;

  constructor(storage: RemoteStorage, keys: RemoteKeys, store: Store, signal: AbortSignal) {
    this.#storage = storage;
    this.#keys = keys;
    this.#store = store;
    this.#signal = signal;
  }

  /** Brings a blob into the store. Undefined when the storage has none. @throws RefusedEntry for other bytes */
  async fetch(blob: StoredBlob): Promise<StoredBlob | undefined> {
    const stream = await this.#storage.get(this.#keys.blob(blob.sha256), this.#signal);
    if (!stream) return undefined;
    return this.#inFolder(async (folder) => {
      const file = join(folder, "blob");
      await unpack(stream, blob, file, this.#signal);
      return this.#store.blobs.adopt(file, blob);
    });
  }

  async share(blob: StoredBlob): Promise<"kept" | "read-only"> {
    const key = this.#keys.blob(blob.sha256);
    if (await this.#storage.has(key, this.#signal)) return "kept";
    const path = this.#store.blobs.path(blob);
    return this.#inFolder(async (folder) => {
      const file = join(folder, "blob.gz");
      const level = await compressionFor(path);
      await pipeline(createReadStream(path), createGzip({ level }), createWriteStream(file), {
        signal: this.#signal,
      });
      return this.#storage.put(key, { file, size: (await stat(file)).size }, this.#signal);
    });
  }

  async #inFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
    const folder = await this.#store.workDir();
    try {
      return await work(folder);
    } finally {
      await rm(folder, { recursive: true, force: true }).catch(() => {});
    }
  }
}

async function unpack(
  stream: AsyncIterable<Uint8Array>,
  { sha256, size }: StoredBlob,
  file: string,
  signal: AbortSignal,
): Promise<void> {
  const hash = createHash("sha256");
  let received = 0;
  const meter = new Transform({
    transform(chunk: Uint8Array, _encoding, done) {
      received += chunk.length;
      // The rest may be without end.
      if (received > size) return done(new RefusedEntry("a file is longer than it should be"));
      hash.update(chunk);
      done(null, chunk);
    },
  });
  try {
    await pipeline(Readable.from(stream), createGunzip(), meter, createWriteStream(file), { signal });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw code?.startsWith("Z_") ? new RefusedEntry(`a file cannot be unpacked (${message})`) : error;
  }
  if (received !== size || hash.digest("hex") !== sha256)
    throw new RefusedEntry("the bytes of a file are not those of its hash");
}

/** Quick rather than small; what is compressed already only gets gzip's frame. */
async function compressionFor(path: string): Promise<number> {
  const handle = await open(path, "r");
  try {
    const sample = Buffer.alloc(sampleBytes);
    const { bytesRead } = await handle.read(sample, 0, sampleBytes, 0);
    const packed = gzipSync(sample.subarray(0, bytesRead), { level: constants.Z_BEST_SPEED });
    return packed.length < 0.95 * bytesRead ? constants.Z_BEST_SPEED : constants.Z_NO_COMPRESSION;
  } finally {
    await handle.close();
  }
}
