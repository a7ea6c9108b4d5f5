import { type ByteSource, isInside } from "../byte-source.ts";
import { malformed, unsupported } from "../error.ts";
import { hex, isPowerOfTwo, readWord, view, writeWord } from "./fields.ts";
import { type ElfHeader, headerSize, programHeaderSize } from "./header.ts";

/** One entry of the program header table (System V gABI, chapter 5 "Program Header"). */
export interface ElfProgramHeader {
  /** p_type; see `segmentType`. */
  readonly type: number;
  /** p_flags: 1 execute, 2 write, 4 read. */
  readonly flags: number;
  readonly offset: number;
  /** p_vaddr. */
  readonly address: number;
  /** p_paddr, without meaning on Linux; kept. */
  readonly physicalAddress: number;
  readonly fileSize: number;
  readonly memorySize: number;
  /** p_align: 0 and 1 mean none, else a power of two. */
  readonly alignment: number;
}

export const segmentType = {
  unused: 0,
  load: 1,
  dynamic: 2,
  interpreter: 3,
  note: 4,
  table: 6,
  /** PT_GNU_STACK: whether the stack is executable. */
  stack: 0x6474e551,
} as const;

/** Kernels load no program whose table is larger than a page, so no program has a larger one. */
export const maxTableSize = 4096;

/** Addresses of a program end here on both machines (48-bit address spaces, the upper half is the kernel's). */
export const maxAddress = 2 ** 47;

export async function readProgramHeaders(
  source: ByteSource,
  header: ElfHeader,
): Promise<readonly ElfProgramHeader[]> {
  const { programHeaderCount: count, programHeaderOffset: start } = header;
  if (count === 0) return [];
  if (count * programHeaderSize > maxTableSize)
    throw unsupported(`${count} program headers are more than the ${maxTableSize} bytes that kernels read`);
  if (start < headerSize) throw malformed("the program headers overlap the ELF header", start);
  const data = view(await source.read(start, count * programHeaderSize));
  const headers: ElfProgramHeader[] = [];
  for (let index = 0; index < count; index++) {
    const at = index * programHeaderSize;
    const word = (field: number, what: string) => readWord(data, at + field, what, start);
    headers.push({
      type: data.getUint32(at, true),
      flags: data.getUint32(at + 4, true),
      offset: word(8, "a segment's offset"),
      address: word(16, "a segment's address"),
      physicalAddress: word(24, "a segment's physical address"),
      fileSize: word(32, "a segment's size in the file"),
      memorySize: word(40, "a segment's size in memory"),
      alignment: word(48, "a segment's alignment"),
    });
  }
  const problem = segmentProblem(headers, source.size);
  if (problem !== undefined) throw malformed(problem);
  return headers;
}

/** What is wrong with program headers over a file of `size` bytes, by the rules of the gABI; undefined if nothing. */
export function segmentProblem(headers: readonly ElfProgramHeader[], size: number): string | undefined {
  let loadedEnd = 0;
  for (const [index, header] of headers.entries()) {
    const { type, offset, address, fileSize, memorySize, alignment } = header;
    if (type === segmentType.unused) continue;
    const segment = `program header ${index}`;
    if (fileSize > 0 && !isInside(size, offset, fileSize))
      return `${segment} covers bytes ${hex(offset)} to ${hex(offset + fileSize)}, outside the file`;
    if (alignment > 1 && !isPowerOfTwo(alignment)) return `${segment} has alignment ${alignment}`;
    if (type !== segmentType.load) continue;
    if (fileSize > memorySize) return `${segment} is larger in the file than in memory`;
    if (address + memorySize > maxAddress) return `${segment} ends above the address space`;
    if (alignment > 1 && offset % alignment !== address % alignment)
      return `${segment} has offset ${hex(offset)} and address ${hex(address)}, which do not fit its alignment`;
    if (address < loadedEnd) return `${segment} overlaps the segment before it, or is out of order`;
    loadedEnd = address + memorySize;
  }
  return undefined;
}

export function writeProgramHeader(data: DataView, at: number, header: ElfProgramHeader): void {
  data.setUint32(at, header.type, true);
  data.setUint32(at + 4, header.flags, true);
  writeWord(data, at + 8, header.offset);
  writeWord(data, at + 16, header.address);
  writeWord(data, at + 24, header.physicalAddress);
  writeWord(data, at + 32, header.fileSize);
  writeWord(data, at + 40, header.memorySize);
  writeWord(data, at + 48, header.alignment);
}

/** A program header table. */
export function programHeaderBytes(headers: readonly ElfProgramHeader[]): Uint8Array {
  const bytes = new Uint8Array(headers.length * programHeaderSize);
  for (const [index, header] of headers.entries())
    writeProgramHeader(view(bytes), index * programHeaderSize, header);
  return bytes;
}
