import { malformed, tooLarge, unsupported } from "./error.ts";
import { recordSize } from "./tar-header.ts";

/** An entry of an archive, as far as its header goes. */
export interface TarMember {
  readonly type: "file" | "directory" | "symlink" | "hardlink" | "other";
  /** Relative, without `.`, `..` and empty names, and without a slash at its end. Empty for the root itself. */
  readonly path: string;
  /** What a link says, as it is there: possibly anything. */
  readonly target: string;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** In seconds since 1970, without fractions. */
  readonly modified: number;
  /** In bytes. */
  readonly size: number;
  /** Where the content begins in the (uncompressed) archive, in bytes. */
  readonly offset: number;
}

const longestExtension = 1024 * 1024;
const mostMembers = 1_000_000;
const longestPath = 16 * 1024;

const types: Readonly<Record<string, TarMember["type"]>> = {
  "\0": "file",
  "0": "file",
  "7": "file",
  "1": "hardlink",
  "2": "symlink",
  "5": "directory",
};

/**
 * The members of an archive in ustar, pax or GNU form, each with its content until the next one is asked for. No more
 * than a chunk and a header are in memory.
 *
 * @throws OciError OCI_MALFORMED, among others for paths that lead out of the root; OCI_TOO_LARGE, OCI_UNSUPPORTED.
 */
