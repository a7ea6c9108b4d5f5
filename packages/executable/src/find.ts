import type { ByteRange, ByteSource } from "./byte-source.ts";
import { ExecutableError } from "./error.ts";

const chunkSize = 1024 * 1024;
const maxPatternSize = 64 * 1024;

/**
 * The offset of the only occurrence of `pattern` that lies wholly inside one of `ranges` (the whole file unless
 * given). Reads a megabyte at a time.
 *
 * @throws ExecutableError EXECUTABLE_PATTERN_MISSING or EXECUTABLE_PATTERN_REPEATED.
 */
export async function findUnique(
  source: ByteSource,
  pattern: Uint8Array,
  ranges: readonly ByteRange[] = [{ offset: 0, size: source.size }],
): Promise<number> {
  if (pattern.length === 0 || pattern.length > maxPatternSize)
    throw new RangeError(`a pattern has 1 to ${maxPatternSize} bytes, not ${pattern.length}`);
  let found: number | undefined;
  for (const range of ranges) {
    for await (const offset of occurrences(source, pattern, range)) {
      // Ranges may overlap: the same place again is not a second one.
      if (found !== undefined && found !== offset)
        throw new ExecutableError(
          "EXECUTABLE_PATTERN_REPEATED",
          `${printable(pattern)} is there more than once`,
          offset,
        );
      found = offset;
    }
  }
  if (found === undefined)
    throw new ExecutableError("EXECUTABLE_PATTERN_MISSING", `${printable(pattern)} is not there`);
  return found;
}

async function* occurrences(source: ByteSource, pattern: Uint8Array, range: ByteRange) {
  const end = range.offset + range.size;
  // Chunks overlap by one byte less than the pattern: an occurrence across a boundary is seen, and seen once.
  const step = chunkSize - (pattern.length - 1);
  for (let start = range.offset; start + pattern.length <= end; start += step) {
    const bytes = await source.read(start, Math.min(chunkSize, end - start));
    const chunk = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    for (let at = chunk.indexOf(pattern); at >= 0; at = chunk.indexOf(pattern, at + 1)) yield start + at;
  }
}

function printable(pattern: Uint8Array): string {
  const text = Buffer.from(pattern.subarray(0, 64)).toString("latin1");
  return JSON.stringify(text.replace(/[^\x20-\x7e]/g, ".")) + (pattern.length > 64 ? "…" : "");
}
