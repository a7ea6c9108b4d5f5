/**
 * Frees a range of a loaded segment that nothing reads any more. The whole pages inside it are neither stored nor
 * mapped: the segment becomes two, and what comes behind moves down in the file, not in memory.
 *
 *     before   | segment … ########## … | next segment |
 *     after    | segment … t | … | next segment |            t: the program headers, now one more
 *
 * The program headers are where the range starts, because there is no room for one more where they were. Kernels
 * before 5.18 expect them as far from the first segment in memory as in the file, which holds in front of the hole.
 */

import type { ByteRange } from "../byte-source.ts";
import type { Edit, Patch } from "../edit.ts";
import { unsupported } from "../error.ts";
import { type ElfFile, loadedSegments } from "./elf-file.ts";
import { alignDown, alignUp, hex, view } from "./fields.ts";
import { programHeaderSize } from "./header.ts";
import { type ElfProgramHeader, maxTableSize, segmentType, writeProgramHeader } from "./program-header.ts";
import { planElfStrip } from "./strip.ts";
import { tableHeaderPatches, tailAlignment, tailDistance } from "./template.ts";

const tableAlignment = 8;
// What moves is held in memory: in Node, unwinding tables and writable data of 9 MB.
const maxMoved = 64 * 1024 * 1024;

/**
 * Plans a stripped copy of a program without the bytes of `range`, which lies in one loaded segment. The copy runs as
 * the program did, and can become a template. Parts of pages at the ends of the range stay, as zeros; when the range
 * holds no whole page of 64 KiB, so does all of it.
 *
 * @param patches changes to other bytes, at their offsets in the original file.
 * @throws ExecutableError EXECUTABLE_UNSUPPORTED for layouts in which it cannot be done, or as `planElfStrip`.
 */
export async function planElfHole(
  elf: ElfFile,
  range: ByteRange,
  patches: readonly Patch[] = [],
): Promise<Edit & { readonly removedBytes: number }> {
  const strip = planElfStrip(elf);
  const rangeEnd = range.offset + range.size;
  const holder = loadedSegments(elf).find(
    ({ offset, fileSize }) => offset <= range.offset && rangeEnd <= offset + fileSize,
  );
  if (!holder) throw unsupported("the range to free is not part of one loaded segment", range.offset);
  const distance = holder.address - holder.offset;
  const tableOffset = alignUp(range.offset, tableAlignment);
  const tableSize = (elf.programHeaders.length + 1) * programHeaderSize;
  // In memory: the largest page size counts there.
  const start = alignUp(tableOffset + tableSize + distance, tailAlignment) - distance;
  const end = alignDown(rangeEnd + distance, tailAlignment) - distance;
  const zeros = (from: number, to: number) => ({ offset: from, bytes: new Uint8Array(to - from) });
  if (end <= start) {
    const kept = [...strip.patches, zeros(range.offset, rangeEnd), ...patches];
    return { keep: strip.keep, size: strip.keep, patches: kept, removedBytes: strip.removedBytes };
  }
  if (distance !== tailDistance(elf.programHeaders))
    throw unsupported("the range to free is not as far from the first segment in memory as in the file");
  if (tableSize > maxTableSize) throw unsupported("there is no room for one more program header");
  if (strip.keep - end > maxMoved) throw unsupported(`${strip.keep - end} bytes follow the range to free`);

  const hole = { offset: start, size: end - start };
  const headers = elf.programHeaders.flatMap((header) => headersAround(header, hole, holder));
  const table = new Uint8Array(tableSize);
  for (const [index, header] of headers.entries()) {
    const own = header.type === segmentType.table;
    writeProgramHeader(
      view(table),
      index * programHeaderSize,
      own ? movedTable(header, tableOffset, distance, tableSize) : header,
    );
  }
  const behind = Uint8Array.from(await elf.source.read(end, strip.keep - end));
  behind.fill(0, 0, rangeEnd - end);
  return {
    keep: start,
    size: strip.keep - hole.size,
    removedBytes: strip.removedBytes + hole.size,
    patches: [
      ...strip.patches,
      { offset: start, bytes: behind },
      zeros(range.offset, start),
      { offset: tableOffset, bytes: table },
      ...tableHeaderPatches(tableOffset, headers.length),
      ...patches.map((patch) => movedPatch(patch, range, hole.size, strip.keep)),
    ],
  };
}

/** What becomes of one program header: two when it is the one with the hole. */
function headersAround(
  header: ElfProgramHeader,
  hole: ByteRange,
  holder: ElfProgramHeader,
): readonly ElfProgramHeader[] {
  const { type, offset, fileSize, memorySize, address, physicalAddress, alignment } = header;
  const holeEnd = hole.offset + hole.size;
  if (header === holder) {
    const before = hole.offset - offset;
    const skipped = holeEnd - offset;
    return [
      { ...header, fileSize: before, memorySize: before },
      {
        ...header,
        offset: hole.offset,
        address: address + skipped,
        physicalAddress: physicalAddress + skipped,
        fileSize: fileSize - skipped,
        memorySize: memorySize - skipped,
      },
    ];
  }
  if (type === segmentType.unused || fileSize === 0 || offset + fileSize <= hole.offset) {
    // Without bytes in the file an offset has no meaning, but it must fit the alignment as before.
    return [header];
  }
  if (offset < holeEnd)
    throw unsupported(`the range to free is part of a segment of type ${hex(type)}, too`, hole.offset);
  if (alignment > tailAlignment)
    throw unsupported(`a segment behind the range to free has alignment ${hex(alignment)}`, offset);
  return [{ ...header, offset: offset - hole.size }];
}

function movedTable(
  header: ElfProgramHeader,
  offset: number,
  distance: number,
  size: number,
): ElfProgramHeader {
  const address = offset + distance;
  return { ...header, offset, address, physicalAddress: address, fileSize: size, memorySize: size };
}

function movedPatch({ offset, bytes }: Patch, range: ByteRange, moved: number, end: number): Patch {
  if (offset + bytes.length <= range.offset) return { offset, bytes };
  if (offset >= range.offset + range.size && offset + bytes.length <= end)
    return { offset: offset - moved, bytes };
  throw new RangeError(`${bytes.length} bytes at ${offset} are freed or not part of the stripped program`);
}
