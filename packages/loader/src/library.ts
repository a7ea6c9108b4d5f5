import { type ElfFile, fromBytes, loadedSegments, readElf } from "@sbp/executable";
import type { Closure } from "./closure.ts";
import { LoaderError } from "./error.ts";
import { alignDown, alignUp, machines } from "./machine.ts";

/** A part of a library as it is in memory: whole pages. */
export interface LibrarySegment {
  /** Relative to the library's base. */
  readonly address: number;
  /** p_flags: 1 execute, 2 write, 4 read. */
  readonly flags: number;
  readonly bytes: Uint8Array;
}

/**
 * A library of the closure, understood.
 *
 * @throws LoaderError LOADER_CLOSURE_INVALID, LOADER_MACHINE_MISMATCH.
 */
export async function openLibrary(closure: Closure, name: string): Promise<ElfFile> {
  const bytes = closure.libraries.get(name)!;
  let elf: ElfFile;
  try {
    elf = await readElf(fromBytes(bytes));
  } catch (cause) {
    throw new LoaderError(
      "LOADER_CLOSURE_INVALID",
      `${name} is no shared library: ${(cause as Error).message}`,
      {
        cause,
      },
    );
  }
  if (elf.header.type !== "shared")
    throw new LoaderError("LOADER_CLOSURE_INVALID", `${name} is no shared library`);
  if (elf.header.machine !== closure.machine)
    throw new LoaderError(
      "LOADER_MACHINE_MISMATCH",
      `${name} is for ${elf.header.machine}, not for ${closure.machine}`,
    );
  return elf;
}

/**
 * The segments of a library as the kernel would map them, each in pages of its own.
 *
 * @param whole with what has no bytes in the file, as nobody will add it
 * @throws LoaderError LOADER_CLOSURE_UNSUPPORTED.
 */
export async function librarySegments(
  elf: ElfFile,
  name: string,
  { whole = false }: { readonly whole?: boolean } = {},
): Promise<readonly LibrarySegment[]> {
  const { page } = machines[elf.header.machine];
  const loads = loadedSegments(elf);
  // ld.so reads the headers from the start of the file, which it must find at the library's base.
  if (loads[0]?.offset !== 0 || loads[0].address !== 0)
    throw unsupported(name, "does not start with its headers");
  const segments: LibrarySegment[] = [];
  for (const { address, flags, offset, fileSize, memorySize } of loads) {
    const start = alignDown(address, page);
    const previous = segments.at(-1);
    if (previous && start < previous.address + previous.bytes.length)
      throw unsupported(name, `has segments that share a page of ${page} bytes`);
    const end = alignUp(address + (whole ? memorySize : fileSize), page);
    const bytes = new Uint8Array(end - start);
    bytes.set(await elf.source.read(offset, fileSize), address - start);
    segments.push({ address: start, flags: flags & 7, bytes });
  }
  return segments;
}

function unsupported(name: string, reason: string): LoaderError {
  return new LoaderError("LOADER_CLOSURE_UNSUPPORTED", `${name} ${reason}`);
}
