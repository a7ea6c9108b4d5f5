import { appendFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { ReadEntry } from "tar";
import { ArchiveError, decompressed } from "./extract-entry.ts";

/** Far more than packages for single platforms have. */
const mostFiles = 20_000;
/** Bytes, of a path and of one name in it. */
const longestPath = 1000;
const longestName = 255;

/** A file of a package. */
export interface PackageFile {
  /** In the package, with forward slashes. */
  readonly path: string;
  /** Absolute: where its content is. */
  readonly file: string;
  readonly executable: boolean;
}

/**
 * Writes the files of a package's gzipped tarball into an empty folder, under numbers: no name in the archive decides
 * where anything is written. Links and the like are refused, as are names that leave the package, that are there twice or
 * would be on a file system that does not tell case apart. Memory: a few chunks.
 * Throws ArchiveError; incomplete files may be left behind.
 */
export async function extractPackage(
  archive: string,
  folder: string,
  signal: AbortSignal,
): Promise<readonly PackageFile[]> {
  const { Parser } = await import("tar");
  const entries: TakenFile[] = [];
  const seen = new Set<string>();
  let failure: string | undefined;
  const parser = new Parser({
    onReadEntry: (entry) => {
      if (entry.type !== "Directory") failure ??= refusal(entry, seen);
      if (entries.length === mostFiles) failure ??= `more than ${mostFiles} files`;
      if (failure !== undefined || entry.type === "Directory") entry.resume();
      else entries.push(new TakenFile(entry, join(folder, `${entries.length}`)));
    },
    onwarn: (_code, message) => {
      failure ??= `damaged archive (${message})`;
    },
  });
  parser.on("error", (error: Error) => {
    failure ??= `damaged archive (${error.message})`;
  });
  let current = 0;
  const write = async () => {
    if (failure !== undefined) throw new ArchiveError(failure);
    // All but the last have been handed out whole.
    for (; current < entries.length; current++) {
      await entries[current]!.write();
      if (current === entries.length - 1) return;
    }
  };
  for await (const chunk of decompressed(archive, signal)) {
    // The parser hands out the entries' bytes before `write` returns: there are never more than these.
    parser.write(chunk);
    await write();
  }
  parser.end();
  await write();
  for (const entry of entries) entry.finish();
  return entries;
}

/** Why an entry is not taken; undefined for files at paths of a package. */
function refusal({ type, path }: ReadEntry, seen: Set<string>): string | undefined {
  if (type !== "File" && type !== "OldFile") return `${shown(path)} is no file but ${type}`;
  const names = pathInPackage(path).split("/");
  const isPlain = (name: string) =>
    name !== "" && name !== "." && name !== ".." && !/[\\\0:]/.test(name) && byteLength(name) <= longestName;
  if (!path.includes("/") || !names.every(isPlain) || byteLength(path) > longestPath)
    return `${shown(path)} is no path in a package`;
  const key = names.join("/").toLowerCase();
  if (seen.has(key)) return `${shown(path)} is there twice`;
  seen.add(key);
  return undefined;
}

/** All lies in one folder, whatever its name is. */
function pathInPackage(path: string): string {
  return path.slice(path.indexOf("/") + 1);
}

function byteLength(text: string): number {
  return Buffer.byteLength(text);
}

function shown(path: string): string {
  return JSON.stringify(path.slice(0, 200));
}

/** Keeps the bytes of an entry until they are written. */
class TakenFile implements PackageFile {
  readonly path: string;
  readonly file: string;
  readonly executable: boolean;
  readonly #size: number;
  #received = 0;
  #pieces: Uint8Array[] = [];
  #isThere = false;

  constructor(entry: ReadEntry, file: string) {
    this.path = pathInPackage(entry.path);
    this.file = file;
    this.executable = ((entry.mode ?? 0) & 0o111) !== 0;
    this.#size = entry.size;
    entry.on("data", (bytes: Uint8Array) => {
      this.#received += bytes.length;
      this.#pieces.push(bytes);
    });
  }

  async write(): Promise<void> {
    const content = Buffer.concat(this.#pieces.splice(0));
    if (!this.#isThere) await writeFile(this.file, content, { flag: "wx" });
    else if (content.length > 0) await appendFile(this.file, content);
    this.#isThere = true;
  }

  finish(): void {
    if (this.#received !== this.#size) throw new ArchiveError(`${shown(this.path)} is cut short`);
  }
}
