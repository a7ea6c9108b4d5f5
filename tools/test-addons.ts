import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);
const cache = join(import.meta.dirname, "../node_modules/.cache/sbp-test-addons");

/** Packages with a small native addon in them, the last for linux-x64 alone, and no dependencies that loading needs. */
export const testAddons = {
  bufferutil: "4.0.9",
  "utf-8-validate": "6.0.5",
  "@node-rs/argon2-linux-x64-gnu": "2.2.1",
} as const;

/**
 * The folder of such a package, from the registry that npm is configured for. Fetched once, kept in node_modules/.cache;
 * nothing is built.
 */
export async function testAddon(name: keyof typeof testAddons): Promise<string> {
  const version = testAddons[name];
  // As npm names the file.
  const packed = `${name.replace("@", "").replace("/", "-")}-${version}`;
  const folder = join(cache, packed);
  if (existsSync(folder)) return join(folder, "package");
  await mkdir(cache, { recursive: true });
  const tmp = await mkdtemp(join(cache, "tmp-"));
  try {
    await run("npm", ["pack", `${name}@${version}`, "--pack-destination", tmp, "--silent"], { cwd: tmp });
    await run("tar", ["-xzf", join(tmp, `${packed}.tgz`), "-C", tmp]);
    await rename(tmp, folder);
  } catch (error) {
    // Another test file may have fetched the same one meanwhile.
    await rm(tmp, { recursive: true, force: true });
    if (!existsSync(folder)) throw error;
  }
  return join(folder, "package");
}
