import type { ByteRange, ByteSource } from "@sbp/executable";
import {
  directoryMode,
  entryLength,
  executableFileMode,
  fileMode,
  headerLength,
  isPlainName,
  linkMode,
  packFlags,
  packMagic,
  packVersion,
} from "./pack-format.ts";

/** A file of a pack: where it is, in bytes from the pack's start. */
export interface IndexedFile {
  readonly path: string;
  readonly executable: boolean;
  /** It leads to a directory: the content is the path of that, which nobody has checked. */
  readonly isLink: boolean;
  /** With the wrapper, for a script. */
  readonly content: ByteRange;
  readonly ascii: boolean;
  /** Lengths of the wrapper around the text, in bytes; undefined for a file that is no script. */
  readonly script: { readonly head: number; readonly foot: number; readonly module: boolean } | undefined;
  readonly codeCache: ByteRange | undefined;
}

/** Where the parts of a pack are. */
export interface PackLayout {
  readonly entries: ByteRange;
  readonly names: ByteRange;
  readonly info: ByteRange;
  /** The two documents of the manifest; undefined where there is none. */
  readonly manifest: ByteRange | undefined;
  readonly details: ByteRange | undefined;
}

/** A pack of a format that this version does not know. */
export class PackVersionError extends RangeError {
  override readonly name = "PackVersionError";
}

const knownFlags = Object.values(packFlags).reduce((all, flag) => all | flag, 0);

/** Bytes of an index: one of 100,000 files has 7 MB. */
const largestIndex = 64 * 1024 * 1024;

/**
 * Reads the header of a pack that anybody may have made, of `length` bytes. Layout: pack-format.ts. Throws RangeError saying
 * what is wrong, or PackVersionError.
 */
export function readPackLayout(header: Buffer, length: number): PackLayout {
  check(header.length >= headerLength && header.toString("latin1", 0, 8) === packMagic, "no pack");
  const field = (index: number) => header.readUInt32LE(8 + 4 * index);
  if (field(0) !== packVersion) throw new PackVersionError(`damaged pack: format version ${field(0)}`);
  check(field(7) === length, "length");
  const document = (index: number, what: string) =>
    field(index) === 0 ? undefined : range(length, field(index), field(index + 1), what);
  return {
    entries: range(length, field(2), field(1) * entryLength, "entries"),
    names: range(length, field(3), field(4), "names"),
    info: range(length, field(5), field(6), "info"),
    manifest: document(8, "manifest"),
    details: document(10, "details"),
  };
}

/** The same from a file: reads 64 bytes. */
export async function readPackHeader(pack: ByteSource): Promise<PackLayout> {
  const header = await pack.read(0, Math.min(headerLength, pack.size));
  return readPackLayout(Buffer.from(header), pack.size);
}

/** Reads the index of a pack, but none of the contents, however large it is. Throws RangeError. */
export async function readPackFiles(
  pack: ByteSource,
  { entries, names }: Pick<PackLayout, "entries" | "names">,
): Promise<readonly IndexedFile[]> {
  check(entries.size + names.size <= largestIndex, "length of the index");
  const part = async ({ offset, size }: ByteRange) => Buffer.from(await pack.read(offset, size));
  return filesOf(await part(entries), await part(names), pack.size);
}

/** The files of an index, in its order: one look at each entry. Throws RangeError. */
export function filesOf(entries: Buffer, names: Buffer, length: number): readonly IndexedFile[] {
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
  return files;
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

function range(length: number, offset: number, size: number, what: string): ByteRange {
  check(offset + size <= length, what);
  return { offset, size };
}

function check(condition: boolean, what: string): asserts condition {
  if (!condition) throw new RangeError(`damaged pack: ${what}`);
}
