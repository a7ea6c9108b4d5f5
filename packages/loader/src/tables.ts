/** Writes what the stub reads: native/tables.h. */

import { type ElfProgramHeader, programHeaderBytes } from "@sbp/executable";

/** A library whose segments are moved to where ld.so wants them. */
export interface MovedLibrary {
  readonly name: string;
  readonly segments: readonly MovedSegment[];
}

export interface MovedSegment {
  /** Relative to the library's base. */
  readonly address: number;
  readonly size: number;
  /** Where the kernel maps it. */
  readonly source: number;
  /** p_flags: 1 execute, 2 write, 4 read. */
  readonly flags: number;
}

/** A library that is copied whenever it is loaded. */
export interface CopiedLibrary {
  readonly name: string;
  /** Where the bytes of its file are. */
  readonly address: number;
  readonly size: number;
}

export interface Tables {
  /** ld.so's base and first instruction, and the program's first instruction. */
  readonly loaderBase: number;
  readonly loaderEntry: number;
  readonly programEntry: number;
  /** The program headers that ld.so is to see, made for the address at which they will be. */
  readonly headers: (address: number, size: number) => readonly ElfProgramHeader[];
  readonly headerCount: number;
  readonly moved: readonly MovedLibrary[];
  readonly copied: readonly CopiedLibrary[];
}

const word = 8;
const nothingAdded = 0;
const sizes = {
  tables: 10 * word,
  library: 4 * word,
  segment: 4 * word,
  file: 3 * word,
  header: 56,
} as const;

/** The tables as they are at an address. */
export function tableBytes(address: number, tables: Tables): Uint8Array {
  const { moved, copied, headerCount } = tables;
  const segments = moved.flatMap((library) => library.segments);
  const libraryStart = sizes.tables;
  const segmentStart = libraryStart + moved.length * sizes.library;
  const fileStart = segmentStart + segments.length * sizes.segment;
  const headerStart = fileStart + copied.length * sizes.file;
  const nameStart = headerStart + headerCount * sizes.header;

  const names = new Map<string, number>();
  let end = nameStart;
  for (const { name } of [...moved, ...copied]) {
    names.set(name, address + end);
    end += name.length + 1;
  }
  const bytes = Buffer.alloc(end);
  const write = (start: number, words: readonly number[]) => {
    for (const [index, value] of words.entries()) bytes.writeBigUInt64LE(BigInt(value), start + index * word);
  };
  write(0, [
    ...[tables.loaderBase, tables.loaderEntry, tables.programEntry],
    ...[address + headerStart, headerCount],
    ...[address + libraryStart, moved.length],
    ...[address + fileStart, copied.length],
    nothingAdded,
  ]);
  let segment = segmentStart;
  for (const [index, library] of moved.entries()) {
    const notYet = 0;
    const own = [names.get(library.name)!, address + segment, library.segments.length, notYet];
    write(libraryStart + index * sizes.library, own);
    for (const { address: place, size, source, flags } of library.segments) {
      write(segment, [place, size, source, protectionOf(flags)]);
      segment += sizes.segment;
    }
  }
  for (const [index, { name, address: content, size }] of copied.entries())
    write(fileStart + index * sizes.file, [names.get(name)!, content, size]);
  bytes.set(
    programHeaderBytes(tables.headers(address + headerStart, headerCount * sizes.header)),
    headerStart,
  );
  for (const [name, place] of names) bytes.write(name, place - address, "latin1");
  return bytes;
}

/** PROT_READ is 1, PROT_WRITE 2, PROT_EXEC 4. */
function protectionOf(flags: number): number {
  return ((flags & 4) >> 2) | (flags & 2) | ((flags & 1) << 2);
}
