/**
 * Reads ICU's binary resource bundles (`.res`), by the description in icu4c/source/common/uresdata.h, format versions
 * 1 to 3: a header, then 32-bit words. Word 0 is the root resource; then come the indexes (their number, where keys and
 * 16-bit units end, …), the keys, the 16-bit units, the rest. A resource is a word: its type in the upper 4 bits, an
 * offset in the others. Keys and strings that many bundles share are in the tree's `pool.res`.
 *
 * Bundles are taken to be hostile: every access is checked, and no walk visits a place twice.
 */

import { malformed } from "../error.ts";

export type Resource = number;

const type = {
  string: 0,
  table: 2,
  alias: 3,
  table32: 4,
  table16: 5,
  string16: 6,
  array: 8,
  array16: 9,
} as const;

const index = { length: 1, keysEnd: 2, attributes: 6 } as const;
const usesPool = 4;
const infoEnd = 24;
// Far above what real bundles have in the strings that are read here, names and paths.
const maxTextLength = 1024;

/** A table as it is stored: `count` keys and, from `values` on, as many resources; all in units of 2 or 4 bytes. */
export interface Table {
  readonly countAt: number;
  readonly count: number;
  readonly countSize: 2 | 4;
  readonly keysAt: number;
  readonly keySize: 2 | 4;
  readonly valuesAt: number;
  readonly valueSize: 2 | 4;
}

export class ResourceBundle {
  readonly #data: DataView;
  readonly #pool: ResourceBundle | undefined;
  readonly #keysStart: number;
  readonly #units: number;
  /** Keys from here on are the pool's; Infinity without one. */
  readonly #poolKeys: number;
  /** Offsets of strings below these are the pool's. */
  readonly #poolStrings: number;
  readonly #poolStrings16: number;
  #effort: number;
  readonly root: Resource;
  /** In bytes; offsets of tables count from there. */
  readonly headerSize: number;

  /**
   * @param bytes the whole item of a package, header included.
   * @param pool the bundle `pool.res` of the same tree, if there is one.
   */
  constructor(bytes: Uint8Array, pool?: ResourceBundle) {
    const item = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const headerSize = bytes.length < infoEnd ? 0 : item.getUint16(0, true);
    if (headerSize < infoEnd || headerSize + 4 > bytes.length)
      throw malformed("a resource bundle has no header");
    if (Buffer.from(bytes.subarray(12, 16)).toString("latin1") !== "ResB")
      throw malformed("an item that should be a resource bundle is none");
    const version = item.getUint8(16);
    if (version < 1 || version > 3) throw malformed(`a resource bundle has format version ${version}`);
    this.#data = new DataView(bytes.buffer, bytes.byteOffset + headerSize, bytes.length - headerSize);
    // Parts of a real bundle do not overlap, and each is read a few times.
    this.#effort = 16 * bytes.length + 4096;
    this.headerSize = headerSize;
    this.root = this.word(0);
    const indexes = this.word(4 * index.length);
    const count = indexes & 0xff;
    const attributes = count >= index.attributes ? this.word(4 * index.attributes) : 0;
    const keysEnd = this.word(4 * index.keysEnd);
    this.#keysStart = 4 * (1 + count);
    this.#units = 4 * keysEnd;
    const pooled = version >= 2 && (attributes & usesPool) !== 0;
    if (pooled && !pool) throw malformed("a resource bundle refers to a pool that is not there");
    this.#pool = pooled ? pool : undefined;
    // Without keys of its own, a bundle counts those of the pool from 0.
    this.#poolKeys = !pooled ? Number.POSITIVE_INFINITY : keysEnd > 1 + count ? 4 * keysEnd : 0;
    this.#poolStrings = version >= 3 ? (indexes >>> 8) + ((attributes >>> 12) & 15) * 2 ** 24 : 0;
    this.#poolStrings16 = version >= 3 ? attributes >>> 16 : 0;
  }

  /** The table's entries by key; nothing when the resource is no table. */
  entries(resource: Resource): Map<string, Resource> {
    const entries = new Map<string, Resource>();
    const table = this.table(resource);
    if (table) {
      for (let at = 0; at < table.count; at++) entries.set(this.key(table, at), this.value(table, at));
    }
    return entries;
  }

