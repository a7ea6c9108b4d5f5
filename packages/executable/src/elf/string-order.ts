/**
 * Puts the names of a program's dynamic symbols in order. Linkers write them as they come; in alphabetical order names that begin alike
 * are neighbours, and a compressed file has half the bytes for them. Nothing else changes: whatever refers to a name by its place in the
 * string table gets the new place, so that every symbol, version and library has the name that it had.
 *
 *     .dynsym, .gnu.version_r, .dynamic ── offsets ──► .dynstr
 *
 * Hash tables are made of the names themselves, and stay. ("Dynamic Linking" in the System V gABI, "Symbol Versioning" in the Linux
 * Standard Base.)
 */

import type { Patch } from "../edit.ts";
import { malformed } from "../error.ts";
import type { ElfFile } from "./elf-file.ts";
import { readWord, view } from "./fields.ts";
import type { ElfSection } from "./section.ts";

/** A section, read. */
interface Part {
  readonly offset: number;
  readonly bytes: Uint8Array;
}

/** A place in a part that holds the offset of a name. */
interface Reference {
  readonly part: Part;
  readonly at: number;
}

const sectionType = { strings: 3, dynamic: 6, symbols: 11, versionNeeds: 0x6ffffffe } as const;
const tag = { end: 0, strings: 5, symbols: 6, stringsSize: 10, versionNeeds: 0x6ffffffe } as const;
/** NEEDED, SONAME, RPATH and RUNPATH: their values are names. */
const nameTags: readonly number[] = [1, 14, 15, 29];
/** GNU_HASH, VERSYM, RELACOUNT, FLAGS_1, VERNEED and VERNEEDNUM: what GNU's linkers write for a program that is no library. */
const gnuTags: readonly number[] = [0x6ffffef5, 0x6ffffff0, 0x6ffffff9, 0x6ffffffb, 0x6ffffffe, 0x6fffffff];
/** Those of the gABI and of processors hold numbers and addresses but for the names above. */
const isKnown = (value: number) =>
  value < 38 || gnuTags.includes(value) || (value >= 0x70000000 && value < 0x70000010);
const symbolSize = 24;
const dynamicEntrySize = 16;
const versionEntrySize = 16;
// Node has 1 MB of symbols and 3 MB of names.
const maxSize = 64 * 1024 * 1024;

/**
 * The patches that put the names in order. There are none for a file without a section table or dynamic symbols, and for one in
 * which something may refer to names that is not known here.
 *
 * @throws ExecutableError EXECUTABLE_MALFORMED or EXECUTABLE_UNSUPPORTED
 */
export async function planElfStringOrder(elf: ElfFile): Promise<readonly Patch[]> {
  const section = async (type: number, address?: number): Promise<Part | undefined> => {
    const found = elf.sections?.find(
      (one) => one.inMemory && one.type === type && (address === undefined || one.address === address),
    );
    return found && found.size <= maxSize ? readPart(elf, found) : undefined;
  };
  const dynamic = await section(sectionType.dynamic);
  const values = dynamic && dynamicValues(dynamic);
  if (!dynamic || !values) return [];
  const symbols = await section(sectionType.symbols, values.get(tag.symbols));
  const strings = await section(sectionType.strings, values.get(tag.strings));
  if (!symbols || strings?.bytes.length !== values.get(tag.stringsSize)) return [];
  const versions = await section(sectionType.versionNeeds);
  if (values.has(tag.versionNeeds) !== (versions !== undefined)) return [];

  const references = [...dynamicNames(dynamic), ...(versions ? versionNames(versions) : [])];
  for (let at = 0; at + symbolSize <= symbols.bytes.length; at += symbolSize)
    references.push({ part: symbols, at });
  const ordered = orderStrings(strings!, references);
  if (!ordered) return [];
  return [dynamic, symbols, ...(versions ? [versions] : []), { ...strings!, bytes: ordered }];
}

async function readPart({ source }: ElfFile, { offset, size }: ElfSection): Promise<Part> {
  // A copy: it will be written to.
  return { offset, bytes: Uint8Array.from(await source.read(offset, size)) };
}

