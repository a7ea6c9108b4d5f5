import type { ByteRange, ByteSource } from "../byte-source.ts";
import { malformed } from "../error.ts";
import { hex } from "./fields.ts";
import { type ElfHeader, readHeader } from "./header.ts";
import { type ElfNote, readNotes } from "./note.ts";
import { type ElfProgramHeader, readProgramHeaders, segmentType } from "./program-header.ts";
import { type ElfSection, readSections } from "./section.ts";

/** The outline of an ELF file. */
export interface ElfFile {
  readonly source: ByteSource;
  readonly header: ElfHeader;
  readonly programHeaders: readonly ElfProgramHeader[];
  readonly notes: readonly ElfNote[];
  /** Undefined when the file has a section table that cannot be understood; programs run without one. */
  readonly sections: readonly ElfSection[] | undefined;
}

/**
 * Reads the outline of an ELF file: 64-bit, little-endian, x86-64 or AArch64, an executable or a shared library.
 * Reads a few KB, however large the file is and whatever it says.
 *
 * @throws ExecutableError EXECUTABLE_UNRECOGNIZED, EXECUTABLE_MALFORMED or EXECUTABLE_UNSUPPORTED.
 */
export async function readElf(source: ByteSource): Promise<ElfFile> {
  const header = await readHeader(source);
  const programHeaders = await readProgramHeaders(source, header);
  const notes = await readNotes(source, programHeaders);
  const sections = await readSections(source, header);
  return { source, header, programHeaders, notes, sections };
}

/** The segments that are mapped when the program runs (PT_LOAD), by ascending address. */
export function loadedSegments({
  programHeaders,
}: Pick<ElfFile, "programHeaders">): readonly ElfProgramHeader[] {
  return programHeaders.filter(({ type }) => type === segmentType.load);
}

/** The bytes of the file that are mapped when the program runs: where to look for marks inside it. */
export function loadedRanges(elf: ElfFile): readonly ByteRange[] {
  return loadedSegments(elf).map(({ offset, fileSize }) => ({ offset, size: fileSize }));
}

/**
 * Where in the file the byte at a virtual address is, and how many bytes of its segment follow from there.
 *
 * @throws ExecutableError EXECUTABLE_MALFORMED when no bytes of the file are mapped there.
 */
export function mappedRange(elf: ElfFile, address: number): ByteRange {
  for (const segment of loadedSegments(elf)) {
    const distance = address - segment.address;
    if (distance >= 0 && distance < segment.fileSize)
      return { offset: segment.offset + distance, size: segment.fileSize - distance };
  }
  throw malformed(`the file has nothing for address ${hex(address)}`);
}
