import type { ByteRange, ByteSource } from "@sbp/executable";

const chunkSize = 1 << 20;
/** Bytes of all ranges, which may overlap: four times the largest runtime. */
const longestSearch = 1 << 30;
/** A runtime has a few texts that begin like its version; a file that is full of them has none. */
const mostTries = 10_000;
/** Bytes of a match at most. */
const longest = 256;

/**
 * What a pattern's first group finds first in ranges of a file, read one piece after the other. `mark` is a text that every match
 * begins with; matches are shorter than 256 bytes.
 */
export async function findText(
  source: ByteSource,
  ranges: readonly ByteRange[],
  { mark, pattern }: { readonly mark: string; readonly pattern: RegExp },
): Promise<string | undefined> {
  let tries = 0;
  let read = 0;
  const room = new Uint8Array(chunkSize + longest);
  for (const { offset, size } of ranges)
    for (let at = offset; at < offset + size; at += chunkSize) {
      if (read >= longestSearch) return undefined;
      const bytes = await source.read(at, Math.min(chunkSize + longest, offset + size - at), room);
      read += bytes.length;
      const chunk = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
      for (let found = chunk.indexOf(mark, 0, "latin1"); found >= 0; ) {
        const match = pattern.exec(chunk.toString("latin1", found, found + longest));
        if (match?.index === 0) return match[1];
        if (++tries === mostTries) return undefined;
        found = chunk.indexOf(mark, found + 1, "latin1");
      }
    }
  return undefined;
}
