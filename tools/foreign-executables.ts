/* Executables as other tools make them of a JavaScript app, by the real tools from the registry. */
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { testRuntime } from "./test-runtimes.ts";

const run = promisify(execFile);
const cache = join(import.meta.dirname, "../node_modules/.cache/sbp-foreign-tools");

export const foreignVersions = { "node-sea": "26.10.0", bun: "1.4.5", deno: "2.9.6" } as const;
export type ForeignTool = keyof typeof foreignVersions;

/** The tool itself: for `node-sea` Node. Fetched once. */
export async function foreignTool(tool: ForeignTool): Promise<string> {
  switch (tool) {
    case "node-sea":
      return testRuntime(foreignVersions[tool], "linux-x64");
    case "bun":
      return packed("@oven/bun-linux-x64", foreignVersions[tool], "bin/bun");
    case "deno":
      return packed("@deno/linux-x64-glibc", foreignVersions[tool], "deno");
  }
}

/** An executable of a folder's `main.js`, as the tool's users make it. */
export async function makeForeign(tool: ForeignTool, app: string, output: string): Promise<void> {
  const program = await foreignTool(tool);
  const home = await mkdtemp(`${output}-home-`);
  const env = { PATH: process.env["PATH"], HOME: home, DENO_DIR: home, DENORT_BIN: program };
  try {
    if (tool === "node-sea") {
      const config = join(home, "sea.json");
      await writeFile(config, JSON.stringify({ main: "main.js", output, useCodeCache: true }));
      await run(program, ["--build-sea", config], { cwd: app, env });
    } else if (tool === "bun")
      await run(program, ["build", "--compile", "main.js", "--outfile", output], { cwd: app, env });
    // Deno fetches a smaller runtime for its executables, or takes the one of DENORT_BIN.
    else await run(program, ["compile", "--output", output, "main.js"], { cwd: app, env });
  } finally {
    await rm(home, { recursive: true });
  }
}

/** A file of a package. */
async function packed(name: string, version: string, file: string): Promise<string> {
  const folder = join(cache, `${name.replace("/", "-")}-${version}`);
  if (!existsSync(folder)) {
    await mkdir(cache, { recursive: true });
    const work = await mkdtemp(join(cache, "tmp-"));
    try {
      const words = ["pack", `${name}@${version}`, "--pack-destination", work, "--silent"];
      const { stdout } = await run("npm", words, { cwd: work });
      await run("tar", ["-xzf", join(work, stdout.trim()), "-C", work, "--strip-components=1"]);
      await rm(join(work, stdout.trim()));
      await rename(work, folder);
    } catch (error) {
      // Another test file may have fetched the same one meanwhile.
      await rm(work, { recursive: true, force: true });
      if (!existsSync(folder)) throw error;
    }
  }
  return join(folder, file);
}
