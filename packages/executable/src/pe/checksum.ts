/**
 * The checksum of a PE file, as CheckSumMappedFile of imagehlp.dll computes it: the 16-bit words of the file, its own
 * field taken as 0, added with end-around carry, plus the file's size. Such a sum is one modulo 0xffff, so that the
 * parts of a file can be added in any order: a template's sum is kept, and only what is new is read.
 */

import type { ByteRange, ByteSource } from "../byte-source.ts";
import { view } from "../elf/fields.ts";
import { headerFields } from "./header.ts";
import type { PeFile } from "./pe-file.ts";

export const chunkSize = 1024 * 1024;

/** The sum modulo 0xffff of bytes that start at `offset` of a file. */
export function wordSum(bytes: Uint8Array, offset = 0): number {
  let sum = 0;
  for (let start = 0; start < bytes.length; start += chunkSize)
    sum += evenSum(bytes.subarray(start, start + chunkSize));
  // From an odd offset on, each byte is in the other half of its word.
  return (offset % 2 === 0 ? sum : sum * 256) % 0xffff;
}

/** The sum modulo 0xffff of a range of a file, read a megabyte at a time. */
export async function rangeSum(source: ByteSource, { offset, size }: ByteRange): Promise<number> {
  let sum = 0;
  for (let at = offset; at < offset + size; at += chunkSize)
    sum += wordSum(await source.read(at, Math.min(chunkSize, offset + size - at)), at);
  return sum % 0xffff;
}

/** The checksum of a file of `size` bytes whose sum without the checksum's own field is `sum`. */
export function checksumOf(sum: number, size: number): number {
  // End-around carry never makes 0 of what is not all zeros.
  return ((sum % 0xffff || 0xffff) + size) % 2 ** 32;
}

/** What the checksum of a file must be; `header.checksum` says what it is. Reads the whole file. */
export async function computePeChecksum({
  source,
  header,
}: Pick<PeFile, "source" | "header">): Promise<number> {
  const field = header.offset + headerFields.checksum;
  const before = await rangeSum(source, { offset: 0, size: field });
  const after = await rangeSum(source, { offset: field + 4, size: source.size - field - 4 });
  return checksumOf(before + after, source.size);
}

/** Of at most a megabyte. Since 2^16 is 1 modulo 0xffff, 32-bit words have the same sum as their halves. */
function evenSum(bytes: Uint8Array): number {
  const data = view(bytes);
  const whole = bytes.length - (bytes.length % 4);
  let sum = 0;
  for (let at = 0; at < whole; at += 4) sum += data.getUint32(at, true);
  for (let at = whole; at < bytes.length; at++) sum += bytes[at]! * (at % 2 === 0 ? 1 : 256);
  return sum % 0xffff;
}
