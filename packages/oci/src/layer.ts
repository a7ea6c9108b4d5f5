import { randomUUID } from "node:crypto";
import { type FileHandle, open, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Blob } from "./blob.ts";
import { blockSize, type Compression, type CompressionName, compressionOf } from "./compression.ts";
import { compressed } from "./compression-threads.ts";
import { bytesContent, type Content, fileContent, joinedContent } from "./content.ts";
import { type Digest, digestHex } from "./digest.ts";
import type { LayerCache, LayerState } from "./layer-cache.ts";
import { type LayerHash, plainHash, type ResumableHash, resumableHash } from "./layer-hash.ts";
import { mediaTypes } from "./media-type.ts";
import type { KeyedContent, TarEntry } from "./tar-entry.ts";
import { tarParts } from "./tar-write.ts";

/*
 * A layer is cut into segments: every keyed part is one, and so is everything between two of them. Each is compressed
 * by itself, so the layer's bytes are the same whether a segment comes from the cache or not:
 *
 *   tar         header │ runtime (keyed, 116 MB)      │ the app's tail, other files, end
 *   compressed  member │ member member member …       │ member
 *                        kept in the cache, as a file   written for this layer
 *
 * The two hashes (of the archive and of the compressed bytes) cannot start in the middle. But their states after a keyed
 * segment can be kept, under what came before it, which is little: as long as that is the same, the segment is
 * neither read nor hashed. Before a file's content is its header with its size: see "size" in the README.
 */

/** A layer of an image, and a blob like others. */
export interface Layer extends Blob {
  /** The digest of the uncompressed archive. */
  readonly diffId: Digest;
}

export interface LayerOptions {
  /** `gzip` unless given: everything can read it. */
  readonly compression?: CompressionName;
  /** gzip: 1 to 9, 6 unless given; zstd: 1 to 22, 3 unless given. */
  readonly level?: number;
  /** The time of all entries, in seconds since 1970; 0 unless given. */
  readonly modified?: number;
  /** Where the compressed bytes are written, as one file that must stay for as long as the layer is used. */
  readonly folder: string;
  /** Where keyed parts are kept from layer to layer. */
  readonly cache?: LayerCache;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal | undefined;
}

/**
 * A layer of these entries: the same bytes for the same entries and options on every machine.
 *
 * @throws OciError OCI_PATH_INVALID; RangeError for modes, owners, times and levels that do not exist; what the file
 *   system says, for instance that a disk is full: then nothing is left behind.
 */
export async function buildLayer(entries: readonly TarEntry[], options: LayerOptions): Promise<Layer> {
  const { compression: name = "gzip", level, modified = 0, folder, cache, annotations, signal } = options;
  const compression = await compressionOf(name, level);
  const work = join(folder, `.layer-${randomUUID()}.tmp`);
  const file = await open(work, "wx");
  try {
    const hashes = cache ? await resumableHashes() : { diffId: plainHash(), digest: plainHash() };
    const writer = new SegmentWriter(compression, hashes, file, signal);
    for (const part of tarParts(entries, modified)) {
      signal?.throwIfAborted();
      if (part instanceof Uint8Array) await writer.add(part);
      else if (!isKeyed(part)) for await (const chunk of part.read()) await writer.add(chunk);
      else if (!cache) await writer.addAlone(part);
      else await addCached(writer, part, cache);
    }
    await writer.endSegment();
    await file.close();
    const digest = hashes.digest.digest();
    // Parts of the same layer may be in a cache or not, so the digest alone does not name what is in this file.
    const path = join(folder, `${digestHex(digest)}.${writer.size}`);
    await rename(work, path);
    const content = joinedContent(writer.placed(path));
    return {
      mediaType: mediaTypes.layer[name],
      digest,
      size: content.size,
      content,
      diffId: hashes.diffId.digest(),
      annotations,
    };
  } catch (error) {
    await file.close().catch(() => {});
    await rm(work, { force: true });
    throw error;
  }
}

interface Hashes<Hash extends LayerHash = LayerHash> {
  /** Of the archive. */
  readonly diffId: Hash;
  /** Of the compressed bytes. */
  readonly digest: Hash;
}

async function resumableHashes(): Promise<Hashes<ResumableHash>> {
  return { diffId: await resumableHash(), digest: await resumableHash() };
}

const isKeyed = (part: Content): part is KeyedContent => "key" in part;

