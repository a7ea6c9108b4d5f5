import type { ByteSource } from "../byte-source.ts";
import { ExecutableError, malformed, unsupported } from "../error.ts";
import { readWord, view } from "./fields.ts";

/** The ELF-64 file header (System V gABI, chapter 4 "ELF Header"). */
export interface ElfHeader {
  readonly machine: ElfMachine;
  readonly type: ElfType;
  /** Virtual address of the first instruction; 0 for none. */
  readonly entry: number;
  readonly programHeaderOffset: number;
  readonly programHeaderCount: number;
  /** 0 for a file without section headers. */
  readonly sectionHeaderOffset: number;
  readonly sectionHeaderCount: number;
  readonly sectionHeaderEntrySize: number;
  readonly sectionNamesIndex: number;
}

export type ElfMachine = "x86-64" | "aarch64";

/** `executable`: runs at fixed addresses (ET_EXEC). `shared`: runs anywhere, a library or a PIE (ET_DYN). */
export type ElfType = "executable" | "shared";

export const headerSize = 64;
export const programHeaderSize = 56;
export const sectionHeaderSize = 64;

/** Where the fields that edits change are, in bytes from the start of the file. */
export const headerFields = {
  entry: 0x18,
  programHeaderOffset: 0x20,
  sectionHeaderOffset: 0x28,
  programHeaderCount: 0x38,
  sectionHeaderEntrySize: 0x3a,
  sectionHeaderCount: 0x3c,
  sectionNamesIndex: 0x3e,
} as const;

const machines: Readonly<Record<number, ElfMachine>> = { 62: "x86-64", 183: "aarch64" };

/** e_machine. */
export function machineNumber(machine: ElfMachine): number {
  return Number(Object.keys(machines).find((number) => machines[Number(number)] === machine));
}

const types: Readonly<Record<number, ElfType>> = { 2: "executable", 3: "shared" };
// System V and GNU: both are what Linux runs.
const systems: readonly number[] = [0, 3];

export async function readHeader(source: ByteSource): Promise<ElfHeader> {
  const magic = await source.read(0, Math.min(4, source.size));
  if (Buffer.from(magic).toString("latin1") !== "\x7fELF")
    throw new ExecutableError("EXECUTABLE_UNRECOGNIZED", "this is not an ELF file");
  const bytes = await source.read(0, headerSize);
  const data = view(bytes);

  if (data.getUint8(4) !== 2) throw unsupported("only 64-bit ELF files are supported", 4);
  if (data.getUint8(5) !== 1) throw unsupported("only little-endian ELF files are supported", 5);
  if (data.getUint8(6) !== 1 || data.getUint32(0x14, true) !== 1) throw malformed("unknown ELF version", 6);
  if (!systems.includes(data.getUint8(7)))
    throw unsupported(`ELF files for operating system ${data.getUint8(7)} are not supported, only Linux`, 7);
  const type = types[data.getUint16(0x10, true)];
  if (!type)
    throw unsupported(`ELF type ${data.getUint16(0x10, true)} is no executable or shared library`, 0x10);
  const machine = machines[data.getUint16(0x12, true)];
  if (!machine)
    throw unsupported(
      `ELF machine ${data.getUint16(0x12, true)} is not supported, only x86-64 and aarch64`,
      0x12,
    );
  if (data.getUint16(0x34, true) !== headerSize) throw malformed("the ELF header has a wrong size", 0x34);
  const programHeaderCount = data.getUint16(headerFields.programHeaderCount, true);
  if (programHeaderCount > 0 && data.getUint16(0x36, true) !== programHeaderSize)
    throw malformed("the program headers have a wrong size", 0x36);

  return {
    machine,
    type,
    entry: readWord(data, headerFields.entry, "the entry point", 0),
    programHeaderOffset: readWord(data, headerFields.programHeaderOffset, "the program header offset", 0),
    programHeaderCount,
    sectionHeaderOffset: readWord(data, headerFields.sectionHeaderOffset, "the section header offset", 0),
    sectionHeaderEntrySize: data.getUint16(0x3a, true),
    sectionHeaderCount: data.getUint16(headerFields.sectionHeaderCount, true),
    sectionNamesIndex: data.getUint16(headerFields.sectionNamesIndex, true),
  };
}