export async function* readTar(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<TarMember & TarBody> {
  const reader = new ChunkReader(chunks);
  let global = new Map<string, string>();
  let local = new Map<string, string>();
  for (let count = 0; ; ) {
    const record = await reader.exactly(recordSize);
    // The end, or a file that was cut at an entry's end, which many tools write and all accept.
    if (!record || record.every((byte) => byte === 0)) return;
    const header = decodeRecord(record);
    if ("xgLK".includes(header.flag)) {
      if (header.size > longestExtension) throw tooLarge(`a tar header extension of ${header.size} bytes`);
      const body = await reader.exactly(header.size);
      await reader.skip(paddingOf(header.size));
      if (!body) throw malformed("the archive ends within a header");
      if (header.flag === "x") local = new Map([...local, ...decodePax(body)]);
      else if (header.flag === "g") global = new Map([...global, ...decodePax(body)]);
      else local.set(header.flag === "L" ? "path" : "linkpath", text(body));
      continue;
    }
    if (++count > mostMembers) throw tooLarge(`an archive of more than ${mostMembers} members`);
    const extended = new Map([...global, ...local]);
    local = new Map();
    if ([...extended.keys()].some((key) => key.startsWith("GNU.sparse.")) || header.flag === "S")
      throw unsupported("sparse files in archives are not handled");
    const type = types[header.flag] ?? "other";
    const size = extended.has("size") ? decimal(extended.get("size")!) : header.size;
    const length = type === "file" || type === "other" ? size : 0;
    const body = reader.body(length);
    const { offset } = reader;
    yield {
      type,
      path: safePath(extended.get("path") ?? header.name),
      target: extended.get("linkpath") ?? header.target,
      mode: header.mode,
      uid: extended.has("uid") ? decimal(extended.get("uid")!) : header.uid,
      gid: extended.has("gid") ? decimal(extended.get("gid")!) : header.gid,
      modified: extended.has("mtime") ? Math.floor(Number(extended.get("mtime"))) || 0 : header.modified,
      size: length,
      offset,
      content: () => body,
    };
    // With what was not taken of the content.
    await reader.skip(offset + length + paddingOf(length) - reader.offset);
  }
}

export interface TarBody {
  /** The content, once and before the next member is asked for. */
  content(): AsyncIterable<Uint8Array>;
}

const paddingOf = (size: number) => (recordSize - (size % recordSize)) % recordSize;

function safePath(path: string): string {
  if (path.length > longestPath) throw tooLarge(`a path of ${path.length} characters`);
  const names = path.split("/").filter((name) => name !== "" && name !== ".");
  if (names.includes("..") || path.includes("\0"))
    throw malformed(`the archive has a path that leads out of it: ${JSON.stringify(path.slice(0, 200))}`);
  return names.join("/");
}

function decodeRecord(record: Uint8Array) {
  const bytes = Buffer.from(record.buffer, record.byteOffset, record.length);
  const sum = bytes.reduce((total, byte, at) => total + (at >= 148 && at < 156 ? 0x20 : byte), 0);
  if (number(bytes, 148, 8) !== sum) throw malformed("the archive has a header with a wrong checksum");
  const isUstar = bytes.toString("latin1", 257, 263) === "ustar\0";
  const prefix = isUstar ? text(bytes.subarray(345, 500)) : "";
  const name = text(bytes.subarray(0, 100));
  return {
    name: prefix ? `${prefix}/${name}` : name,
    mode: number(bytes, 100, 8) & 0o7777,
    uid: number(bytes, 108, 8),
    gid: number(bytes, 116, 8),
    size: number(bytes, 124, 12),
    modified: number(bytes, 136, 12),
    flag: String.fromCharCode(bytes[156]!),
    target: text(bytes.subarray(157, 257)),
  };
}

function text(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  return Buffer.from(end < 0 ? bytes : bytes.subarray(0, end)).toString("utf8");
}

/** Octal digits, or GNU's base 256 for what is larger. */
function number(bytes: Buffer, offset: number, length: number): number {
  const field = bytes.subarray(offset, offset + length);
  if (field[0]! & 0x80) {
    if (field[0] !== 0x80) throw malformed("the archive has a negative number");
    const value = field.subarray(1).reduce((sum, byte) => sum * 256 + byte, 0);
    if (!Number.isSafeInteger(value)) throw malformed("the archive has a number that is too large");
    return value;
  }
  const digits = field
    .toString("latin1")
    .replace(/\0[\s\S]*$/, "")
    .trim();
  if (!/^[0-7]*$/.test(digits)) throw malformed("the archive has a number that is none");
  return digits === "" ? 0 : Number.parseInt(digits, 8);
}

function decimal(value: string): number {
  const result = /^\d{1,16}$/.test(value) ? Number(value) : Number.NaN;
  if (!Number.isSafeInteger(result)) throw malformed("the archive has a number that is none");
  return result;
}

function decodePax(body: Uint8Array): Map<string, string> {
  const bytes = Buffer.from(body);
  const found = new Map<string, string>();
  for (let at = 0; at < bytes.length; ) {
    const space = bytes.indexOf(0x20, at);
    const digits = space < 0 ? "" : bytes.toString("latin1", at, space);
    const length = /^\d{1,7}$/.test(digits) ? Number(digits) : 0;
    const equals = bytes.indexOf(0x3d, space);
    if (
      length === 0 ||
      at + length > bytes.length ||
      bytes[at + length - 1] !== 0x0a ||
      equals < 0 ||
      equals >= at + length
    )
      throw malformed("the archive has a damaged pax header");
    found.set(bytes.toString("utf8", space + 1, equals), bytes.toString("utf8", equals + 1, at + length - 1));
    at += length;
  }
  return found;
}

/** Chunks of any length as runs of the length that is needed. */
class ChunkReader {
  /** How many bytes were taken, from the start. */
  offset = 0;
  readonly #chunks: AsyncIterator<Uint8Array>;
  #rest: Uint8Array = new Uint8Array();

  constructor(chunks: AsyncIterable<Uint8Array>) {
    this.#chunks = chunks[Symbol.asyncIterator]();
  }

  /** At most `most` bytes, none at the end. */
  async #some(most: number): Promise<Uint8Array> {
    while (this.#rest.length === 0) {
      const next = await this.#chunks.next();
      if (next.done) return new Uint8Array();
      this.#rest = next.value;
    }
    const taken = this.#rest.subarray(0, most);
    this.#rest = this.#rest.subarray(taken.length);
    this.offset += taken.length;
    return taken;
  }

  /** Undefined when the archive ends exactly here. Only for lengths that were checked. */
  async exactly(length: number): Promise<Uint8Array | undefined> {
    const kept: Uint8Array[] = [];
    let missing = length;
    while (missing > 0) {
      const some = await this.#some(missing);
      if (some.length === 0 && missing === length) return undefined;
      if (some.length === 0) throw malformed("the archive ends within a header");
      kept.push(some);
      missing -= some.length;
    }
    return kept.length === 1 ? kept[0] : Buffer.concat(kept);
  }

  async skip(length: number): Promise<void> {
    for await (const _ of this.body(length));
  }

  async *body(length: number): AsyncGenerator<Uint8Array> {
    for (let missing = length; missing > 0; ) {
      const some = await this.#some(missing);
      if (some.length === 0) throw malformed("the archive ends within a file");
      missing -= some.length;
      yield some;
    }
  }
}
