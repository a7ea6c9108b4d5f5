import { view } from "../elf/fields.ts";
import { malformed } from "../error.ts";
import { headerSize, type MachoHeader } from "./header.ts";

/** One load command (mach-o/loader.h, `struct load_command`). */
export interface MachoCommand {
  readonly type: number;
  /** Of the command, in bytes from the start of the file. */
  readonly offset: number;
  /** The whole command, its type and size included. */
  readonly bytes: Uint8Array;
}

/** The commands that this package knows by name. Bit 31 says that dyld must understand the command. */
export const commandType = {
  symbolTable: 0x2,
  dynamicSymbolTable: 0xb,
  loadLibrary: 0xc,
  loadLinker: 0xe,
  twoLevelHints: 0x16,
  loadWeakLibrary: 0x80000018,
  segment: 0x19,
  uuid: 0x1b,
  runPath: 0x8000001c,
  codeSignature: 0x1d,
  splitInfo: 0x1e,
  reexportLibrary: 0x8000001f,
  lazyLibrary: 0x20,
  encryption: 0x2c,
  linkerInfo: 0x22,
  linkerInfoOnly: 0x80000022,
  upwardLibrary: 0x80000023,
  minimumMacos: 0x24,
  functionStarts: 0x26,
  linkerEnvironment: 0x27,
  main: 0x80000028,
  dataInCode: 0x29,
  sourceVersion: 0x2a,
  signedRequirements: 0x2b,
  linkerOption: 0x2d,
  optimizationHints: 0x2e,
  buildVersion: 0x32,
  exportsTrie: 0x80000033,
  chainedFixups: 0x80000034,
  atomInfo: 0x36,
  functionVariants: 0x37,
  functionVariantFixups: 0x38,
  targetTriple: 0x39,
  thread: 0x5,
} as const;

/** Cuts the load commands apart. `bytes` starts with the file and holds all of them. */
export function readCommands(bytes: Uint8Array, { commandCount, commandsSize }: MachoHeader): MachoCommand[] {
  const data = view(bytes);
  const end = headerSize + commandsSize;
  if (bytes.length < end) throw malformed("the load commands are cut short", bytes.length);
  const commands: MachoCommand[] = [];
  let offset = headerSize;
  for (let index = 0; index < commandCount; index++) {
    if (offset + 8 > end) throw malformed(`load command ${index} is past the end of them`, offset);
    const size = data.getUint32(offset + 4, true);
    if (size < 8 || size % 8 !== 0) throw malformed(`load command ${index} has ${size} bytes`, offset);
    if (size > end - offset) throw malformed(`load command ${index} runs past the end of them`, offset);
    commands.push({
      type: data.getUint32(offset, true),
      offset,
      bytes: bytes.subarray(offset, offset + size),
    });
    offset += size;
  }
  if (offset !== end) throw malformed("the load commands are shorter than the header says", offset);
  return commands;
}

/** The fields of a command that must have at least `size` bytes. */
export function commandData({ type, offset, bytes }: MachoCommand, size: number): DataView {
  if (bytes.length < size)
    throw malformed(`load command 0x${type.toString(16)} has ${bytes.length} bytes, not ${size}`, offset);
  return view(bytes);
}

/** The text that a command holds at the offset in its field `at` (`union lc_str`). */
export function commandText(command: MachoCommand, at: number): string {
  const start = commandData(command, at + 4).getUint32(at, true);
  if (start < at + 4 || start > command.bytes.length)
    throw malformed("the text of a load command is outside it", command.offset);
  const text = command.bytes.subarray(start);
  const end = text.indexOf(0);
  return Buffer.from(end < 0 ? text : text.subarray(0, end)).toString("utf8");
}

/** The only command of a type; undefined if there is none. */
export function singleCommand(
  commands: readonly MachoCommand[],
  ...types: number[]
): MachoCommand | undefined {
  const found = commands.filter(({ type }) => types.includes(type));
  if (found.length > 1)
    throw malformed(`load command 0x${found[1]!.type.toString(16)} is there twice`, found[1]!.offset);
  return found[0];
}
