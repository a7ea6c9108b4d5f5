/**
 * Makes a program that needs ld.so and libraries into one that needs nothing but a kernel. All of it is in the program's own
 * file, and mapped by the kernel when it starts the program:
 *
 *     | the program | stub | tables | ld.so | code | constants | data |        by ascending address; the last three are
 *     '-- as it was ' rx     rw       r…rw    rx     r           rw            of all libraries together
 *
 * The program's headers name no interpreter any more, so the kernel starts the stub. It hands over to ld.so, which takes the
 * program headers in the tables for the program's own, and gets at the libraries by system calls that lead to the stub
 * (native/hook.c).
 *
 * Nothing here depends on an app: the payload comes later (`planElfTemplate`), with a note that the stub finds as the last of
 * the program headers.
 */

import {
  describeElf,
  type Edit,
  type ElfFile,
  type ElfProgramHeader,
  loadedSegments,
  type Patch,
  planElfRebuild,
  planElfStrip,
  segmentType,
} from "@sbp/executable";
import type { Closure } from "./closure.ts";
import { hookLoader } from "./dynamic-loader.ts";
import { LoaderError } from "./error.ts";
import { stubs } from "./generated/stubs.ts";
import { type LibrarySegment, librarySegments, openLibrary } from "./library.ts";
import { alignUp, machines } from "./machine.ts";
import { librariesNote, noteName } from "./note.ts";
import { type MovedLibrary, tableBytes } from "./tables.ts";

/** Something that the kernel maps. */
interface Part {
  readonly address: number;
  /** p_flags: 1 execute, 2 write, 4 read. */
  readonly flags: number;
  readonly bytes: Uint8Array;
}

const flags = { read: 4, readWrite: 6, readExecute: 5 } as const;
// Far more than there is to say; ld.so's place must not depend on it.
const maxTables = 0x10000;
const stackType = 0x6474e551;
const unwindingType = 0x6474e550;

/**
 * Plans the self-contained copy of a program, which is stripped. The copy runs as the program does, and can become a template.
 *
 * @throws LoaderError; ExecutableError EXECUTABLE_UNSUPPORTED or EXECUTABLE_MALFORMED, as `planElfStrip`.
 */
export async function planSelfContained(elf: ElfFile, closure: Closure): Promise<Edit> {
  const needed = await neededLibraries(elf, closure);
  const { page } = machines[closure.machine];
  const last = loadedSegments(elf).at(-1)!;
  const stubAddress = alignUp(last.address + last.memorySize, machines.aarch64.page);
  const tablesAddress = stubAddress + stubs[closure.machine].tables;
  const loaderAddress = tablesAddress + maxTables;

  const loader = await hookLoader(closure, { stub: stubAddress, loader: loaderAddress });
  const parts: Part[] = [{ address: stubAddress, flags: flags.readExecute, bytes: loader.stub }];
  for (const segment of loader.segments) parts.push({ ...segment, address: loaderAddress + segment.address });
  const loaderEnd = parts.at(-1)!.address + parts.at(-1)!.bytes.length;
  const pooled = await poolLibraries(closure, needed, loaderEnd);
  parts.push(...pooled.parts);

  const headerCount = elf.programHeaders.length + 1;
  const tables = tableBytes(tablesAddress, {
    loaderBase: loaderAddress,
    loaderEntry: loaderAddress + loader.entry,
    programEntry: elf.header.entry,
    headers: (address, size) => loaderView(elf.programHeaders, address, size),
    headerCount,
    moved: pooled.moved,
    copied: pooled.copied,
  });
  const tableStart = alignUp(tables.length, 8);
  // Room for the kernel's own program headers, which `planElfRebuild` fills in. A template has its own in its tail.
  const kernelCount = elf.programHeaders.length + parts.length + 2;
  const tablesPart = new Uint8Array(tableStart + kernelCount * 56);
  tablesPart.set(tables);
  if (tablesPart.length > maxTables) throw unsupported("it has too many segments");
  parts.splice(1, 0, { address: tablesAddress, flags: flags.readWrite, bytes: tablesPart });

  let offset = alignUp(planElfStrip(elf).keep, page);
  const placed = parts.map((part) => {
    const own = offset;
    offset = alignUp(own + part.bytes.length, page);
    return { ...part, offset: own };
  });
  const end = placed.at(-1)!.offset + placed.at(-1)!.bytes.length;
  const loads = placed.map((part) => mapped(part, page));
  const constants = placed.find(({ address }) => address === pooled.note.address)!;
  const note = {
    ...mapped(constants, 4),
    type: segmentType.note,
    fileSize: pooled.note.size,
    memorySize: pooled.note.size,
  };
  return planElfRebuild(elf, {
    entry: stubAddress + stubs[closure.machine].start,
    programHeaders: kernelView(elf.programHeaders, loads, note),
    tableOffset: placed[1]!.offset + tableStart,
    size: end,
    patches: placed.map(({ offset: at, bytes }): Patch => ({ offset: at, bytes })),
  });
}

/**
 * The libraries of the closure that the program needs, with those that these need.
 *
 * @throws LoaderError LOADER_RUNTIME_UNSUPPORTED, LOADER_MACHINE_MISMATCH, LOADER_CLOSURE_INVALID.
 */
