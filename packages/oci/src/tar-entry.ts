import { bytesContent, type Content } from "./content.ts";
import { OciError } from "./error.ts";

/**
 * Content that others share. What is compressed of it is kept under the key, so the same key must always stand for the
 * same bytes: the hash of a runtime, for instance.
 */
export interface KeyedContent extends Content {
  readonly key: string;
}

export type FilePart = Uint8Array | Content | KeyedContent;

interface Common {
  /** Relative to the root of the image, with `/`, in any Unicode form: bytes are kept as they are. */
  readonly path: string;
  /** Permission bits, up to 0o7777. */
  readonly mode?: number;
  /** Numbers; 0 unless given. */
  readonly uid?: number;
  readonly gid?: number;
}

export interface TarFile extends Common {
  readonly type: "file";
  /** The bytes, or parts that follow one another. 0o644 is the mode unless given. */
  readonly content: string | Uint8Array | readonly FilePart[];
}

export interface TarDirectory extends Common {
  /** 0o755 is the mode unless given. */
  readonly type: "directory";
}

export interface TarSymlink extends Common {
  /** The mode is 0o777 always. */
  readonly type: "symlink";
  /** What the link says: any text, also of places outside. */
  readonly target: string;
}

export type TarEntry = TarFile | TarDirectory | TarSymlink;

/** An entry as it is written. */
export interface PlannedEntry {
  readonly type: TarEntry["type"];
  readonly path: string;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly target: string;
  readonly parts: readonly Content[];
  /** Of all parts, in bytes. */
  readonly size: number;
}

/**
 * The entries in the order of their paths' bytes, with the directories that none of them names (0755, owned by root)
 * before what is in them.
 *
 * @throws OciError OCI_PATH_INVALID
 */
export function planEntries(entries: readonly TarEntry[]): PlannedEntry[] {
  const planned = new Map<string, PlannedEntry>();
  for (const entry of entries) {
    const path = checkedPath(entry.path);
    if (planned.has(path)) throw invalid(path, "is there twice");
    planned.set(path, plan(entry, path));
  }
  for (const path of [...planned.keys()]) {
    for (let end = path.lastIndexOf("/"); end > 0; end = path.lastIndexOf("/", end - 1)) {
      const parent = path.slice(0, end);
      const known = planned.get(parent);
      if (known && known.type !== "directory")
        throw invalid(path, `is below ${parent}, which is no directory`);
      if (!known) planned.set(parent, plan({ type: "directory", path: parent }, parent));
    }
  }
  const sortable = [...planned.values()].map((entry) => ({ entry, bytes: Buffer.from(entry.path) }));
  return sortable.sort((a, b) => Buffer.compare(a.bytes, b.bytes)).map(({ entry }) => entry);
}

function plan(entry: TarEntry, path: string): PlannedEntry {
  const usual = { file: 0o644, directory: 0o755, symlink: 0o777 }[entry.type];
  const mode = entry.type === "symlink" ? usual : (entry.mode ?? usual);
  const { uid = 0, gid = 0 } = entry;
  if (!Number.isInteger(mode) || mode < 0 || mode > 0o7777) throw new RangeError(`${path}: no mode: ${mode}`);
  for (const id of [uid, gid])
    if (!Number.isInteger(id) || id < 0 || id >= 2 ** 32) throw new RangeError(`${path}: no owner: ${id}`);
  const target = entry.type === "symlink" ? entry.target : "";
  if (entry.type === "symlink" && (target === "" || target.includes("\0")))
    throw invalid(path, "is a link to nowhere");
  const parts = entry.type === "file" ? contents(entry.content) : [];
  return {
    type: entry.type,
    path,
    mode,
    uid,
    gid,
    target,
    parts,
    size: parts.reduce((sum, { size }) => sum + size, 0),
  };
}

function contents(content: TarFile["content"]): Content[] {
  if (typeof content === "string") return [bytesContent(Buffer.from(content))];
  if (content instanceof Uint8Array) return [bytesContent(content)];
  return content.map((part) => (part instanceof Uint8Array ? bytesContent(part) : part));
}

function checkedPath(path: string): string {
  const plain = path.endsWith("/") ? path.slice(0, -1) : path;
  if (plain.includes("\0")) throw invalid(path.replaceAll("\0", "?"), "has a zero byte");
  if (plain.startsWith("/")) throw invalid(path, "must be relative to the root of the image");
  if (plain.split("/").some((name) => name === "" || name === "." || name === ".."))
    throw invalid(path, 'must have no empty name, "." or ".."');
  if (Buffer.from(plain).toString() !== plain) throw invalid(path, "is no Unicode text");
  return plain;
}

function invalid(path: string, problem: string): OciError {
  return new OciError("OCI_PATH_INVALID", `the path ${JSON.stringify(path)} ${problem}`);
}
