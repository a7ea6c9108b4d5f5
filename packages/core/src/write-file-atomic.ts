import { randomBytes } from "node:crypto";
import { chmodSync, mkdirSync, renameSync, writeFileSync } from "node:fs";
import { chmod, mkdir, rename, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { processName } from "./process-name.ts";

/** Of this copy of the module: a process may have several, in threads. */
let own: string | undefined;
let counter = 0;

const shape = /^\..*\.sbp-([^-]+-\d+)-[0-9a-f]{6}-\d+\.tmp$/s;

/** A name beside `path` for a file that will be renamed to it; nobody else has the same. */
export function temporaryName(path: string): string {
  own ??= `${processName()}-${randomBytes(3).toString("hex")}`;
  // Names may not become too long for the file system.
  return join(dirname(path), `.${basename(path).slice(0, 40)}.sbp-${own}-${counter++}.tmp`);
}

/** The process that made a name with `temporaryName`; undefined for all other names. */
export function makerOfTemporary(name: string): string | undefined {
  return shape.exec(name)?.[1];
}

/**
 * Up to this length content is written at once: a build writes a dozen small files, and asking another thread to do it
 * takes several times as long as doing it.
 */
const smallContent = 256 << 10;

export interface WriteOptions {
  /** Permissions, whatever the umask. Default: those of any new file. */
  readonly mode?: number;
}

/** Writes a whole file or nothing: readers see the old content or the new one. Makes the folder. */
export async function writeFileAtomic(
  path: string,
  content: string | Uint8Array,
  { mode }: WriteOptions = {},
): Promise<void> {
  const temporary = temporaryName(path);
  try {
    if (content.length <= smallContent) {
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(temporary, content);
      if (mode !== undefined) chmodSync(temporary, mode);
      renameSync(temporary, path);
      return;
    }
    await mkdir(dirname(path), { recursive: true });
    await writeFile(temporary, content);
    if (mode !== undefined) await chmod(temporary, mode);
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}
