import { type ByteRange, type ByteSource, isInside } from "../byte-source.ts";
import { ExecutableError } from "../error.ts";
import { readWord, terminatedText, view } from "./fields.ts";
import { type ElfHeader, sectionHeaderSize } from "./header.ts";

/** One entry of the section header table (System V gABI, chapter 4 "Sections"). */
export interface ElfSection {
  readonly name: string;
  /** sh_type: 1 program data, 3 strings, 7 notes, 8 no bytes in the file (.bss), … */
  readonly type: number;
  /** Virtual address; 0 when it is not in memory. */
  readonly address: number;
  readonly offset: number;
  /** In bytes; of those with type 8, none are in the file. */
  readonly size: number;
  /** True when the running program can see it (SHF_ALLOC). */
  readonly inMemory: boolean;
}

/** The type of sections that have no bytes in the file (.bss). */
export const noBits = 8;
const inMemoryFlag = 2;
// Far above what linkers make for executables (about 40), and little enough to read at once.
const maxSections = 256;
const maxNamesSize = 16 * 1024;

/**
 * The sections; none for a file without a section table, and undefined for a table that is damaged or of an
 * unusual form. That is no error: no kernel or loader reads sections, so the program may run nevertheless.
 */
export async function readSections(
  source: ByteSource,
  header: ElfHeader,
): Promise<readonly ElfSection[] | undefined> {
  const { sectionHeaderOffset: start, sectionHeaderCount: count } = header;
  if (start === 0 && count === 0) return [];
  // A count of 0 with a table means more than 65279 sections.
  if (count === 0 || count > maxSections || header.sectionHeaderEntrySize !== sectionHeaderSize)
    return undefined;
  try {
    const table = view(await source.read(start, count * sectionHeaderSize));
    const names = await readNames(source, header, table, start);
    if (!names) return undefined;
    const sections: ElfSection[] = [];
    // The first entry is none: the gABI reserves index 0.
    for (let index = 1; index < count; index++) {
      const at = index * sectionHeaderSize;
      const type = table.getUint32(at + 4, true);
      const range = sectionRange(table, at, start);
      const name = terminatedText(names.subarray(table.getUint32(at, true)));
      if (name === undefined || !isInside(source.size, range.offset, type === noBits ? 0 : range.size))
        return undefined;
      sections.push({
        name,
        type,
        address: readWord(table, at + 16, "a section's address", start),
        ...range,
        inMemory: (table.getUint32(at + 8, true) & inMemoryFlag) !== 0,
      });
    }
    return sections;
  } catch (error) {
    if (error instanceof ExecutableError) return undefined;
    throw error;
  }
}

/** The bytes of the file that hold the section table and the sections. */
export function sectionRanges(header: ElfHeader, sections: readonly ElfSection[]): ByteRange[] {
  return [
    { offset: header.sectionHeaderOffset, size: header.sectionHeaderCount * sectionHeaderSize },
    ...sections.filter(({ type }) => type !== noBits),
  ];
}

async function readNames(
  source: ByteSource,
  header: ElfHeader,
  table: DataView,
  start: number,
): Promise<Uint8Array | undefined> {
  if (header.sectionNamesIndex >= header.sectionHeaderCount) return undefined;
  const { offset, size } = sectionRange(table, header.sectionNamesIndex * sectionHeaderSize, start);
  return size > maxNamesSize ? undefined : source.read(offset, size);
}

function sectionRange(table: DataView, at: number, start: number): ByteRange {
  return {
    offset: readWord(table, at + 24, "a section's offset", start),
    size: readWord(table, at + 32, "a section's size", start),
  };
}
