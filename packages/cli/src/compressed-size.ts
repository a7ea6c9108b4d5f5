import { createReadStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";

/** The bytes that files take when they are compressed by gzip, by path. Read as streams, one after another. */
export async function compressedSizes(paths: readonly string[]): Promise<Map<string, number>> {
  const sizes = new Map<string, number>();
  for (const path of paths) {
    let bytes = 0;
    await pipeline(createReadStream(path), createGzip(), async (chunks: AsyncIterable<Buffer>) => {
      for await (const chunk of chunks) bytes += chunk.length;
    });
    sizes.set(path, bytes);
  }
  return sizes;
}
