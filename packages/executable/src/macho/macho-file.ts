import type { ByteRange, ByteSource } from "../byte-source.ts";
import { headerSize, type MachoHeader, readHeader } from "./header.ts";
import { type LinkeditPart, readLinkeditParts } from "./linkedit.ts";
import { type MachoCommand, readCommands } from "./load-command.ts";
import { type MachoSegment, readSegments } from "./segment.ts";

/** The outline of a Mach-O file for one architecture. */
export interface MachoFile {
  readonly source: ByteSource;
  readonly header: MachoHeader;
  readonly commands: readonly MachoCommand[];
  readonly segments: readonly MachoSegment[];
  /** What is in __LINKEDIT, by ascending offset; empty for a file without that segment. */
  readonly linkeditParts: readonly LinkeditPart[];
}

/**
 * Reads the outline of a Mach-O file: 64-bit, little-endian, x86-64 or arm64, an executable, library or bundle. For a
 * universal file, see `readUniversal`. Reads at most 64 KB, however large the file is and whatever it says.
 *
 * @throws ExecutableError EXECUTABLE_UNRECOGNIZED, EXECUTABLE_MALFORMED or EXECUTABLE_UNSUPPORTED.
 */
export async function readMacho(source: ByteSource): Promise<MachoFile> {
  const first = await source.read(0, Math.min(headerSize, source.size));
  const { commandsSize } = readHeader(first, source.size);
  return { source, ...readOutline(await source.read(0, headerSize + commandsSize), source.size) };
}

/** The outline from the first bytes of a file of `fileSize` bytes, which hold all load commands. */
export function readOutline(bytes: Uint8Array, fileSize: number): Omit<MachoFile, "source"> {
  const header = readHeader(bytes, fileSize);
  const commands = readCommands(bytes, header);
  const segments = readSegments(commands, fileSize);
  const linkedit = linkeditSegment({ segments });
  const linkeditParts = readLinkeditParts(commands, linkedit ?? { offset: 0, fileSize: 0 });
  return { header, commands, segments, linkeditParts };
}

export function linkeditSegment({ segments }: Pick<MachoFile, "segments">): MachoSegment | undefined {
  return segments.find(({ name }) => name === "__LINKEDIT");
}

/** The bytes of the file that are mapped when the program runs, __LINKEDIT left out: where to look for marks inside it. */
export function machoLoadedRanges({ segments }: Pick<MachoFile, "segments">): readonly ByteRange[] {
  return segments
    .filter(({ name, fileSize }) => name !== "__LINKEDIT" && fileSize > 0)
    .map(({ offset, fileSize }) => ({ offset, size: fileSize }));
}
