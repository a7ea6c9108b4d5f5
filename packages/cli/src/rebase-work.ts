import { mkdtemp, realpath, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { SbpError } from "@sbp/core";

/**
 * A fresh folder beside a file, for what will be renamed to it. Throws SBP_OUTPUT_NOT_WRITABLE.
 */
export async function makeWorkFolder(
  file: string,
): Promise<{ readonly path: string; readonly remove: () => Promise<void> }> {
  try {
    const prefix = join(dirname(file), `.${basename(file).slice(0, 40)}.sbp-`);
    const path = await realpath(await mkdtemp(prefix));
    return { path, remove: () => rm(path, { recursive: true, force: true }).catch(() => {}) };
  } catch (error) {
    throw new SbpError(
      "SBP_OUTPUT_NOT_WRITABLE",
      `The executable cannot be written: ${(error as Error).message}`,
      {
        location: { file },
        hint: "Make its folder, and make it writable; or name another file with --output.",
        cause: error,
      },
    );
  }
}
