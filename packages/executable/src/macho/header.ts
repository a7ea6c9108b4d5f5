import { view } from "../elf/fields.ts";
import { ExecutableError, malformed, unsupported } from "../error.ts";

/** The 64-bit Mach-O header (mach-o/loader.h, `struct mach_header_64`). */
export interface MachoHeader {
  readonly architecture: MachoArchitecture;
  readonly type: MachoType;
  /** MH_… bits. */
  readonly flags: number;
  readonly commandCount: number;
  /** Of all load commands together, in bytes. */
  readonly commandsSize: number;
}

export type MachoArchitecture = "x86-64" | "arm64";

/** `executable`: a program (MH_EXECUTE). `library`: MH_DYLIB. `bundle`: loaded by name, such as an addon (MH_BUNDLE). */
export type MachoType = "executable" | "library" | "bundle";

export const headerSize = 32;
/** Where the fields that edits change are, in bytes from the start of the file. */
export const headerFields = { commandCount: 16, commandsSize: 20 } as const;

const magic64 = 0xfeedfacf;
const otherMagics: Readonly<Record<number, string>> = {
  4277009102: "32-bit Mach-O files are not supported",
  3472551422: "big-endian Mach-O files are not supported",
  3489328638: "big-endian Mach-O files are not supported",
};
// Stored big-endian, so this is what a little-endian reading of their first bytes gives.
const universalMagics: readonly number[] = [0xbebafeca, 0xbfbafeca];
const types: Readonly<Record<number, MachoType>> = { 2: "executable", 6: "library", 8: "bundle" };
// Linkers write 1 to 5 KB. dyld has no limit of its own, so this one is generous.
const maxCommandsSize = 64 * 1024;
const smallestCommand = 8;

/** Reads the header from the first bytes of a file of `fileSize` bytes. */
export function readHeader(bytes: Uint8Array, fileSize: number): MachoHeader {
  const data = view(bytes);
  const magic = bytes.length < 4 ? 0 : data.getUint32(0, true);
  if (universalMagics.includes(magic))
    throw unsupported("this is a universal file: take the slice of one architecture out of it", 0);
  const other = otherMagics[magic];
  if (other) throw unsupported(other, 0);
  if (magic !== magic64) throw new ExecutableError("EXECUTABLE_UNRECOGNIZED", "this is not a Mach-O file");
  if (bytes.length < headerSize) throw malformed("the Mach-O header is cut short", bytes.length);

  const architecture = machoArchitecture(data.getUint32(4, true), data.getUint32(8, true));
  if (architecture !== "x86-64" && architecture !== "arm64")
    throw unsupported(`Mach-O files for ${architecture} are not supported, only x86-64 and arm64`, 4);
  const type = types[data.getUint32(12, true)];
  if (!type)
    throw unsupported(`Mach-O type ${data.getUint32(12, true)} is no executable, library or bundle`, 12);
  const commandCount = data.getUint32(headerFields.commandCount, true);
  const commandsSize = data.getUint32(headerFields.commandsSize, true);
  if (commandsSize > maxCommandsSize)
    throw unsupported(`${commandsSize} bytes of load commands`, headerFields.commandsSize);
  if (commandsSize > fileSize - headerSize)
    throw malformed("the load commands are cut short", headerFields.commandsSize);
  if (commandCount * smallestCommand > commandsSize)
    throw malformed(
      `${commandCount} load commands in ${commandsSize} bytes cannot be`,
      headerFields.commandCount,
    );
  return { architecture, type, flags: data.getUint32(24, true), commandCount, commandsSize };
}

/** The name of a CPU type and subtype (mach/machine.h); an unknown one's number. */
export function machoArchitecture(cpuType: number, cpuSubtype: number): string {
  // The subtype's high byte holds feature bits.
  const subtype = cpuSubtype & 0xffffff;
  if (cpuType === 0x01000007) return subtype === 8 ? "x86-64h" : "x86-64";
  if (cpuType === 0x0100000c) return subtype === 2 ? "arm64e" : "arm64";
  return `CPU type 0x${cpuType.toString(16)}`;
}

/** The alignment of segments in file and memory: the largest page of the architecture's machines. */
export function segmentAlignment(architecture: MachoArchitecture): number {
  return architecture === "arm64" ? 0x4000 : 0x1000;
}
