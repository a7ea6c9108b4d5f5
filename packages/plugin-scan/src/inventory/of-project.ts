import { readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { exitCodes, SbpError } from "@sbp/core";
import type { Inventory } from "./inventory.ts";
import { findLockFile, lockFileNames, readLockFile } from "./of-lockfile.ts";

/** What a project's folder lists. Throws SBP_SCAN_FILE where it has no lock file, SBP_SCAN_LOCKFILE. */
export async function inventoryOfProject(folder: string, path: string): Promise<Inventory> {
  const file = await findLockFile(folder);
  if (!file)
    throw new SbpError("SBP_SCAN_FILE", `${path} is neither an image nor a project: it has no lock file`, {
      location: { file: folder },
      hint: `Name a folder with ${lockFileNames.join(", ")}, or with an OCI layout.`,
      exitCode: exitCodes.badUsage,
    });
  const { name, version } = await identity(folder);
  return {
    // What tools that show findings in files can show.
    subject: { kind: "project", name, version, target: undefined, path: join(path, basename(file)) },
    ...(await readLockFile(file)),
    unknown: ["A lock file tells what may be installed: scan the executable to know what is in it."],
  };
}

async function identity(folder: string): Promise<{ readonly name: string; readonly version: string }> {
  const text = await readFile(join(folder, "package.json"), "utf8").catch(() => "{}");
  try {
    const { name, version } = JSON.parse(text) as Record<string, unknown>;
    return {
      name: typeof name === "string" ? name : basename(folder),
      version: typeof version === "string" ? version : "",
    };
  } catch {
    return { name: basename(folder), version: "" };
  }
}
