/** Chained fixups (mach-o/fixup-chains.h): the places that the dynamic linker fills with addresses, by segment. */

import { alignUp, view } from "../elf/fields.ts";
import { malformed, unsupported } from "../error.ts";

// struct dyld_chained_fixups_header
const headerSize = 28;
const headerFields = { version: 0, starts: 4, imports: 8, symbols: 12 } as const;

/**
 * The fixups of a file that gets one more segment before its last, both without fixups. dyld compares the number of
 * segments that is written here with that of the load commands and refuses the file when they differ.
 *
 * @param segmentCount before the new one
 * @throws ExecutableError EXECUTABLE_MALFORMED or EXECUTABLE_UNSUPPORTED.
 */
export function addSegmentToFixups(fixups: Uint8Array, segmentCount: number, fileOffset: number): Uint8Array {
  const data = view(fixups);
  const bad = (what: string) => malformed(`the chained fixups ${what}`, fileOffset);
  if (fixups.length < headerSize) throw bad("are cut short");
  if (data.getUint32(headerFields.version, true) !== 0)
    throw unsupported(`chained fixups of version ${data.getUint32(headerFields.version, true)}`, fileOffset);
  // struct dyld_chained_starts_in_image: a count, then for each segment the offset of its own structure or 0.
  const starts = data.getUint32(headerFields.starts, true);
  const tableEnd = starts + 4 + 4 * segmentCount;
  const order = [headerSize, starts, tableEnd, data.getUint32(headerFields.imports, true)];
  order.push(data.getUint32(headerFields.symbols, true), fixups.length);
  if (order.some((at, index) => index > 0 && at < order[index - 1]!)) throw bad("are not in order");
  if (data.getUint32(starts, true) !== segmentCount) throw bad("are for another number of segments");
  const segmentStarts = Array.from({ length: segmentCount }, (_, index) =>
    data.getUint32(starts + 4 + 4 * index, true),
  );
  if (segmentStarts.at(-1) !== 0) throw unsupported("the last segment has fixups", fileOffset);
  const used = segmentStarts.filter((start) => start !== 0);
  if (used.some((start) => start < tableEnd - starts || start >= order[3]! - starts))
    throw bad("have a segment's part outside");

  // The structures are aligned to 8 bytes: the new entry may fit before the first, else all of them move by 8.
  const room = starts + Math.min(...used, order[3]! - starts) - tableEnd;
  const shift = room >= 4 ? 0 : 8;
  const result = new Uint8Array(alignUp(fixups.length + shift, 8));
  const output = view(result);
  result.set(fixups.subarray(0, tableEnd));
  result.set(fixups.subarray(tableEnd), tableEnd + shift);
  result.fill(0, tableEnd, tableEnd + 4);
  for (const field of [headerFields.imports, headerFields.symbols])
    output.setUint32(field, data.getUint32(field, true) + shift, true);
  output.setUint32(starts, segmentCount + 1, true);
  for (const [index, start] of segmentStarts.entries())
    if (start !== 0) output.setUint32(starts + 4 + 4 * index, start + shift, true);
  return result;
}