const isResumable = (hashes: Hashes): hashes is Hashes<ResumableHash> => "resume" in hashes.digest;

/** A segment of its own, whose bytes come from the cache or go there. */
async function addCached(writer: SegmentWriter, part: KeyedContent, cache: LayerCache): Promise<void> {
  await writer.endSegment();
  const { compression, hashes, signal } = writer;
  const id = JSON.stringify([compression.id, part.key, part.size]);
  const segment =
    (await cache.segment(id)) ?? (await cache.keepSegment(id, compressed(part, compression, signal)));
  const content = fileContent(segment.path, { size: segment.size });
  writer.place(content);
  if (!isResumable(hashes)) return hashWhole(hashes, part, content, signal);
  const stateId = JSON.stringify([id, hashes.diffId.digest(), hashes.digest.digest()]);
  if (resume(hashes, await cache.state(stateId))) return;
  await hashWhole(hashes, part, content, signal);
  await cache.keepState(stateId, { diffId: kept(hashes.diffId), digest: kept(hashes.digest) });
}

const kept = (hash: ResumableHash) => ({ digest: hash.digest(), state: hash.state() });

/** Both or neither. */
function resume(hashes: Hashes<ResumableHash>, state: LayerState | undefined): boolean {
  if (!state) return false;
  const before = kept(hashes.diffId);
  if (!hashes.diffId.resume(state.diffId.state, state.diffId.digest)) return false;
  if (hashes.digest.resume(state.digest.state, state.digest.digest)) return true;
  hashes.diffId.resume(before.state, before.digest);
  return false;
}

async function hashWhole(
  hashes: Hashes,
  part: Content,
  content: Content,
  signal?: AbortSignal,
): Promise<void> {
  for (const [hash, bytes] of [
    [hashes.diffId, part],
    [hashes.digest, content],
  ] as const)
    for await (const chunk of bytes.read()) {
      signal?.throwIfAborted();
      hash.update(chunk);
    }
}

/** Cuts, compresses, hashes, and remembers where the compressed bytes are. */
class SegmentWriter {
  readonly compression: Compression;
  readonly hashes: Hashes;
  readonly signal: AbortSignal | undefined;
  readonly #file: FileHandle;
  /** What is in the layer's own file is there by size alone: in order, without gaps. */
  readonly #placed: (Content | number)[] = [];
  #waiting: Uint8Array[] = [];
  #length = 0;

  constructor(compression: Compression, hashes: Hashes, file: FileHandle, signal: AbortSignal | undefined) {
    this.compression = compression;
    this.hashes = hashes;
    this.signal = signal;
    this.#file = file;
  }

  async add(bytes: Uint8Array): Promise<void> {
    for (let rest = bytes; rest.length > 0; ) {
      const taken = rest.subarray(0, blockSize - this.#length);
      this.#waiting.push(taken);
      this.#length += taken.length;
      rest = rest.subarray(taken.length);
      if (this.#length === blockSize) await this.endSegment();
    }
  }

  /** A segment of its own, without a cache. */
  async addAlone(part: Content): Promise<void> {
    await this.endSegment();
    for await (const chunk of part.read()) await this.add(chunk);
    await this.endSegment();
  }

  async endSegment(): Promise<void> {
    if (this.#length === 0) return;
    this.signal?.throwIfAborted();
    const block = Buffer.concat(this.#waiting);
    this.#waiting = [];
    this.#length = 0;
    const bytes = this.compression.compress(block);
    this.hashes.diffId.update(block);
    this.hashes.digest.update(bytes);
    await this.#file.writeFile(bytes);
    this.#placed.push(bytes.length);
  }

  /** Of the layer's own file, in bytes. */
  get size(): number {
    return this.#placed.reduce((sum: number, part) => (typeof part === "number" ? sum + part : sum), 0);
  }

  place(content: Content): void {
    this.#placed.push(content);
  }

  /** All of the layer's compressed bytes, its own file being at `path`. */
  placed(path: string): Content[] {
    let offset = 0;
    const parts: Content[] = [];
    for (const part of this.#placed) {
      if (typeof part !== "number") parts.push(part);
      else {
        parts.push(fileContent(path, { offset, size: part }));
        offset += part;
      }
    }
    return parts.length > 0 ? parts : [bytesContent(new Uint8Array())];
  }
}
