/** The headers of a PE32+ file (Microsoft's "PE Format": "MS-DOS Stub" to "Optional Header Data Directories"). */

import { type ByteSource, isInside } from "../byte-source.ts";
import type { Patch } from "../edit.ts";
import { hex, isPowerOfTwo, view } from "../elf/fields.ts";
import { ExecutableError, malformed, unsupported } from "../error.ts";

export interface PeHeader {
  readonly machine: PeMachine;
  readonly type: PeType;
  readonly subsystem: PeSubsystem;
  /** Relative address of the first instruction; 0 for none. */
  readonly entry: number;
  /** Where the program wants to be in memory. */
  readonly imageBase: bigint;
  /** Where the signature "PE\0\0" is in the file; the COFF header and the optional header follow. */
  readonly offset: number;
  readonly sectionCount: number;
  /** Where the section table is in the file. */
  readonly sectionTableOffset: number;
  /** Of the section's addresses in memory. */
  readonly sectionAlignment: number;
  /** Of the section's places in the file. */
  readonly fileAlignment: number;
  /** SizeOfHeaders: everything up to the first section, which is mapped too. */
  readonly headersSize: number;
  readonly initializedDataSize: number;
  readonly checksum: number;
  /** COFF symbols, which are no part of the memory image; an offset of 0 for none. */
  readonly symbols: { readonly offset: number; readonly count: number };
  /** By `directoryIndex`. */
  readonly directories: readonly PeDirectory[];
}

/** Relative address (for the certificate table: file offset) and size in bytes; both 0 for none. */
export interface PeDirectory {
  readonly address: number;
  readonly size: number;
}

export type PeMachine = "x86-64" | "aarch64";
export type PeType = "executable" | "library";
/** Whether Windows opens a console window for the program; `other` for drivers and the like. */
export type PeSubsystem = "console" | "gui" | "other";

export const directoryIndex = {
  imports: 1,
  resources: 2,
  certificates: 4,
  relocations: 5,
  debug: 6,
  delayedImports: 13,
} as const;
export const subsystemNumber = { gui: 2, console: 3 } as const;

/** Where the fields that edits change are, in bytes from the signature. */
export const headerFields = {
  sectionCount: 6,
  symbolsOffset: 12,
  symbolsCount: 16,
  initializedDataSize: 32,
  imageSize: 80,
  checksum: 88,
  subsystem: 92,
  directories: 136,
} as const;

/** Where the fields of a data directory are, in bytes from the signature. */
export const directoryField = (index: number) => headerFields.directories + 8 * index;

/** Little-endian numbers of `size` bytes each, one after the other. */
export function numberPatch(offset: number, values: readonly number[], size: 2 | 4 = 4): Patch {
  const bytes = new Uint8Array(values.length * size);
  for (const [index, value] of values.entries()) {
    if (size === 2) view(bytes).setUint16(index * size, value, true);
    else view(bytes).setUint32(index * size, value, true);
  }
  return { offset, bytes };
}

const directoryCount = 16;
const optionalHeaderOffset = 24;
/** The optional header of PE32+ without and with its directories. */
const optionalHeaderSize = 112 + 8 * directoryCount;
const dosHeaderSize = 64;
// Linkers write their stub and the "Rich" header before: some hundred bytes.
const maxHeaderOffset = 64 * 1024;
// What the loader of Windows accepts.
const maxSections = 96;

const machines: Readonly<Record<number, PeMachine>> = { 34404: "x86-64", 43620: "aarch64" };
const subsystems: Readonly<Record<number, PeSubsystem>> = { 2: "gui", 3: "console" };
const executableFlag = 0x0002;
const libraryFlag = 0x2000;

export async function readHeader(source: ByteSource): Promise<PeHeader> {
  const magic = await source.read(0, Math.min(2, source.size));
  if (Buffer.from(magic).toString("latin1") !== "MZ")
    throw new ExecutableError("EXECUTABLE_UNRECOGNIZED", "this is not a PE file");
  const offset = view(await source.read(0, dosHeaderSize)).getUint32(0x3c, true);
  // Also keeps every field at an even offset, which the checksum counts on.
  if (offset % 4 !== 0 || offset > maxHeaderOffset)
    throw unsupported(`the PE header is at ${hex(offset)}`, 0x3c);
  const signature = isInside(source.size, offset, 4) ? await source.read(offset, 4) : new Uint8Array();
  // Programs for DOS and 16-bit Windows start with "MZ" too.
  if (Buffer.from(signature).toString("latin1") !== "PE\0\0")
    throw new ExecutableError("EXECUTABLE_UNRECOGNIZED", "this is a DOS program, not a PE file", offset);
  const data = view(await source.read(offset, optionalHeaderOffset + optionalHeaderSize));

  const machine = machines[data.getUint16(4, true)];
  if (!machine)
    throw unsupported(
      `PE machine ${hex(data.getUint16(4, true))} is not supported, only x86-64 and aarch64`,
      offset + 4,
    );
  const flags = data.getUint16(22, true);
  if (!(flags & executableFlag)) throw unsupported("the file is not linked", offset + 22);
  if (data.getUint16(24, true) !== 0x20b) throw unsupported("only PE32+ files are supported", offset + 24);
  if (data.getUint16(20, true) !== optionalHeaderSize || data.getUint32(132, true) !== directoryCount)
    throw unsupported(`only PE files with ${directoryCount} data directories are supported`, offset + 20);
  const sectionCount = data.getUint16(headerFields.sectionCount, true);
  if (sectionCount === 0 || sectionCount > maxSections)
    throw unsupported(`the file has ${sectionCount} sections`, offset + headerFields.sectionCount);
  const sectionAlignment = data.getUint32(56, true);
  const fileAlignment = data.getUint32(60, true);
  if (
    !isPowerOfTwo(fileAlignment) ||
    !isPowerOfTwo(sectionAlignment) ||
    fileAlignment < 512 ||
    fileAlignment > 0x10000 ||
    sectionAlignment < 0x1000 ||
    sectionAlignment < fileAlignment
  )
    throw unsupported(
      `sections are aligned to ${sectionAlignment} bytes, in the file to ${fileAlignment}`,
      offset + 56,
    );
  const headersSize = data.getUint32(84, true);
  const sectionTableOffset = offset + optionalHeaderOffset + optionalHeaderSize;
  if (!isInside(source.size, 0, headersSize) || headersSize < sectionTableOffset + 40 * sectionCount)
    throw malformed(`the headers cannot have ${headersSize} bytes`, offset + 84);

  return {
    machine,
    type: flags & libraryFlag ? "library" : "executable",
    subsystem: subsystems[data.getUint16(headerFields.subsystem, true)] ?? "other",
    entry: data.getUint32(40, true),
    imageBase: data.getBigUint64(48, true),
    offset,
    sectionCount,
    sectionTableOffset,
    sectionAlignment,
    fileAlignment,
    headersSize,
    initializedDataSize: data.getUint32(headerFields.initializedDataSize, true),
    checksum: data.getUint32(headerFields.checksum, true),
    symbols: {
      offset: data.getUint32(headerFields.symbolsOffset, true),
      count: data.getUint32(headerFields.symbolsCount, true),
    },
    directories: Array.from({ length: directoryCount }, (_, index) => ({
      address: data.getUint32(directoryField(index), true),
      size: data.getUint32(directoryField(index) + 4, true),
    })),
  };
}
