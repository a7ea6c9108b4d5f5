import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";

let counter = 0;

/** A name beside `path` for a file that will be renamed to it; unique among processes and within this one. */
export function temporaryName(path: string): string {
  return join(dirname(path), `.${basename(path)}.sbp-${process.pid}-${counter++}.tmp`);
}

/** True for names made by `temporaryName`, whoever left them. */
export function isTemporaryName(name: string): boolean {
  return /^\..+\.sbp-\d+-\d+\.tmp$/.test(name);
}

/** Writes a whole file or nothing: readers see the old content or the new one. Makes the folder. */
export async function writeFileAtomic(path: string, content: string | Uint8Array): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const temporary = temporaryName(path);
  try {
    await writeFile(temporary, content);
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}