/** By tag; undefined when a tag is not known. */
function dynamicValues({ offset, bytes }: Part): ReadonlyMap<number, number> | undefined {
  const values = new Map<number, number>();
  for (const at of dynamicEntries(bytes)) {
    const entry = readWord(view(bytes), at, "a dynamic entry's tag", offset);
    if (!isKnown(entry)) return undefined;
    values.set(entry, readWord(view(bytes), at + 8, "a dynamic entry", offset));
  }
  return values;
}

function dynamicNames(part: Part): Reference[] {
  return dynamicEntries(part.bytes)
    .filter((at) => nameTags.includes(view(part.bytes).getUint32(at, true)))
    .map((at) => ({ part, at: at + 8 }));
}

function dynamicEntries(bytes: Uint8Array): readonly number[] {
  const entries: number[] = [];
  for (let at = 0; at + dynamicEntrySize <= bytes.length; at += dynamicEntrySize) {
    if (view(bytes).getBigUint64(at, true) === BigInt(tag.end)) break;
    entries.push(at);
  }
  return entries;
}

/** The names of libraries, and of the versions that are needed of them: chains in one section that go forwards only. */
function versionNames(part: Part): Reference[] {
  const data = view(part.bytes);
  const references: Reference[] = [];
  const walk = (start: number, nameField: number, visit?: (at: number) => void) => {
    for (let at = start; ; ) {
      if (at + versionEntrySize > part.bytes.length)
        throw malformed("the versions of symbols go past their section", part.offset);
      references.push({ part, at: at + nameField });
      visit?.(at);
      const next = data.getUint32(at + 12, true);
      if (next === 0) return;
      if (next < versionEntrySize) throw malformed("the versions of symbols overlap", part.offset + at);
      at += next;
    }
  };
  walk(0, 4, (at) => walk(at + data.getUint32(at + 8, true), 8));
  return references;
}

/** Writes the new place of each name to what refers to it. Undefined when the names would not fit, as if a linker had never merged any. */
function orderStrings({ offset, bytes }: Part, references: readonly Reference[]): Uint8Array | undefined {
  const text = Buffer.from(bytes).toString("latin1");
  const names = references.map(({ part, at }) => {
    const start = view(part.bytes).getUint32(at, true);
    const end = text.indexOf("\0", start);
    if (start >= text.length || end < 0) throw malformed("a name is outside of the string table", offset);
    return text.slice(start, end);
  });
  const places = placeNames(new Set(names));
  const ordered = new Uint8Array(bytes.length);
  for (const [name, place] of places) {
    if (place + name.length >= ordered.length) return undefined;
    Buffer.from(ordered.buffer).write(name, place, "latin1");
  }
  for (const [index, { part, at }] of references.entries())
    view(part.bytes).setUint32(at, places.get(names[index]!)!, true);
  return ordered;
}

/** A place for each name behind the empty one, in order; a name that another ends with is the end of that one, as linkers do it. */
function placeNames(names: ReadonlySet<string>): ReadonlyMap<string, number> {
  const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
  const mirrored = [...names].map(backwards).sort(compare);
  const whole: string[] = [];
  const ends = new Map<string, string>();
  // What a name is the end of comes right behind it.
  for (const [index, reversed] of mirrored.entries()) {
    const name = backwards(reversed);
    if (mirrored[index + 1]?.startsWith(reversed)) ends.set(name, mirrored[index + 1]!);
    else whole.push(name);
  }
  const places = new Map<string, number>([["", 0]]);
  let place = 1;
  for (const name of whole.filter((name) => name !== "").sort(compare)) {
    places.set(name, place);
    place += name.length + 1;
  }
  // The longest first: they end others themselves.
  for (const name of [...ends.keys()].reverse()) {
    if (name === "") continue;
    const holder = backwards(ends.get(name)!);
    places.set(name, places.get(holder)! + holder.length - name.length);
  }
  return places;
}

const backwards = (name: string) => Buffer.from(name, "latin1").reverse().toString("latin1");