  /** Where a table's parts are, from the end of the bundle's header; undefined for other resources and empty tables. */
  table(resource: Resource): Table | undefined {
    const offset = resource & 0xfffffff;
    if (offset === 0 && resource >>> 28 !== type.table16) return undefined;
    switch (resource >>> 28) {
      case type.table: {
        const count = this.#half(4 * offset);
        const valuesAt = Math.ceil((4 * offset + 2 + 2 * count) / 4) * 4;
        return this.#checked({
          ...{ countAt: 4 * offset, count, countSize: 2 },
          ...{ keysAt: 4 * offset + 2, keySize: 2, valuesAt, valueSize: 4 },
        });
      }
      case type.table32: {
        const count = this.word(4 * offset);
        return this.#checked({
          ...{ countAt: 4 * offset, count, countSize: 4 },
          ...{ keysAt: 4 * offset + 4, keySize: 4, valuesAt: 4 * offset + 4 + 4 * count, valueSize: 4 },
        });
      }
      case type.table16: {
        const countAt = this.#units + 2 * offset;
        const count = this.#half(countAt);
        return this.#checked({
          ...{ countAt, count, countSize: 2 },
          ...{ keysAt: countAt + 2, keySize: 2, valuesAt: countAt + 2 + 2 * count, valueSize: 2 },
        });
      }
      default:
        return undefined;
    }
  }

  key(table: Table, at: number): string {
    const key = this.#key(table, at);
    this.#spend(key.length);
    return key;
  }

  #key(table: Table, at: number): string {
    if (table.keySize === 2) {
      const offset = this.#half(table.keysAt + 2 * at);
      if (offset < this.#poolKeys) return this.#text(offset);
      return this.#pool!.#text(this.#pool!.#keysStart + offset - this.#poolKeys);
    }
    const offset = this.word(table.keysAt + 4 * at);
    if (offset < 0x80000000) return this.#text(offset);
    if (!this.#pool) throw malformed("a key of a resource bundle is in a pool that is not there");
    return this.#pool.#text(this.#pool.#keysStart + offset - 0x80000000);
  }

  value(table: Table, at: number): Resource {
    if (table.valueSize === 4) return this.word(table.valuesAt + 4 * at);
    return this.#string16(table.valuesAt + 2 * at);
  }

  #string16(at: number): Resource {
    const offset = this.#half(at);
    const full = offset < this.#poolStrings16 ? offset : offset - this.#poolStrings16 + this.#poolStrings;
    return type.string16 * 2 ** 28 + full;
  }

  /** The text of a string; undefined for other resources. */
  string(resource: Resource): string | undefined {
    const offset = resource & 0xfffffff;
    if (resource >>> 28 === type.string) return this.#longString(offset);
    if (resource >>> 28 !== type.string16) return undefined;
    if (offset >= this.#poolStrings) return this.#shortString(offset - this.#poolStrings);
    if (!this.#pool) throw malformed("a string of a resource bundle is in a pool that is not there");
    return this.#pool.#shortString(offset);
  }

  /** The string of that key in a table; undefined when there is none. */
  text(resource: Resource, key: string): string | undefined {
    const value = this.entries(resource).get(key);
    return value === undefined ? undefined : this.string(value);
  }

  /** The entries of a table that are strings. */
  strings(resource: Resource): Map<string, string> {
    const strings = new Map<string, string>();
    for (const [key, value] of this.entries(resource)) {
      const text = this.string(value);
      if (text !== undefined) strings.set(key, text);
    }
    return strings;
  }

  /** The strings of an array, or the one string that stands for an array of one. */
  stringList(resource: Resource): readonly string[] {
    const offset = resource & 0xfffffff;
    const resources: Resource[] = [];
    if (resource >>> 28 === type.array16) {
      const count = this.#half(this.#units + 2 * offset);
      this.#spend(count);
      for (let at = 1; at <= count; at++) resources.push(this.#string16(this.#units + 2 * (offset + at)));
    } else if (resource >>> 28 === type.array) {
      const { count, valuesAt } = this.#container(resource);
      for (let at = 0; at < count; at++) resources.push(this.word(valuesAt + 4 * at));
    } else resources.push(resource);
    return resources.map((item) => this.string(item)).filter((text) => text !== undefined);
  }

  /** The paths of all alias resources, such as `/LOCALE/calendar/gregorian` or `/ICUDATA-curr/de/Currencies`. */
  aliases(): Set<string> {
    const paths = new Set<string>();
    const seen = new Set<Resource>();
    const pending = [this.root];
    for (let resource = pending.pop(); resource !== undefined; resource = pending.pop()) {
      if (seen.has(resource)) continue;
      seen.add(resource);
      if (resource >>> 28 === type.alias) paths.add(this.#longString(resource & 0xfffffff));
      const { count, valuesAt } = this.#container(resource);
      for (let at = 0; at < count; at++) pending.push(this.word(valuesAt + 4 * at));
    }
    return paths;
  }

  word(at: number): number {
    this.#check(at, 4);
    return this.#data.getUint32(at, true);
  }

  /** The parts of a container that can hold aliases: those with 16-bit values hold strings only. */
  #container(resource: Resource): { count: number; valuesAt: number } {
    const offset = resource & 0xfffffff;
    if (resource >>> 28 === type.array && offset > 0) {
      const count = this.word(4 * offset);
      this.#check(4 * offset + 4, 4 * count);
      this.#spend(count);
      return { count, valuesAt: 4 * offset + 4 };
    }
    const table = resource >>> 28 === type.table16 ? undefined : this.table(resource);
    return table ?? { count: 0, valuesAt: 0 };
  }

  #checked(table: Table): Table {
    this.#check(table.keysAt, table.count * table.keySize);
    this.#check(table.valuesAt, table.count * table.valueSize);
    this.#spend(table.count);
    return table;
  }

  /** Bounds the work that a bundle can cause whose parts overlap. */
  #spend(effort: number): void {
    this.#effort -= effort;
    if (this.#effort < 0) throw malformed("the parts of a resource bundle overlap");
  }

  #half(at: number): number {
    this.#check(at, 2);
    return this.#data.getUint16(at, true);
  }

  #text(at: number): string {
    // Keys are identifiers: the longest of ICU's has 60 bytes.
    const end = Math.min(this.#data.byteLength, at + 256);
    let text = "";
    for (let next = at; next < end; next++) {
      const byte = this.#data.getUint8(next);
      if (byte === 0) return text;
      text += String.fromCharCode(byte);
    }
    throw malformed("a key of a resource bundle does not end");
  }

  #longString(offset: number): string {
    if (offset === 0) return "";
    const length = this.word(4 * offset);
    return this.#utf16(4 * offset + 4, length);
  }

  #shortString(offset: number): string {
    const at = this.#units + 2 * offset;
    const first = this.#half(at);
    // A trail surrogate in front is a length.
    if (first >= 0xdc00 && first < 0xdfef) return this.#utf16(at + 2, first & 0x3ff);
    if (first >= 0xdfef && first < 0xdfff)
      return this.#utf16(at + 4, (first - 0xdfef) * 0x10000 + this.#half(at + 2));
    if (first === 0xdfff) return this.#utf16(at + 6, this.#half(at + 2) * 0x10000 + this.#half(at + 4));
    let length = 0;
    while (this.#half(at + 2 * length) !== 0) {
      if (++length > maxTextLength) throw malformed("a string of a resource bundle does not end");
    }
    return this.#utf16(at, length);
  }

  #utf16(at: number, length: number): string {
    if (length > maxTextLength) throw malformed(`a name in a resource bundle has ${length} letters`);
    this.#check(at, 2 * length);
    this.#spend(length);
    const { buffer, byteOffset } = this.#data;
    return Buffer.from(buffer, byteOffset + at, 2 * length).toString("utf16le");
  }

  #check(at: number, size: number): void {
    if (at < 0 || size > this.#data.byteLength || at > this.#data.byteLength - size)
      throw malformed("a part of a resource bundle is outside it");
  }
}
