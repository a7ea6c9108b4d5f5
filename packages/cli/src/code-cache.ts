/*
 * What V8 has compiled of scripts, kept between runs. Node's own compile cache holds what was compiled when a module was loaded,
 * so hardly any functions, whose compilation is a fifth of a short build's work. This one is made when a command ends, of all
 * functions that have run by then.
 *
 * What is compiled grows from run to run, so the first runs of each occasion (a command, and the parts of it that were
 * loaded) write the file anew, with what was there before. Everything in it has to be read, so there is a file for each command,
 * and long runs do not write: what they need besides (a runtime's template is made once) is not worth the time of all
 * others, and compiling is a small part of them.
 *
 *   SHA-256 of all that follows, 32 bytes | length of the JSON, 8 bytes
 *   {"runs": {occasion: count}, "scripts": [[key, length], …]} | what V8 wrote for each script
 *
 * Everything is filled up to multiples of 8 bytes, since V8 would copy what begins elsewhere.
 */
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** The third build of an app is the first that does not copy a template (core's store/spares.ts). */
const runsToLearn = 3;
/** Milliseconds of processor time. A build of a small app takes 200 to 500, without a cache as well. */
const longestRun = 2000;
/** More of them is not worth a longer file. */
const mostOccasions = 32;
/** Folders of versions that nobody has used for so long are removed. Milliseconds. */
const unusedTime = 60 * 24 * 60 * 60 * 1000;

export interface CodeCache {
  /** By key: what stands for a script's text. */
  readonly scripts: ReadonlyMap<string, Buffer>;
  /** By occasion, how many runs it has learned from. */
  readonly runs: Readonly<Record<string, number>>;
}

export const noCodeCache: CodeCache = { scripts: new Map(), runs: {} };

/** What is kept in a file; nothing if it is damaged or not there. */
export function readCodeCache(file: string): CodeCache {
  try {
    const bytes = readFileSync(file);
    if (!digest(bytes.subarray(32)).equals(bytes.subarray(0, 32))) return noCodeCache;
    let offset = 40 + Number(bytes.readBigUInt64LE(32));
    const head: { runs: CodeCache["runs"]; scripts: [string, number][] } = JSON.parse(
      bytes.toString("utf8", 40, offset),
    );
    const scripts = new Map<string, Buffer>();
    for (const [key, length] of head.scripts) {
      scripts.set(key, bytes.subarray(offset, offset + length));
      offset += length + missing(length);
    }
    return { scripts, runs: head.runs };
  } catch {
    return noCodeCache;
  }
}

/**
 * Whether a run on this occasion has anything to add.
 * @param ms processor time that it took
 */
export function wantsToLearn({ scripts, runs }: CodeCache, occasion: string, ms: number): boolean {
  if (ms > longestRun) return false;
  if (scripts.size === 0) return true;
  const count = runs[occasion];
  return count === undefined ? Object.keys(runs).length < mostOccasions : count < runsToLearn;
}

/**
 * Writes what V8 has compiled by now, whole or not at all.
 * @param scripts those of this run; of others what was there before is kept
 */
export function writeCodeCache(
  file: string,
  scripts: CodeCache["scripts"],
  old: CodeCache,
  occasion: string,
): void {
  const all = new Map([...old.scripts, ...scripts]);
  const head = JSON.stringify({
    runs: { ...old.runs, [occasion]: (old.runs[occasion] ?? 0) + 1 },
    scripts: [...all].map(([key, data]) => [key, data.length]),
  });
  const json = Buffer.from(head + " ".repeat(missing(Buffer.byteLength(head))));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  const parts = [...all.values()].flatMap((data) => [data, Buffer.alloc(missing(data.length))]);
  const content = Buffer.concat([length, json, ...parts]);
  const temporary = `${file}.${process.pid}.tmp`;
  try {
    const isNew = mkdirSync(dirname(file), { recursive: true }) !== undefined;
    try {
      writeFileSync(temporary, Buffer.concat([digest(content), content]));
      renameSync(temporary, file);
    } finally {
      rmSync(temporary, { force: true });
    }
    if (isNew) removeUnused(dirname(dirname(file)));
  } catch {
    // The next run tries again.
  }
}

/** How many bytes are missing to a multiple of 8. */
function missing(length: number): number {
  return -length & 7;
}

function digest(bytes: Uint8Array): Buffer {
  return createHash("sha256").update(bytes).digest();
}

/** Removes the folders of other versions that have not been written to for long. */
function removeUnused(folder: string): void {
  for (const name of readdirSync(folder)) {
    const version = join(folder, name);
    if (Date.now() - statSync(version).mtimeMs > unusedTime)
      rmSync(version, { recursive: true, force: true });
  }
}
