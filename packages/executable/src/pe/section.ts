import { type ByteRange, type ByteSource, isInside } from "../byte-source.ts";
import { alignUp, hex, view } from "../elf/fields.ts";
import { malformed } from "../error.ts";
import type { PeHeader } from "./header.ts";

/** One entry of the section table ("PE Format", "Section Table (Section Headers)"). */
export interface PeSection {
  /** At most 8 bytes, as in the file. */
  readonly name: string;
  /** Relative to the image base. */
  readonly address: number;
  /** In memory, in bytes; what the file does not have is zeros. */
  readonly memorySize: number;
  /** Of its bytes in the file; 0 when there are none. */
  readonly offset: number;
  /** Of its bytes in the file, which may be more than those in memory. */
  readonly size: number;
  /** Its characteristics: what it contains and how its memory may be used. */
  readonly flags: number;
}

export const sectionHeaderSize = 40;
/** Where the fields that edits change are, in bytes from the start of a section header. */
export const sectionFields = { memorySize: 8, size: 16 } as const;
/** The end of all addresses: images of 2 GiB and more cannot be loaded. */
export const maxImageSize = 0x7fff_0000;

export async function readSections(source: ByteSource, header: PeHeader): Promise<readonly PeSection[]> {
  const { sectionTableOffset: start, sectionCount } = header;
  const table = view(await source.read(start, sectionCount * sectionHeaderSize));
  const sections = Array.from({ length: sectionCount }, (_, index) =>
    readSection(table, index * sectionHeaderSize),
  );
  const problem = sectionProblem(source.size, header, sections);
  if (problem) throw malformed(problem.message, start + problem.index * sectionHeaderSize);
  return sections;
}

export function sectionEnd({ address, memorySize }: PeSection): number {
  return address + memorySize;
}

/** The bytes of the file that are mapped when the program runs: where to look for marks inside it. */
export function sectionRanges({
  sections,
}: {
  readonly sections: readonly PeSection[];
}): readonly ByteRange[] {
  return sections.filter(({ size }) => size > 0).map(({ offset, size }) => ({ offset, size }));
}

/** Where in the file the headers and sections end. */
export function sectionsEnd({ headersSize }: PeHeader, sections: readonly PeSection[]): number {
  return sections.reduce((end, { offset, size }) => Math.max(end, offset + size), headersSize);
}

/**
 * Where in the file the byte at a relative address is, and how many bytes of its section follow from there.
 *
 * @throws ExecutableError EXECUTABLE_MALFORMED when no bytes of the file are mapped there.
 */
export function mappedRange(sections: readonly PeSection[], address: number): ByteRange {
  for (const section of sections) {
    const distance = address - section.address;
    const size = Math.min(section.size, section.memorySize);
    if (distance >= 0 && distance < size) return { offset: section.offset + distance, size: size - distance };
  }
  throw malformed(`the file has nothing for address ${hex(address)}`);
}

/** A section header; line numbers and relocations, which only object files have, are left out. */
export function sectionHeader(section: PeSection): Uint8Array {
  const bytes = new Uint8Array(sectionHeaderSize);
  const data = view(bytes);
  bytes.set(Buffer.from(section.name, "latin1").subarray(0, 8));
  data.setUint32(sectionFields.memorySize, section.memorySize, true);
  data.setUint32(12, section.address, true);
  data.setUint32(sectionFields.size, section.size, true);
  data.setUint32(20, section.offset, true);
  data.setUint32(36, section.flags, true);
  return bytes;
}

function readSection(table: DataView, at: number): PeSection {
  const name = Buffer.from(table.buffer, table.byteOffset + at, 8)
    .toString("latin1")
    .replace(/\0.*$/s, "");
  const size = table.getUint32(at + 16, true);
  return {
    name,
    // A size of 0 means that of the file, as old linkers wrote it.
    memorySize: table.getUint32(at + sectionFields.memorySize, true) || size,
    address: table.getUint32(at + 12, true),
    // Without bytes, the offset means nothing.
    offset: size === 0 ? 0 : table.getUint32(at + 20, true),
    size,
    flags: table.getUint32(at + 36, true),
  };
}

/** What Windows would refuse to load, and what no linker writes. */
function sectionProblem(
  fileSize: number,
  { headersSize, sectionAlignment, fileAlignment }: PeHeader,
  sections: readonly PeSection[],
): { readonly index: number; readonly message: string } | undefined {
  let address = alignUp(headersSize, sectionAlignment);
  for (const [index, section] of sections.entries()) {
    const problem = (message: string) => ({ index, message: `section ${index} ${message}` });
    // The loader wants them one after the other, without a gap.
    if (section.address !== address)
      return problem(`is at address ${hex(section.address)}, where ${hex(address)} would follow`);
    address = alignUp(sectionEnd(section), sectionAlignment);
    if (section.memorySize === 0) return problem("is empty");
    if (address > maxImageSize) return problem("ends above 2 GiB");
    if (!isInside(fileSize, section.offset, section.size)) return problem("is outside the file");
    if (section.offset % fileAlignment !== 0) return problem("is not aligned in the file");
  }
  let end = headersSize;
  const inFile = [...sections.entries()].filter(([, { size }]) => size > 0);
  for (const [index, section] of inFile.sort(([, a], [, b]) => a.offset - b.offset)) {
    if (section.offset < end) return { index, message: `section ${index} overlaps what is before it` };
    end = section.offset + section.size;
  }
  return undefined;
}
