import type { ByteRange } from "@sbp/executable";
import { ManifestError } from "../error.ts";

/** The file system that pkg gives an app, which calls it a snapshot, as far as it is of use here. */
export interface Snapshot {
  /** Of pkg; undefined where the file does not tell. */
  readonly version: string | undefined;
  /** The file that is started, a path below the snapshot's root: `shop/main.js`. */
  readonly entry: string;
  readonly compression: Compression;
  readonly files: SnapshotFiles;
}

/** By pkg's numbers. */
const compressions = ["none", "gzip", "brotli", "zstd"] as const;
export type Compression = (typeof compressions)[number] | "unknown";

export function compressionOf(number: string): Compression {
  return compressions[Number(number)] ?? "unknown";
}

/* What a snapshot may be at most: far above what apps have. Names come from the file, so each takes memory. */

/** Bytes of the list of files. */
export const largestList = 12 << 20;
const mostFiles = 150_000;
/** Characters. */
export const longestPath = 4096;
const allPaths = 32 << 20;
const mostPackages = 20_000;

/** A package's folder in a snapshot. */
export interface SnapshotPackage {
  /** By its folder: `@scope/name`. */
  readonly name: string;
  /** Of its files, within it. */
  readonly paths: string[];
  /** Where its package.json is in the executable, compressed or not. */
  packageJson?: ByteRange;
}

/** `…/node_modules/@scope/name/lib/file.js`: the innermost package, and the place within. */
const inPackage = /^((?:.*\/)?node_modules\/((?:@[^/]+\/)?[^/@.][^/]*))\/(.+)$/s;

/** Takes in the files of a snapshot, and keeps of each no more than its path. */
export class SnapshotFiles {
  count = 0;
  /** Scripts that are there as what V8 compiled of them alone. */
  withoutSource = 0;
  addons = 0;
  /** By their folders. */
  readonly packages = new Map<string, SnapshotPackage>();
  /** The package.json files of no package, by their folders. */
  readonly ownPackageJsons = new Map<string, ByteRange>();
  #characters = 0;

  /** @param content where it is in the executable, compressed or not */
  add(path: string, content: ByteRange | undefined): void {
    this.count++;
    this.#characters += path.length;
    if (path.length > longestPath) throw damaged("a path is too long");
    if (this.count > mostFiles || this.#characters > allPaths) throw tooLarge();
    if (!content) this.withoutSource++;
    if (path.endsWith(".node")) this.addons++;
    const [, folder, name, within] = inPackage.exec(path) ?? [];
    if (folder !== undefined && name !== undefined && within !== undefined) {
      const found = this.packages.get(folder) ?? { name, paths: [] };
      if (this.packages.size >= mostPackages) throw tooLarge();
      this.packages.set(folder, found);
      found.paths.push(within);
      if (within === "package.json" && content) found.packageJson = content;
    } else if (content && /(?:^|\/)package\.json$/.test(path))
      this.ownPackageJsons.set(path.slice(0, -"package.json".length), content);
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
