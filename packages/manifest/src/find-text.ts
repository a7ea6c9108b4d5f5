import type { ByteRange, ByteSource } from "@sbp/executable";

const chunkSize = 1 << 20;
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
  const room = new Uint8Array(chunkSize + longest);
  for (const { offset, size } of ranges)
    for (let at = offset; at < offset + size; at += chunkSize) {
      const bytes = await source.read(at, Math.min(chunkSize + longest, offset + size - at), room);
      const chunk = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
      for (let found = chunk.indexOf(mark, 0, "latin1"); found >= 0; ) {
        const match = pattern.exec(chunk.toString("latin1", found, found + longest));
        if (match?.index === 0) return match[1];
        found = chunk.indexOf(mark, found + 1, "latin1");
      }
    }
  return undefined;
}
