import {
  directoryMode,
  entryLength,
  executableFileMode,
  fileMode,
  headerLength,
  isPlainName,
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

/**
 * Reads a pack from a file that anybody may have made: every field is checked, and the checks cost no more
 * than one look at each entry. Layout: pack.ts. Throws RangeError saying what is wrong.
 */
export function readPack(bytes: Uint8Array): Pack {
  const pack = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  check(pack.length >= headerLength && pack.toString("latin1", 0, 8) === packMagic, "no pack");
  const field = (index: number) => pack.readUInt32LE(8 + 4 * index);
  check(field(0) === packVersion, `format version ${field(0)}`);
  check(field(7) === pack.length, "length");
  const count = field(1);
  const entries = section(pack, field(2), count * entryLength, "entries");
  const names = section(pack, field(3), field(4), "names");
  const info = readInfo(section(pack, field(5), field(6), "info"));
  check(count > 0 && entries.readUInt16LE(6) === directoryMode, "root");

  const files: PackedFile[] = [];
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
      files.push(readFile(pack, entry, path));
    }
  }
  return { info, files };
}

function readFile(pack: Buffer, entry: Buffer, path: string): PackedFile {
  const mode = entry.readUInt16LE(6);
  check(mode === fileMode || mode === executableFileMode, `mode of "${path}"`);
  const content = section(pack, entry.readUInt32LE(8), entry.readUInt32LE(12), `content of "${path}"`);
  const flags = entry.readUInt16LE(24);
  const wrapper = { foot: entry.readUInt16LE(26), head: entry.readUInt32LE(28) };
  check(wrapper.head + wrapper.foot <= content.length, `wrapper of "${path}"`);
  const cacheOffset = entry.readUInt32LE(16);
  return {
    path,
    executable: mode === executableFileMode,
    content,
    ascii: (flags & packFlags.ascii) !== 0,
    script: flags & packFlags.script ? { ...wrapper, module: (flags & packFlags.module) !== 0 } : undefined,
    codeCache: cacheOffset
      ? section(pack, cacheOffset, entry.readUInt32LE(20), `code cache of "${path}"`)
      : undefined,
  };
}

function nameBytes(entry: Buffer, names: Buffer): Buffer {
  return section(names, entry.readUInt32LE(0), entry.readUInt16LE(4), "name");
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
  const { main, sourceMap } = (info ?? {}) as Partial<PackInfo>;
  check(typeof main === "string", "info");
  if (sourceMap === undefined) return { main };
  const { map, content } = (sourceMap ?? {}) as Partial<PackedSourceMap>;
  check(typeof map === "string" && (content === undefined || typeof content === "string"), "info");
  return { main, sourceMap: { map, content } };
}

function section(pack: Buffer, offset: number, length: number, what: string): Buffer {
  check(offset + length <= pack.length, what);
  return pack.subarray(offset, offset + length);
}

function check(condition: boolean, what: string): asserts condition {
  if (!condition) throw new RangeError(`damaged pack: ${what}`);
}
