/**
 * A template is a runtime to which any payload can be appended without changing a byte of it, so that its SHA-256
 * state, its image layer and its pages in the cache are the same for every app:
 *
 *     0                                        T                                  file offset
 *     | ELF header | segments … | zeros (hole) | program headers | note: payload |
 *     '------------- template -----------------'--------------- tail ------------'
 *
 * What depends on the payload's size is the program header table, hence it is the first thing of the tail, and the
 * template's ELF header points there already (e_phoff = T). Kernels before 5.18 tell the program where the table is
 * by adding e_phoff to the distance between address and offset of the first PT_LOAD, and qemu does so with the
 * smallest such distance. So the tail is mapped at exactly that distance, above everything else, which is what the
 * hole makes room for.
 *
 * A runtime whose own segments leave a gap in memory (see `planElfHole`) is smaller in the file than in memory, and
 * such a hole would be as large as the gap. But then that address is often inside the gap. There is room for the
 * table, though not for any payload: the tail is mapped by two segments, the table there, the note above everything
 * else. The note's segment starts behind the table in the file, so that only one segment has the table; kernels from
 * 5.18 on look for that one.
 */

import type { Edit, Patch } from "../edit.ts";
import { ExecutableError, unsupported } from "../error.ts";
import { type ElfFile, loadedSegments } from "./elf-file.ts";
import { alignDown, alignUp, hex, writeWord } from "./fields.ts";
import { headerFields, headerSize, programHeaderSize } from "./header.ts";
import { sectionPatches } from "./package-note.ts";
import { type ElfProgramHeader, maxAddress, maxTableSize, segmentType } from "./program-header.ts";
import { planElfStrip } from "./strip.ts";

/** What `elfTail` must know of a template. Plain JSON: keep it beside the template, read it back with `parseElfTemplate`. */
export interface ElfTemplate {
  readonly format: "elf";
  /** Of the template in bytes: the tail's offset in the executable. */
  readonly size: number;
  /** The tail's virtual address. */
  readonly address: number;
  /**
   * The tail's virtual address as far as the note is concerned, when the program headers alone are at `address`.
   */
  readonly noteAddress?: number;
  /** The name of the note that holds the payload. */
  readonly noteName: string;
  /** Tails come with a section table and a note for other tools (package-note.ts). */
  readonly packageNote?: true;
  /** The runtime's own table, before the tail's segments come in. */
  readonly programHeaders: readonly ElfProgramHeader[];
}

export interface ElfTemplateOptions {
  /** 1 to 64 printable ASCII characters; the runtime looks for its payload under this name. */
  readonly noteName: string;
  /** Tails will have a note with name and version for other tools. */
  readonly packageNote?: boolean;
  /** Changes to the runtime's own bytes, such as a fuse to flip. */
  readonly patches?: readonly Patch[];
}

/** The largest page size of the two machines: AArch64 kernels may use 64 KiB. */
export const tailAlignment = 0x10000;

const smallestPage = 0x1000;
// The hole spans the runtime's .bss (less than 1 MiB in Node). A file that asks for much more is not one.
const maxHole = 256 * 1024 * 1024;
/** Leaves room for the largest payload (2^32 bytes) and what surrounds it. */
export const maxTailAddress = maxAddress - 2 ** 33;

/**
 * Plans the template of a runtime: stripped, with room for the tail. The template alone is no valid ELF file, since
 * its program headers come with the tail.
 *
 * @throws ExecutableError EXECUTABLE_UNSUPPORTED for layouts that a tail does not fit (position-independent, segments
 *   that share a page, too many program headers, …); EXECUTABLE_PAYLOAD_EXISTS.
 */
export function planElfTemplate(
  elf: ElfFile,
  { noteName, packageNote = false, patches = [] }: ElfTemplateOptions,
): { readonly edit: Edit; readonly template: ElfTemplate } {
  if (!isNoteName(noteName)) throw new RangeError(`not a name for a note: ${JSON.stringify(noteName)}`);
  const { header, programHeaders } = elf;
  if (header.type !== "executable")
    throw unsupported("position-independent executables cannot be templates, only those of type EXEC", 0x10);
  const existing = elf.notes.find(({ name }) => name === noteName);
  if (existing)
    throw new ExecutableError(
      "EXECUTABLE_PAYLOAD_EXISTS",
      `the file already holds a payload ${noteName}`,
      existing.description.offset,
    );
  const problem = layoutProblem(programHeaders, packageNote);
  if (problem !== undefined) throw unsupported(problem);

  const strip = planElfStrip(elf);
  const place = {
    ...placeTail(programHeaders, strip.keep, packageNote),
    ...(packageNote && { packageNote }),
  };
  const { size } = place;
  if (size - strip.keep > maxHole)
    throw unsupported(`${size - strip.keep} bytes of zeros would be needed before the payload`);
  if (Math.max(place.address, place.noteAddress ?? 0) > maxTailAddress)
    throw unsupported("there is no room above the last segment");
  for (const { offset, bytes } of patches) {
    if (offset < headerSize || offset + bytes.length > strip.keep)
      throw new RangeError(`${bytes.length} bytes at ${offset} are not part of the stripped runtime`);
  }
  const template: ElfTemplate = { format: "elf", ...place, noteName, programHeaders };
  const headerCount = programHeaders.length + addedHeaders(place);
  const table = tableHeaderPatches(size, headerCount);
  // In place of the patches that take the section table away.
  const sections = packageNote
    ? sectionPatches(size + headerCount * programHeaderSize, programHeaders)
    : strip.patches;
  const edit = { keep: strip.keep, size, patches: [...sections, ...table, ...patches] };
  return { edit, template };
}

