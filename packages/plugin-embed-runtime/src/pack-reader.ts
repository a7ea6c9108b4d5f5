import type { Json } from "@sbp/core";
import type { ByteRange, ByteSource } from "@sbp/executable";
import { readBuildFacts } from "./build-facts.ts";
import {
  allUses,
  directoryMode,
  entryLength,
  executableFileMode,
  fileMode,
  headerLength,
  isPlainName,
  linkMode,
  type PackedSourceMap,
  type PackInfo,
  packFlags,
  packMagic,
  packVersion,
} from "./pack.ts";

/** A file of a pack as `readPack` gives it. The arrays are views into the pack. */
export interface PackedFile {
  readonly path: string;
  readonly executable: boolean;
  /** It leads to a directory: the content is the path of that, which nobody has checked. */
  readonly isLink: boolean;
  /** With the wrapper, for a script. */
  readonly content: Buffer;
  readonly ascii: boolean;
  /** Lengths of the wrapper around the text, in bytes; undefined for a file that is no script. */
  readonly script: { readonly head: number; readonly foot: number; readonly module: boolean } | undefined;
  readonly codeCache: Buffer | undefined;
}

export interface Pack {
  readonly info: PackInfo;
  /** In the order of the index. */
  readonly files: readonly PackedFile[];
}

/** A file of a pack as `readPackIndex` gives it: where it is, in bytes from the pack's start. */
export type IndexedFile = Omit<PackedFile, "content" | "codeCache"> & {
  readonly content: ByteRange;
  readonly codeCache: ByteRange | undefined;
};

export interface PackIndex {
  readonly info: PackInfo;
  readonly files: readonly IndexedFile[];
}

/** A pack of a format that this version does not know. */
export class PackVersionError extends RangeError {
  override readonly name = "PackVersionError";
}

const knownFlags = Object.values(packFlags).reduce((all, flag) => all | flag, 0);

/** Bytes of an index: one of 100,000 files has 7 MB. */
const largestIndex = 64 * 1024 * 1024;

/**
 * Reads a pack from a file that anybody may have made: every field is checked, and the checks cost no more
 * than one look at each entry. Layout: pack.ts. Throws RangeError saying what is wrong.
 */
export function readPack(bytes: Uint8Array): Pack {
  const pack = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const layout = readLayout(pack.subarray(0, headerLength), pack.length);
  const part = ({ offset, size }: ByteRange) => pack.subarray(offset, offset + size);
  const { info, files } = readIndex(
    { entries: part(layout.entries), names: part(layout.names), info: part(layout.info) },
    pack.length,
  );
  return {
    info,
    files: files.map(({ content, codeCache, ...file }) => ({
      ...file,
      content: part(content),
      codeCache: codeCache && part(codeCache),
    })),
  };
}

/**
 * The same without the contents: reads the index only, however large the pack is. Throws RangeError, or
 * PackVersionError.
 */
export async function readPackIndex(pack: ByteSource): Promise<PackIndex> {
  const header = await pack.read(0, Math.min(headerLength, pack.size));
  const layout = readLayout(Buffer.from(header), pack.size);
  const { entries, names, info } = layout;
  check(entries.size + names.size + info.size <= largestIndex, "length of the index");
  const part = async ({ offset, size }: ByteRange) => Buffer.from(await pack.read(offset, size));
  return readIndex(
    { entries: await part(entries), names: await part(names), info: await part(info) },
    pack.size,
  );
}

type IndexParts<T> = { readonly entries: T; readonly names: T; readonly info: T };

function readLayout(header: Buffer, length: number): IndexParts<ByteRange> {
  check(header.length >= headerLength && header.toString("latin1", 0, 8) === packMagic, "no pack");
  const field = (index: number) => header.readUInt32LE(8 + 4 * index);
  if (field(0) !== packVersion) throw new PackVersionError(`damaged pack: format version ${field(0)}`);
  check(field(7) === length, "length");
  return {
    entries: range(length, field(2), field(1) * entryLength, "entries"),
    names: range(length, field(3), field(4), "names"),
    info: range(length, field(5), field(6), "info"),
  };
}

function readIndex({ entries, names, info }: IndexParts<Buffer>, length: number): PackIndex {
  const count = entries.length / entryLength;
  check(count > 0 && entries.readUInt16LE(6) === directoryMode, "root");

  const files: IndexedFile[] = [];
  /** The directory that each entry lies in, as a prefix of its path; the root has none. */
  const folders: string[] = [""];
  for (let index = 0; index < count; index++) {
    const entry = entries.subarray(index * entryLength, (index + 1) * entryLength);
    // Breadth-first order: whoever claims children claims the next ones. This also rules out cycles.
    const folder = folders[index];
    check(folder !== undefined, "an entry in no directory");
    const path = folder + nameOf(entry, names, index === 0);
    if (entry.readUInt16LE(6) === directoryMode) {
      const children = entry.readUInt32LE(12);
      check(entry.readUInt32LE(8) === folders.length && children <= count - folders.length, "children");
      const inside = index === 0 ? "" : `${path}/`;
      checkOrder(entries, names, folders.length, children);
      for (let child = 0; child < children; child++) folders.push(inside);
    } else {
      files.push(readFile(length, entry, path));
    }
  }
  return { info: readInfo(info), files };
}

