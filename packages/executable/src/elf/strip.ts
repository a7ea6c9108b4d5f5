import type { Edit, Patch } from "../edit.ts";
import { unsupported } from "../error.ts";
import type { ElfFile } from "./elf-file.ts";
import { headerFields, headerSize, programHeaderSize } from "./header.ts";
import { segmentType } from "./program-header.ts";
import { noBits, sectionRanges } from "./section.ts";

export interface ElfStrip extends Edit {
  readonly removedBytes: number;
  /** Names of the sections that are gone, in the file's order. */
  readonly removedSections: readonly string[];
}

/**
 * Takes away everything that the running program cannot see: debug information, the symbol table `.symtab` and the
 * section headers. Symbols that native addons link to (`.dynsym`) are part of the program and stay.
 *
 * @throws ExecutableError EXECUTABLE_UNSUPPORTED when the file holds bytes that neither a segment nor a section
 *   accounts for (such as a payload that another tool appended), or a section table that cannot be understood.
 */
export function planElfStrip(elf: ElfFile): ElfStrip {
  const { size } = elf.source;
  const keep = visibleEnd(elf);
  const sections = elf.sections;
  if (!sections) throw unsupported("the section table cannot be understood");
  let end = keep;
  for (const range of sectionRanges(elf.header, sections)) end = Math.max(end, range.offset + range.size);
  if (end < size)
    throw unsupported(
      `${size - end} bytes follow the last part of the ELF file: something was appended`,
      end,
    );
  const removed = sections.filter(({ type, offset, size }) => type !== noBits && offset + size > keep);
  const visible = removed.find(({ inMemory, size }) => inMemory && size > 0);
  if (visible) throw unsupported(`section ${visible.name} is outside all segments`, visible.offset);
  return {
    keep,
    size: keep,
    patches: sectionHeaderPatches(),
    removedBytes: size - keep,
    removedSections: removed.map(({ name }) => name),
  };
}

/** The end of what the kernel and the program can reach: headers and every segment. */
function visibleEnd({ header, programHeaders }: ElfFile): number {
  let end = Math.max(headerSize, header.programHeaderOffset + header.programHeaderCount * programHeaderSize);
  for (const { type, offset, fileSize } of programHeaders) {
    if (type !== segmentType.unused && fileSize > 0) end = Math.max(end, offset + fileSize);
  }
  return end;
}

/** The changes to the ELF header that say that there are no section headers. */
export function sectionHeaderPatches(): Patch[] {
  return [
    { offset: headerFields.sectionHeaderOffset, bytes: new Uint8Array(8) },
    // e_shnum and e_shstrndx, next to one another.
    { offset: headerFields.sectionHeaderCount, bytes: new Uint8Array(4) },
  ];
}
