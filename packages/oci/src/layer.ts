import type { Blob } from "./blob.ts";
import { type CompressionName, compressionOf } from "./compression.ts";
import { compressed } from "./compression-threads.ts";
import { type Content, fileContent, joinedContent } from "./content.ts";
import type { Digest } from "./digest.ts";
import type { LayerCache, LayerState } from "./layer-cache.ts";
import type { ResumableHash } from "./layer-hash.ts";
import { mediaTypes } from "./media-type.ts";
import {
  type Hashes,
  plainHashes,
  resumableHashes,
  type SegmentWriter,
  writeSegments,
} from "./segment-writer.ts";
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
  const hashes = cache ? await resumableHashes() : plainHashes();
  const parts = await writeSegments(folder, { compression, hashes, signal }, async (writer) => {
    for (const part of tarParts(entries, modified)) {
      signal?.throwIfAborted();
      if (part instanceof Uint8Array) await writer.add(part);
      else if (!isKeyed(part)) for await (const chunk of part.read()) await writer.add(chunk);
      else if (!cache) await writer.addAlone(part);
      else await addCached(writer, part, cache);
    }
  });
  return layerOf(name, hashes, joinedContent(parts), annotations);
}

/** What was written, as a value. */
export function layerOf(
  compression: CompressionName,
  hashes: Hashes,
  content: Content,
  annotations?: Readonly<Record<string, string>>,
): Layer {
  return {
    mediaType: mediaTypes.layer[compression],
    digest: hashes.digest.digest(),
    size: content.size,
    content,
    diffId: hashes.diffId.digest(),
    annotations,
  };
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