function readFile(length: number, entry: Buffer, path: string): IndexedFile {
  const mode = entry.readUInt16LE(6);
  check([fileMode, executableFileMode, linkMode].includes(mode), `mode of "${path}"`);
  const content = range(length, entry.readUInt32LE(8), entry.readUInt32LE(12), `content of "${path}"`);
  const flags = entry.readUInt16LE(24);
  if ((flags & ~knownFlags) !== 0) throw new PackVersionError(`damaged pack: flags of "${path}"`);
  const wrapper = { foot: entry.readUInt16LE(26), head: entry.readUInt32LE(28) };
  check(wrapper.head + wrapper.foot <= content.size, `wrapper of "${path}"`);
  const cacheOffset = entry.readUInt32LE(16);
  return {
    path,
    executable: mode === executableFileMode,
    isLink: mode === linkMode,
    content,
    ascii: (flags & packFlags.ascii) !== 0,
    script: flags & packFlags.script ? { ...wrapper, module: (flags & packFlags.module) !== 0 } : undefined,
    codeCache: cacheOffset
      ? range(length, cacheOffset, entry.readUInt32LE(20), `code cache of "${path}"`)
      : undefined,
  };
}

function nameBytes(entry: Buffer, names: Buffer): Buffer {
  const { offset, size } = range(names.length, entry.readUInt32LE(0), entry.readUInt16LE(4), "name");
  return names.subarray(offset, offset + size);
}

function nameOf(entry: Buffer, names: Buffer, isRoot: boolean): string {
  const name = nameBytes(entry, names).toString();
  check(isRoot ? name === "" : isPlainName(name), "name");
  return name;
}

function checkOrder(entries: Buffer, names: Buffer, first: number, children: number): void {
  for (let child = first + 1; child < first + children; child++) {
    const before = nameBytes(entries.subarray((child - 1) * entryLength), names);
    const name = nameBytes(entries.subarray(child * entryLength), names);
    check(Buffer.compare(before, name) < 0, "order of names");
  }
}

function readInfo(bytes: Buffer): PackInfo {
  let info: unknown;
  try {
    info = JSON.parse(bytes.toString());
  } catch {
    info = undefined;
  }
  const { main, build, sourceMap, scriptMaps, carried, links, uses, address, ...more } = (info ??
    {}) as Partial<PackInfo> & {
    build?: Json;
  };
  check(typeof main === "string", "info");
  check(uses === undefined || (Array.isArray(uses) && uses.every((use) => allUses.includes(use))), "info");
  for (const count of [carried, links])
    check(count === undefined || (Number.isSafeInteger(count) && count > 0), "info");
  // Of this very executable, and of no other that the pack may get into.
  check(address === undefined || (Number.isSafeInteger(address) && address > 0), "info");
  const [unknown] = Object.keys(more);
  if (unknown !== undefined) throw new PackVersionError(`damaged pack: info of unknown "${unknown}"`);
  const facts = readBuildFacts(build);
  return {
    main,
    ...(facts && { build: facts }),
    ...(carried !== undefined && { carried }),
    ...(links !== undefined && { links }),
    ...(uses !== undefined && { uses }),
    ...(sourceMap !== undefined && { sourceMap: readSourceMap(sourceMap) }),
    ...(scriptMaps !== undefined && { scriptMaps: readScriptMaps(scriptMaps) }),
  };
}

function readSourceMap(value: unknown): PackedSourceMap {
  const { map, content } = (value ?? {}) as Partial<PackedSourceMap>;
  check(typeof map === "string" && (content === undefined || typeof content === "string"), "info");
  return { map, content };
}

function readScriptMaps(value: unknown): Record<string, PackedSourceMap> {
  check(typeof value === "object" && value !== null && !Array.isArray(value), "info");
  return Object.fromEntries(Object.entries(value).map(([path, map]) => [path, readSourceMap(map)]));
}

function range(length: number, offset: number, size: number, what: string): ByteRange {
  check(offset + size <= length, what);
  return { offset, size };
}

function check(condition: boolean, what: string): asserts condition {
  if (!condition) throw new RangeError(`damaged pack: ${what}`);
}
