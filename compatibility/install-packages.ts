import { execFile } from "node:child_process";
import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";

/** Puts the packages of the apps into this folder's node_modules, as the lock has them, unless they are there. */
export async function installPackages(): Promise<void> {
  const done = join(import.meta.dirname, "node_modules/.package-lock.json");
  const lock = join(import.meta.dirname, "package-lock.json");
  if (existsSync(done) && statSync(done).mtimeMs >= statSync(lock).mtimeMs) return;
  await promisify(execFile)("npm", ["ci"], { cwd: import.meta.dirname });
}
