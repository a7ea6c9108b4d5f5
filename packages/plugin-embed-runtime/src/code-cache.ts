/*
 * V8's code cache of a script: its compiled form, which saves parsing at every start. V8 accepts a cache only
 * from the same build with the same flags, so the target's own Node makes it, where it runs on this host. Caches
 * are the same byte for byte, run after run, only under --predictable; those still fit a plain run, which is
 * checked once for every runtime (`learnCodeCache`). A cache that does not fit is ignored and costs nothing.
 */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { HostNodeError, runHostNode } from "./host-node.ts";
import type { ScriptText } from "./script.ts";

interface HostNode {
  /** Path of the executable. */
  readonly node: string;
  /** A folder for scratch files. */
  readonly cwd: string;
  readonly signal: AbortSignal;
}

const scriptFile = "script";
const cacheFile = "cache";
const rejected = 3;

// The same options as in the bootstrap's `compile`: they are part of what V8 compares.
const compile = `
const { readFileSync, writeFileSync } = require("node:fs");
const { constants, Script } = require("node:vm");
const [filename, mode] = process.argv.slice(1);
const script = new Script(readFileSync("${scriptFile}", "utf8"), {
  filename,
  lineOffset: -1,
  cachedData: mode === "check" ? readFileSync("${cacheFile}") : undefined,
  importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
});
if (mode === "make") writeFileSync("${cacheFile}", script.createCachedData());
else if (script.cachedDataRejected) process.exitCode = ${rejected};
`;

/**
 * Compiles a script and returns its code cache. Throws HostNodeError, with node's message, when the text is not
 * valid JavaScript for this version.
 */
export async function makeCodeCache(script: ScriptText, filename: string, host: HostNode): Promise<Buffer> {
  await writeFile(join(host.cwd, scriptFile), script.head + script.body + script.foot);
  await runHostNode(host.node, ["--predictable", "--eval", compile, filename, "make"], host);
  return await readFile(join(host.cwd, cacheFile));
}

/** True when caches of this Node are reproducible and a plain run accepts them. */
export async function learnCodeCache(sample: ScriptText, host: HostNode): Promise<boolean> {
  const first = await makeCodeCache(sample, "sample.cjs", host);
  const second = await makeCodeCache(sample, "sample.cjs", host);
  if (!first.equals(second)) return false;
  try {
    await runHostNode(host.node, ["--eval", compile, "sample.cjs", "check"], host);
    return true;
  } catch (error) {
    if (error instanceof HostNodeError && (error.cause as { code?: unknown }).code === rejected) return false;
    throw error;
  }
}
