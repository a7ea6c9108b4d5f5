import { pipeline, Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import type { Blob } from "./blob.ts";
import { malformed, OciError, unsupported } from "./error.ts";
import { layerCompression } from "./media-type.ts";
import { readTar, type TarBody, type TarMember } from "./tar-read.ts";

/**
 * What is in a layer, in constant memory. How much that is may be far more than the layer's size lets expect; whoever keeps
 * contents must count.
 *
 * @throws OciError OCI_UNSUPPORTED for blobs that are no layer, OCI_MALFORMED, OCI_DIGEST_MISMATCH
 */
export async function* readLayer(layer: Blob): AsyncGenerator<TarMember & TarBody> {
  const compression = layerCompression(layer.mediaType);
  if (!compression) throw unsupported(`${layer.digest} is no layer but ${layer.mediaType}`);
  const chunks = layer.content.read();
  if (compression === "none") yield* readTar(chunks);
  else yield* readTar(compression === "gzip" ? gunzip(chunks) : unzstd(chunks));
}

async function* gunzip(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const stream = createGunzip({ chunkSize: 256 * 1024 });
  // The error comes out of the stream's end.
  pipeline(Readable.from(chunks), stream, () => {});
  try {
    yield* stream;
  } catch (error) {
    throw asMalformed(error);
  }
}

// Node's own stream for zstd ends with the first frame, and Node 20 has none.
async function* unzstd(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const { Decompress } = await import("fzstd");
  let ready: Uint8Array[] = [];
  const stream = new Decompress((chunk) => {
    ready.push(chunk);
  });
  const push = (chunk: Uint8Array, isLast: boolean): Uint8Array[] => {
    ready = [];
    try {
      stream.push(chunk, isLast);
    } catch (error) {
      throw asMalformed(error);
    }
    return ready;
  };
  // Little at a time: what a chunk becomes is in memory at once.
  for await (const chunk of chunks)
    for (let at = 0; at < chunk.length; at += 65536) yield* push(chunk.subarray(at, at + 65536), false);
  yield* push(new Uint8Array(), true);
}

function asMalformed(error: unknown): unknown {
  const { code, message } = error as NodeJS.ErrnoException;
  if (error instanceof OciError || (typeof code === "string" && !code.startsWith("Z_"))) return error;
  return malformed(`the layer is not compressed as it says: ${message}`);
}