/** Where a tail goes, in the file and in memory. */
export type TailPlace = Pick<ElfTemplate, "size" | "address" | "noteAddress" | "packageNote">;

/** The entries that a tail adds: its PT_LOADs and its PT_NOTEs. */
export function addedHeaders({ noteAddress, packageNote }: Omit<TailPlace, "size" | "address">): number {
  return 2 + (noteAddress === undefined ? 0 : 1) + (packageNote ? 1 : 0);
}

/** The first place for a tail behind the first `keep` bytes of a file. */
function placeTail(headers: readonly ElfProgramHeader[], keep: number, packageNote: boolean): TailPlace {
  const distance = tailDistance(headers);
  const end = memoryEnd(headers);
  const size = alignUp(keep, tailAlignment);
  const address = size + distance;
  const noteAddress = alignUp(end, tailAlignment);
  const count = headers.length + addedHeaders({ noteAddress, ...(packageNote && { packageNote }) });
  if (isGap(headers, address) && count * programHeaderSize <= maxTableSize)
    return { size, address, noteAddress };
  const above = alignUp(Math.max(keep, end - distance), tailAlignment);
  return { size: above, address: above + distance };
}

/** Whether an address is between two segments, with 64 KiB of room. */
export function isGap(headers: readonly ElfProgramHeader[], address: number): boolean {
  const loads = loadedSegments({ programHeaders: headers });
  const next = loads.findIndex((load) => load.address > address);
  if (next < 1) return false;
  const previous = loads[next - 1]!;
  return (
    alignUp(previous.address + previous.memorySize, tailAlignment) <= address &&
    address + tailAlignment <= alignDown(loads[next]!.address, tailAlignment)
  );
}

/** Why no tail can be added to these segments; undefined if one can. */
export function layoutProblem(
  headers: readonly ElfProgramHeader[],
  packageNote: boolean,
): string | undefined {
  const loads = loadedSegments({ programHeaders: headers });
  if (loads.length === 0) return "the file has no segment to load";
  const added = addedHeaders(packageNote ? { packageNote } : {});
  if ((headers.length + added) * programHeaderSize > maxTableSize)
    return `${headers.length} program headers leave no room for ${added} more in ${maxTableSize} bytes`;
  const distance = tailDistance(headers);
  if (distance < 0 || distance % tailAlignment !== 0)
    return `the first segment's address is ${hex(distance)} above its offset, which is no multiple of 64 KiB`;
  if (memoryEnd(headers) > maxTailAddress) return "there is no room above the last segment";

  // Kernels before 5.4 refuse segments that share a page.
  const page = segmentPage(loads);
  for (let index = 1; index < loads.length; index++) {
    const previous = loads[index - 1]!;
    if (alignUp(previous.address + previous.memorySize, page) > alignDown(loads[index]!.address, page))
      return `two segments share the page at ${hex(alignDown(loads[index]!.address, page))}`;
  }
  return undefined;
}

/** The page size that a program was linked for. */
export function segmentPage(headers: readonly ElfProgramHeader[]): number {
  const loads = headers.filter(({ type }) => type === segmentType.load);
  const smallest = Math.min(...loads.map(({ alignment }) => alignment));
  return Math.min(tailAlignment, Math.max(smallestPage, smallest));
}

/** By how much addresses exceed file offsets in the first PT_LOAD, and hence in the tail. */
export function tailDistance(headers: readonly ElfProgramHeader[]): number {
  const first = headers.find(({ type }) => type === segmentType.load)!;
  return first.address - first.offset;
}

/** The first address above all segments, .bss included. */
export function memoryEnd(headers: readonly ElfProgramHeader[]): number {
  const last = headers.findLast(({ type }) => type === segmentType.load)!;
  return last.address + last.memorySize;
}

export function isNoteName(name: string): boolean {
  return /^[\x20-\x7e]{1,64}$/.test(name);
}

/** The changes to the ELF header that say where the program headers are. */
export function tableHeaderPatches(tableOffset: number, headerCount: number): readonly Patch[] {
  const offset = new DataView(new ArrayBuffer(8));
  writeWord(offset, 0, tableOffset);
  const count = new DataView(new ArrayBuffer(2));
  count.setUint16(0, headerCount, true);
  return [
    { offset: headerFields.programHeaderOffset, bytes: new Uint8Array(offset.buffer) },
    { offset: headerFields.programHeaderCount, bytes: new Uint8Array(count.buffer) },
  ];
}
