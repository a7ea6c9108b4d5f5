import { type ByteSource, isInside } from "../byte-source.ts";
import { malformed, unsupported } from "../error.ts";

/**
 * An ICU common-data package: what `icudt78l.dat` holds, or a program that has it inside. After a header (`UDataInfo`
 * in ICU's unicode/udata.h, format "CmnD" version 1) comes the table of contents (icu4c/source/common/ucmndata.h): a
 * count, then one pair of offsets per item, to its name and to its data, from the start of the table and sorted by
 * name in strcmp order; then the names, then the data. There is no checksum and no size: a program finds items by
 * binary search and asks each for its own size.
 */
export interface IcuPackage {
  /** Of the whole package in bytes. */
  readonly size: number;
  readonly headerSize: number;
  /** What all names start with, such as `icudt78l/`: ICU's version and the byte order. */
  readonly prefix: string;
  /** In the order of the names. */
  readonly items: readonly IcuItem[];
}

export interface IcuItem {
  /** Without the package's prefix, such as `en.res` or `curr/en.res`. */
  readonly name: string;
  /** From the start of the package. */
  readonly offset: number;
  /** To the next item, padding included. */
  readonly size: number;
}

/** The first bytes of a package but for the size of its header: a little-endian, ASCII `UDataInfo` of format CmnD 1. */
export const packageMagic = Uint8Array.of(
  ...[0xda, 0x27, 20, 0, 0, 0, 0, 0, 2, 0],
  ...Buffer.from("CmnD"),
  ...[1, 0, 0, 0],
);
/** How many bytes of the package come before `packageMagic`. */
export const magicOffset = 2;

const infoEnd = 24;
// Above what ICU writes (a header of 144 bytes, 4,305 items with names of 34 bytes at most, 33 MB), and little enough
// for a hostile file not to matter.
const maxHeaderSize = 1024;
const maxItems = 32 * 1024;
const maxNameSize = 128;
const maxItemSize = 16 * 1024 * 1024;

const entrySize = 8;
const itemAlignment = 16;

/**
 * Reads the table of contents of the package at `start`: less than 1 MB of reading, whatever the table says.
 *
 * @throws ExecutableError EXECUTABLE_MALFORMED or EXECUTABLE_UNSUPPORTED.
 */
export async function readPackage(source: ByteSource, start: number): Promise<IcuPackage> {
  const headerSize = Buffer.from(await source.read(start, 2)).readUInt16LE();
  if (headerSize < infoEnd || headerSize > maxHeaderSize || headerSize % 4 !== 0)
    throw malformed(`an ICU package has a header of ${headerSize} bytes`, start);
  const table = start + headerSize;
  const count = Buffer.from(await source.read(table, 4)).readUInt32LE();
  if (count === 0 || count > maxItems) throw malformed(`an ICU package has ${count} items`, table);
  const pairs = Buffer.from(await source.read(table + 4, count * entrySize));
  const nameOffset = (index: number) => pairs.readUInt32LE(index * entrySize);
  const dataOffset = (index: number) => pairs.readUInt32LE(index * entrySize + 4);

  const namesStart = 4 + count * entrySize;
  const namesEnd = dataOffset(0);
  if (namesEnd < namesStart || namesEnd - namesStart > count * maxNameSize + itemAlignment)
    throw malformed("the names of an ICU package are not between its table and its data", table);
  const names = Buffer.from(await source.read(table + namesStart, namesEnd - namesStart));
  const fullNames: string[] = [];
  for (let index = 0; index < count; index++) {
    const at = table + 4 + index * entrySize;
    const from = nameOffset(index) - namesStart;
    const end = from < 0 ? -1 : names.indexOf(0, from);
    if (end < 0 || end - from > maxNameSize) throw malformed("an item of an ICU package has no name", at);
    const name = names.toString("latin1", from, end);
    if (index > 0 && name <= fullNames[index - 1]!)
      throw malformed("the names of an ICU package are not sorted", at);
    if (index > 0 && dataOffset(index) <= dataOffset(index - 1))
      throw malformed("the items of an ICU package overlap or are out of order", at);
    fullNames.push(name);
  }
  const end = dataOffset(count - 1) + (await lastItemSize(source, table + dataOffset(count - 1)));
  const prefix = /^icudt\d+l\//.exec(fullNames[0]!)?.[0];
  if (!prefix || !fullNames.every((name) => name.startsWith(prefix)))
    throw unsupported("the names of an ICU package do not start with ICU's version", table);
  const items = fullNames.map((name, index) => {
    const offset = headerSize + dataOffset(index);
    const size = (index + 1 < count ? dataOffset(index + 1) : end) - dataOffset(index);
    if (size > maxItemSize)
      throw unsupported(`item ${name} of an ICU package has ${size} bytes`, start + offset);
    return { name: name.slice(prefix.length), offset, size };
  });
  const size = headerSize + end;
  if (!isInside(source.size, start, size)) throw malformed("an ICU package is cut short", start);
  return { size, headerSize, prefix, items };
}

/**
 * The size of a resource bundle as it says itself (uresdata.h: word 3 of the indexes behind its header and root). The
 * last name of every package is a locale of a tree such as `zone`, hence such a bundle.
 */
async function lastItemSize(source: ByteSource, start: number): Promise<number> {
  const headerSize = Buffer.from(await source.read(start, 2)).readUInt16LE();
  const bytes = Buffer.from(await source.read(start, headerSize + 20));
  if (headerSize < infoEnd || bytes.toString("latin1", 12, 16) !== "ResB")
    throw unsupported("the last item of an ICU package is no resource bundle", start);
  return alignUp(headerSize + bytes.readUInt32LE(headerSize + 16) * 4);
}

/** The bytes of a package with these items, in the order of their names. */
export function writePackage(
  header: Uint8Array,
  prefix: string,
  items: readonly { readonly name: string; readonly bytes: Uint8Array }[],
): Uint8Array {
  const names = items.map(({ name }) => Buffer.from(`${prefix}${name}\0`, "latin1"));
  let nameOffset = 4 + items.length * entrySize;
  const dataStart = names.reduce((sum, name) => sum + name.length, nameOffset);
  // Aligned from the start of the package, like the items of the original.
  let itemStart = alignUp(header.length + dataStart);
  const size = items.reduce((sum, { bytes }) => alignUp(sum + bytes.length), itemStart);
  const output = new Uint8Array(size);
  const data = new DataView(output.buffer);
  output.set(header);
  data.setUint32(header.length, items.length, true);
  for (const [index, { bytes }] of items.entries()) {
    const entry = header.length + 4 + index * entrySize;
    data.setUint32(entry, nameOffset, true);
    data.setUint32(entry + 4, itemStart - header.length, true);
    output.set(names[index]!, header.length + nameOffset);
    output.set(bytes, itemStart);
    nameOffset += names[index]!.length;
    itemStart = alignUp(itemStart + bytes.length);
  }
  return output;
}

function alignUp(value: number): number {
  return Math.ceil(value / itemAlignment) * itemAlignment;
}
