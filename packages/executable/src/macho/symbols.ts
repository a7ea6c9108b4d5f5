/** The symbol table without its local symbols (mach-o/nlist.h, mach-o/loader.h `struct dysymtab_command`). */

import type { ByteSource } from "../byte-source.ts";
import { view } from "../elf/fields.ts";
import type { LinkeditPart } from "./linkedit.ts";
import { commandData, commandType, type MachoCommand } from "./load-command.ts";

export interface StrippedSymbols {
  /** The parts' new bytes, and how many entries they have. */
  readonly contents: ReadonlyMap<LinkeditPart, Uint8Array>;
  /** LC_DYSYMTAB's counts: where the defined and the undefined symbols start, and how many there are. */
  readonly definedCount: number;
  readonly undefinedCount: number;
}

const entrySize = 16;
// Twice what Node has. Bounds what is read: 64 MB of names, 64 MB of symbols.
const maxPartSize = 64 * 1024 * 1024;
const typeMask = 0x0e;
const indirectType = 0x0a;
// Of an entry of the indirect table: it stands for no symbol.
const indirectLocalOrAbsolute = 0xc0000000;

/**
 * Leaves the local symbols out: nothing but debuggers and crash reports reads them, since the dynamic linker looks up
 * exported and undefined symbols only. Undefined when the tables are not laid out as linkers do it, or when
 * something refers to a local symbol: then they stay.
 */
export async function stripLocalSymbols(
  source: ByteSource,
  commands: readonly MachoCommand[],
  parts: readonly LinkeditPart[],
): Promise<StrippedSymbols | undefined> {
  const part = (kind: string) => parts.find((candidate) => candidate.kind === kind && candidate.size > 0);
  const [symbols, strings, indirect] = [part("symbols"), part("strings"), part("indirectSymbols")];
  const dynamic = commands.find(({ type }) => type === commandType.dynamicSymbolTable);
  if (!symbols || !strings || !dynamic) return undefined;
  const ranges = symbolRanges(dynamic, symbols.size / entrySize);
  // Tables of contents, relocations and the like hold numbers of symbols too; executables of today have none.
  if (!ranges || parts.some((one) => one.command === dynamic && one.kind === "other" && one.size > 0))
    return undefined;
  if (Math.max(symbols.size, strings.size, indirect?.size ?? 0) > maxPartSize) return undefined;

  const { localCount } = ranges;
  const kept = Uint8Array.from(
    await source.read(symbols.offset + localCount * entrySize, symbols.size - localCount * entrySize),
  );
  const names = collectNames(kept, await source.read(strings.offset, strings.size));
  if (!names) return undefined;
  const contents = new Map([
    [symbols, kept],
    [strings, names],
  ]);
  if (indirect) {
    const renumbered = renumber(
      Uint8Array.from(await source.read(indirect.offset, indirect.size)),
      localCount,
    );
    if (!renumbered) return undefined;
    contents.set(indirect, renumbered);
  }
  return { contents, definedCount: ranges.definedCount, undefinedCount: ranges.undefinedCount };
}

/** Local, defined and undefined symbols follow one another and are all there are; else undefined. */
function symbolRanges(command: MachoCommand, count: number) {
  const data = commandData(command, 80);
  const [local, localCount, defined, definedCount, open, undefinedCount] = [8, 12, 16, 20, 24, 28].map((at) =>
    data.getUint32(at, true),
  ) as [number, number, number, number, number, number];
  const regular =
    local === 0 &&
    defined === localCount &&
    open === defined + definedCount &&
    open + undefinedCount === count &&
    localCount > 0;
  return regular ? { localCount, definedCount, undefinedCount } : undefined;
}

/** A new string table for the symbols, whose references are changed in place; undefined if one cannot be followed. */
function collectNames(symbols: Uint8Array, strings: Uint8Array): Uint8Array | undefined {
  const data = view(symbols);
  const table = Buffer.from(strings.buffer, strings.byteOffset, strings.length);
  // Index 0 means no name; linkers put a space there.
  const names: Uint8Array[] = [Buffer.from(" \0")];
  let size = 2;
  for (let at = 0; at < symbols.length; at += entrySize) {
    const start = data.getUint32(at, true);
    // The value of an N_INDR symbol is another reference.
    if ((data.getUint8(at + 4) & typeMask) === indirectType) return undefined;
    if (start === 0) continue;
    const end = table.indexOf(0, start);
    if (start >= table.length || end < 0) return undefined;
    data.setUint32(at, size, true);
    names.push(table.subarray(start, end + 1));
    size += end + 1 - start;
    // Names that share their bytes could grow without bound.
    if (size > strings.length) return undefined;
  }
  return Buffer.concat(names);
}

function renumber(indirect: Uint8Array, localCount: number): Uint8Array | undefined {
  const data = view(indirect);
  for (let at = 0; at < indirect.length; at += 4) {
    const index = data.getUint32(at, true);
    if ((index & indirectLocalOrAbsolute) !== 0) continue;
    if (index < localCount) return undefined;
    data.setUint32(at, index - localCount, true);
  }
  return indirect;
}
