import type { ByteRange } from "@sbp/executable";
import { ManifestError } from "../error.ts";

/** The file system that pkg gives an app, which calls it a snapshot. */
export interface Snapshot {
  /** Of pkg; undefined where the file does not tell. */
  readonly version: string | undefined;
  /** The file that is started, as `path` below. */
  readonly entry: string;
  readonly files: readonly SnapshotFile[];
  readonly compression: Compression;
}

export interface SnapshotFile {
  /** Below the snapshot's root: `shop/node_modules/lodash/pick.js`. */
  readonly path: string;
  /** Where it is in the executable, compressed or not; absent for scripts that are there as bytecode alone. */
  readonly content?: ByteRange;
  /** What V8 has compiled of it. */
  readonly bytecode?: ByteRange;
}

/** By pkg's numbers. */
const compressions = ["none", "gzip", "brotli", "zstd"] as const;
export type Compression = (typeof compressions)[number] | "unknown";

export function compressionOf(number: string): Compression {
  return compressions[Number(number)] ?? "unknown";
}

/* What a snapshot may be at most: far above what apps have. Names come from the file, so each takes memory. */

/** Bytes of the list of files. */
export const largestList = 16 << 20;
const mostFiles = 200_000;
/** Characters. */
export const longestPath = 4096;
const allPaths = 32 << 20;

/** Collects files within the limits. */
export class SnapshotFiles {
  readonly files: SnapshotFile[] = [];
  #characters = 0;

  add(file: SnapshotFile): void {
    this.#characters += file.path.length;
    if (file.path.length > longestPath) throw damaged("a path is too long");
    if (this.files.length >= mostFiles || this.#characters > allPaths) throw tooLarge();
    this.files.push(file);
  }
}

export const damaged = (message: string, cause?: unknown) =>
  new ManifestError("MANIFEST_MALFORMED", `what pkg made is damaged: ${message}`, { cause });

export const tooLarge = () =>
  new ManifestError("MANIFEST_TOO_LARGE", "the snapshot of pkg has more files than any that was ever made");

/** `/snapshot/shop/main.js`, or on Windows `C:\snapshot\shop\main.js`, below the root. */
export function belowRoot(path: string): string {
  return path
    .replaceAll("\\", "/")
    .replace(/^(?:[A-Za-z]:)?\/snapshot(?=\/|$)/, "")
    .replace(/^\//, "");
}

/**
 * The members of an object that JSON.stringify wrote, whose values all have one form, which `value` (of a regular expression) tells. One
 * after the other, as JSON.parse makes twenty times their size of the smallest ones. Throws ManifestError for all else.
 */
export function* membersOf(text: string, value: string): Generator<readonly [key: string, value: string]> {
  if (text.startsWith("{}")) return;
  const member = new RegExp(`"((?:[^"\\\\]|\\\\.){0,${longestPath}})":(${value})([,}])`, "y");
  let count = 0;
  for (member.lastIndex = 1; ; ) {
    const match = text.startsWith("{") ? member.exec(text) : null;
    if (!match) throw damaged("its list of files is of no known form");
    if (++count > mostFiles) throw tooLarge();
    yield [unquoted(match[1]!), match[2]!];
    if (match[3] === "}") return;
  }
}

/** What stands between the quotes of a text of JSON. */
export function unquoted(text: string): string {
  if (!text.includes("\\")) return text;
  try {
    return JSON.parse(`"${text}"`) as string;
  } catch (error) {
    throw damaged("a name in its list of files is none", error);
  }
}
