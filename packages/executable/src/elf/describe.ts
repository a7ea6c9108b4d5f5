import { malformed, unsupported } from "../error.ts";
import { type ElfFile, mappedRange } from "./elf-file.ts";
import { readWord, terminatedText, view } from "./fields.ts";
import type { ElfMachine, ElfType } from "./header.ts";
import type { ElfNote } from "./note.ts";
import { segmentType } from "./program-header.ts";

/** What an ELF file is and needs. */
export interface ElfDescription {
  readonly machine: ElfMachine;
  readonly type: ElfType;
  /** Virtual address of the first instruction. */
  readonly entry: number;
  /** The dynamic loader; undefined for libraries and static programs. */
  readonly interpreter: string | undefined;
  /** The libraries that the dynamic loader must find (DT_NEEDED), in the file's order. */
  readonly needed: readonly string[];
  /** The linker's identification of this build, in hex (note GNU, type 3). */
  readonly buildId: string | undefined;
  readonly notes: readonly ElfNote[];
}

// Limits far above what linkers write: they keep the cost of a hostile file small.
const maxNameSize = 256;
const maxNeeded = 128;
const maxDynamicSize = 16 * 1024;
const maxInterpreterSize = 4096;
const maxBuildIdSize = 64;

const dynamicEntrySize = 16;
const dynamicTag = { end: 0, needed: 1, strings: 5 } as const;

/**
 * Describes a file that `readElf` read, with a few KB more of reading.
 *
 * @throws ExecutableError EXECUTABLE_MALFORMED or EXECUTABLE_UNSUPPORTED.
 */
export async function describeElf(elf: ElfFile): Promise<ElfDescription> {
  const { machine, type, entry } = elf.header;
  return {
    machine,
    type,
    entry,
    interpreter: await readInterpreter(elf),
    needed: await readNeeded(elf),
    buildId: await readBuildId(elf),
    notes: elf.notes,
  };
}

async function readInterpreter({ source, programHeaders }: ElfFile): Promise<string | undefined> {
  const segment = programHeaders.find(({ type }) => type === segmentType.interpreter);
  if (!segment) return undefined;
  // PATH_MAX: the kernel refuses longer ones too.
  if (segment.fileSize > maxInterpreterSize) throw malformed("the interpreter's path is too long");
  const path = terminatedText(await source.read(segment.offset, segment.fileSize));
  if (path === undefined) throw malformed("the interpreter's path does not end", segment.offset);
  return path;
}

async function readNeeded(elf: ElfFile): Promise<readonly string[]> {
  const segment = elf.programHeaders.find(({ type }) => type === segmentType.dynamic);
  if (!segment) return [];
  if (segment.fileSize > maxDynamicSize)
    throw unsupported(`the dynamic section has ${segment.fileSize} bytes`, segment.offset);
  const data = view(await elf.source.read(segment.offset, segment.fileSize));
  const nameOffsets: number[] = [];
  let strings: number | undefined;
  for (let at = 0; at + dynamicEntrySize <= data.byteLength; at += dynamicEntrySize) {
    const tag = data.getBigInt64(at, true);
    if (tag === BigInt(dynamicTag.end)) break;
    const value = () => readWord(data, at + 8, "a dynamic entry", segment.offset);
    if (tag === BigInt(dynamicTag.needed)) nameOffsets.push(value());
    if (tag === BigInt(dynamicTag.strings)) strings = value();
  }
  if (nameOffsets.length === 0) return [];
  if (nameOffsets.length > maxNeeded) throw unsupported(`the file needs ${nameOffsets.length} libraries`);
  if (strings === undefined)
    throw malformed("the dynamic section names libraries without a string table", segment.offset);
  const needed: string[] = [];
  for (const nameOffset of nameOffsets) {
    const { offset, size } = mappedRange(elf, strings + nameOffset);
    const name = terminatedText(await elf.source.read(offset, Math.min(size, maxNameSize)));
    if (name === undefined) throw malformed("the name of a needed library does not end", offset);
    needed.push(name);
  }
  return needed;
}

async function readBuildId({ source, notes }: ElfFile): Promise<string | undefined> {
  const note = notes.find(({ name, type }) => name === "GNU" && type === 3);
  if (!note || note.description.size > maxBuildIdSize) return undefined;
  const { offset, size } = note.description;
  return Buffer.from(await source.read(offset, size)).toString("hex");
}