async function neededLibraries(elf: ElfFile, closure: Closure): Promise<ReadonlySet<string>> {
  const { machine, type } = elf.header;
  if (machine !== closure.machine)
    throw new LoaderError(
      "LOADER_MACHINE_MISMATCH",
      `the runtime is for ${machine}, the libraries for ${closure.machine}`,
    );
  // Its address would be chosen at each start, and with it what the tables say.
  if (type !== "executable") throw unsupported("it is position-independent");
  if (elf.notes.some(({ name }) => name === noteName)) throw unsupported("it is self-contained already");
  const { interpreter, needed } = await describeElf(elf);
  if (interpreter === undefined) throw unsupported("it names no dynamic loader");
  if (interpreter.slice(interpreter.lastIndexOf("/") + 1) !== closure.loader)
    throw unsupported(`its dynamic loader is ${interpreter}, not ${closure.loader}`);
  const names = new Set(needed);
  for (const name of names) {
    if (!closure.libraries.has(name))
      throw unsupported(`it needs ${name}, which is not among those to carry`);
    for (const other of (await describeElf(await openLibrary(closure, name))).needed) names.add(other);
  }
  names.delete(closure.loader);
  return names;
}

/**
 * Puts libraries from an address on: those that the program needs by segments, of one protection together; others as files.
 */
async function poolLibraries(closure: Closure, needed: ReadonlySet<string>, start: number) {
  const { page } = machines[closure.machine];
  const names = [...closure.libraries.keys()].filter((name) => name !== closure.loader).sort();
  const libraries: { name: string; segments: readonly LibrarySegment[] }[] = [];
  for (const name of names) {
    const library = await openLibrary(closure, name);
    // Others are checked as well, though they are not taken apart.
    const segments = await librarySegments(library, name);
    if (needed.has(name)) libraries.push({ name, segments });
  }

  const note = librariesNote(closure);
  const parts: Part[] = [];
  const sources = new Map<LibrarySegment, number>();
  const copied: { name: string; address: number; size: number }[] = [];
  let address = alignUp(start, page);
  let noteAddress = 0;
  for (const pool of [flags.readExecute, flags.read, flags.readWrite]) {
    const contents: Uint8Array[] = [];
    let at = address;
    const add = (bytes: Uint8Array, alignment: number) => {
      const place = alignUp(at, alignment);
      contents.push(new Uint8Array(place - at), bytes);
      at = place + bytes.length;
      return place;
    };
    if (pool === flags.read) {
      noteAddress = add(note, page);
      for (const name of names.filter((name) => !needed.has(name))) {
        const bytes = closure.libraries.get(name)!;
        copied.push({ name, address: add(bytes, 16), size: bytes.length });
      }
    }
    for (const { segments } of libraries)
      for (const segment of segments)
        if (segment.flags === pool) sources.set(segment, add(segment.bytes, page));
    if (contents.length > 0) parts.push({ address, flags: pool, bytes: Buffer.concat(contents) });
    address = alignUp(at, page);
  }
  const moved: MovedLibrary[] = libraries.map(({ name, segments }) => ({
    name,
    segments: segments.map((segment) => {
      const source = sources.get(segment);
      if (source === undefined)
        throw new LoaderError(
          "LOADER_CLOSURE_UNSUPPORTED",
          `${name} has a segment that is writable and executable`,
        );
      return { address: segment.address, size: segment.bytes.length, source, flags: segment.flags };
    }),
  }));
  return { parts, moved, copied, note: { address: noteAddress, size: note.length } };
}

/** What ld.so takes for the program's table: its own, at its new place, and one entry for the payload's note. */
function loaderView(
  headers: readonly ElfProgramHeader[],
  address: number,
  size: number,
): readonly ElfProgramHeader[] {
  const own = headers.map((header) =>
    header.type === segmentType.table
      ? { ...header, address, physicalAddress: address, fileSize: size, memorySize: size }
      : header,
  );
  return [...own, { ...headers[0]!, type: segmentType.unused }];
}

/**
 * What the kernel needs to know. Notes come first: the stub takes a note at the end for the payload's.
 */
function kernelView(
  headers: readonly ElfProgramHeader[],
  loads: readonly ElfProgramHeader[],
  note: ElfProgramHeader,
): readonly ElfProgramHeader[] {
  const ofType = (...types: readonly number[]) => headers.filter(({ type }) => types.includes(type));
  return [
    ...ofType(segmentType.note),
    note,
    ...ofType(segmentType.load),
    ...loads,
    ...ofType(unwindingType, stackType),
  ];
}

function mapped(part: Part & { readonly offset: number }, alignment: number): ElfProgramHeader {
  const { address, offset, bytes } = part;
  return {
    type: segmentType.load,
    flags: part.flags,
    offset,
    address,
    physicalAddress: address,
    fileSize: bytes.length,
    memorySize: bytes.length,
    alignment,
  };
}

function unsupported(reason: string): LoaderError {
  return new LoaderError(
    "LOADER_RUNTIME_UNSUPPORTED",
    `the runtime cannot be made self-contained: ${reason}`,
  );
}
