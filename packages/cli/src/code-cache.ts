/*
 * V8's compiled form of the command's script, kept between runs. Node's own compile cache holds what was compiled when a
 * module was loaded, so without functions, whose compilation is a fifth of a short build's work. This one is made when a command
 * ends, of all functions that have run by then.
 *
 * What is compiled grows from run to run, so the first runs of each occasion (a command, and the parts of the script that it
 * has wanted) write the file anew, with what was there before. There is a file for each command: what others need would only have
 * to be read.
 *
 *   SHA-256 of all that follows, 32 bytes | length of what V8 wrote, 8 bytes | what V8 wrote | {"runs": {occasion: count}}
 */
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** The third build of an app is the first that does not copy a template (core's store/spares.ts). */
const runsToLearn = 3;
/** More of them is not worth a longer file. */
const mostOccasions = 32;
/** Folders of versions that nobody has used for so long are removed. Milliseconds. */
const unusedTime = 60 * 24 * 60 * 60 * 1000;

export interface CodeCache {
  readonly data: Buffer | undefined;
  /** By occasion, how many runs the data has learned from. */
  readonly runs: Readonly<Record<string, number>>;
}

export const noCodeCache: CodeCache = { data: undefined, runs: {} };

/** What is kept in a file; nothing if it is damaged or not there. */
export function readCodeCache(file: string): CodeCache {
  try {
    const bytes = readFileSync(file);
    const content = bytes.subarray(32);
    if (!createHash("sha256").update(content).digest().equals(bytes.subarray(0, 32))) return noCodeCache;
    const end = 8 + Number(content.readBigUInt64LE());
    // V8 would copy data that does not begin at a multiple of 8.
    return { data: content.subarray(8, end), ...JSON.parse(content.toString("utf8", end)) };
  } catch {
    return noCodeCache;
  }
}

/** Whether a run on this occasion has anything to add. */
export function wantsToLearn({ data, runs }: CodeCache, occasion: string): boolean {
  if (!data) return true;
  const count = runs[occasion];
  return count === undefined ? Object.keys(runs).length < mostOccasions : count < runsToLearn;
}

/** Writes what V8 has compiled by now, whole or not at all. A cache that cannot be written is none. */
export function writeCodeCache(file: string, data: Buffer, old: CodeCache, occasion: string): void {
  const runs = { ...old.runs, [occasion]: (old.runs[occasion] ?? 0) + 1 };
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(data.length));
  const content = Buffer.concat([length, data, Buffer.from(JSON.stringify({ runs }))]);
  const temporary = `${file}.${process.pid}.tmp`;
  try {
    const isNew = mkdirSync(dirname(file), { recursive: true }) !== undefined;
    try {
      writeFileSync(temporary, Buffer.concat([createHash("sha256").update(content).digest(), content]));
      renameSync(temporary, file);
    } finally {
      rmSync(temporary, { force: true });
    }
    if (isNew) removeUnused(dirname(dirname(file)));
  } catch {
    // The next run tries again.
  }
}

/** Removes the folders of other versions that have not been written to for long. */
function removeUnused(folder: string): void {
  for (const name of readdirSync(folder)) {
    const version = join(folder, name);
    if (Date.now() - statSync(version).mtimeMs > unusedTime)
      rmSync(version, { recursive: true, force: true });
  }
}
