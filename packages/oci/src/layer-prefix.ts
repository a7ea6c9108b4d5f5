import { type Compression, type CompressionName, compressionOf } from "./compression.ts";
import { compressed } from "./compression-threads.ts";
import { bytesContent, type Content, fileContent, joinedContent } from "./content.ts";
import type { Digest } from "./digest.ts";
import { malformed } from "./error.ts";
import { type Layer, layerOf } from "./layer.ts";
import { writeWhole } from "./layout.ts";
import { resumableHashes, writeSegments } from "./segment-writer.ts";
import type { KeyedContent } from "./tar-entry.ts";
import { tarParts } from "./tar-write.ts";

/*
 * A layer with one file, of which the first part is the same for many: what they share is made once and kept by the caller,
 * as a file and this description.
 *
 *   tar       directories │ header │ shared content │ rest │ zeros │ padding, end
 *             └──────────── prefix ────────────────┘└────────── tail ───────────┘
 *
 * The header says the file's size, so that must be known before the rest is: the file is filled with zeros up to it.
 * Executables do not mind.
 */

/** How a file is in its layer. */
export interface PrefixFile {
  readonly path: string;
  /** Permission bits. */
  readonly mode: number;
  /** In bytes, of all of the file. */
  readonly size: number;
}

/** Plain JSON: what has to be known of a prefix besides its compressed bytes. */
export interface LayerPrefix {
  readonly file: PrefixFile;
  readonly compression: CompressionName;
  readonly level: number;
  /** What made the compressed bytes. Another version of this package may make others. */
  readonly madeBy: string;
  /** In seconds since 1970. */
  readonly modified: number;
  /** Of the shared content, in bytes. */
  readonly sharedSize: number;
  /** Of the compressed bytes. */
  readonly compressedSize: number;
  readonly diffId: { readonly digest: Digest; readonly state: string };
  readonly digest: { readonly digest: Digest; readonly state: string };
}

/**
 * Writes the compressed bytes of shared content to `path`, whole or not at all: the long part of the work for prefixes of
 * files that begin with it, whatever their names and sizes.
 *
 * @throws what `buildLayer` throws
 */
export async function compressShared(
  shared: Content,
  path: string,
  options: {
    readonly compression?: CompressionName;
    readonly level?: number;
    readonly signal?: AbortSignal | undefined;
  } = {},
): Promise<void> {
  const compression = await compressionOf(options.compression ?? "gzip", options.level);
  await writeWhole(path, compressed(shared, compression, options.signal), options.signal);
}

/**
 * Writes the compressed bytes of a prefix to `path`, whole or not at all.
 *
 * @throws what `buildLayer` throws
 */
export async function buildLayerPrefix(
  file: PrefixFile,
  shared: Content,
  path: string,
  options: {
    readonly compression?: CompressionName;
    readonly level?: number;
    readonly modified?: number;
    /** What `compressShared` made of the shared content, with the same compression and level. */
    readonly compressed?: Content;
    readonly signal?: AbortSignal | undefined;
  } = {},
): Promise<LayerPrefix> {
  const { compression: name = "gzip", modified = 0, signal } = options;
  const compression = await compressionOf(name, options.level);
  const hashes = await resumableHashes();
  const start = Buffer.concat(partsOf(file, modified, shared.size, []).before);
  let compressedSize = 0;
  const chunks = async function* () {
    const members = [
      compressed(bytesContent(start), compression, signal),
      options.compressed?.read() ?? compressed(shared, compression, signal),
    ];
    for (const member of members)
      for await (const bytes of member) {
        hashes.digest.update(bytes);
        compressedSize += bytes.length;
        yield bytes;
      }
  };
  await writeWhole(path, chunks(), signal);
  for (const content of [bytesContent(start), shared])
    for await (const bytes of content.read()) {
      signal?.throwIfAborted();
      hashes.diffId.update(bytes);
    }
  return {
    file,
    compression: name,
    level: compression.level,
    madeBy: compression.id,
    modified,
    sharedSize: shared.size,
    compressedSize,
    diffId: { digest: hashes.diffId.digest(), state: hashes.diffId.state() },
    digest: { digest: hashes.digest.digest(), state: hashes.digest.state() },
  };
}

/**
 * The layer of a prefix, whose compressed bytes are at `path`, and the rest of its file. `tail` is what follows the prefix
 * in the layer's compressed bytes. It is the layer that `buildLayer` makes of the same file with the shared content as
 * a keyed part.
 *
 * @throws RangeError when the rest does not fit into the file's size; OciError OCI_MALFORMED when the description is
 *   damaged, or made by a version that compresses otherwise: then make the prefix again.
 */
export async function completeLayer(
  prefix: LayerPrefix,
  path: string,
  rest: readonly Uint8Array[],
  {
    folder,
    annotations,
    signal,
  }: {
    /** Where the tail is written, as a file that must stay for as long as the layer is used. */
    readonly folder: string;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly signal?: AbortSignal | undefined;
  },
): Promise<Layer & { readonly tail: Content }> {
  const compression: Compression = await compressionOf(prefix.compression, prefix.level);
  const hashes = await resumableHashes();
  const { diffId, digest } = prefix;
  const isWhole =
    compression.id === prefix.madeBy &&
    hashes.diffId.resume(diffId.state, diffId.digest) &&
    hashes.digest.resume(digest.state, digest.digest);
  if (!isWhole) throw malformed(`the prefix ${digest.digest} of a layer is damaged, or of another version`);
  const { after } = partsOf(prefix.file, prefix.modified, prefix.sharedSize, rest);
  const tail = joinedContent(
    await writeSegments(folder, { compression, hashes, signal }, async (writer) => {
      for (const part of after) {
        if (part instanceof Uint8Array) await writer.add(part);
        else for await (const chunk of part.read()) await writer.add(chunk);
      }
    }),
  );
  const start = fileContent(path, { size: prefix.compressedSize });
  return { ...layerOf(prefix.compression, hashes, joinedContent([start, tail]), annotations), tail };
}

/** The archive before and after the shared content. */
function partsOf(
  { path, mode, size }: PrefixFile,
  modified: number,
  sharedSize: number,
  rest: readonly Uint8Array[],
): { readonly before: Uint8Array[]; readonly after: (Uint8Array | Content)[] } {
  const shared: KeyedContent = { ...bytesContent(new Uint8Array()), size: sharedSize, key: "" };
  const zeros = size - rest.reduce((sum, { length }) => sum + length, sharedSize);
  if (!Number.isSafeInteger(zeros) || zeros < 0)
    throw new RangeError(`a file of ${size} bytes has no room for ${size - zeros}`);
  const parts = [
    ...tarParts([{ type: "file", path, mode, content: [shared, ...rest, Buffer.alloc(zeros)] }], modified),
  ];
  const at = parts.indexOf(shared);
  return { before: parts.slice(0, at) as Uint8Array[], after: parts.slice(at + 1) };
}
