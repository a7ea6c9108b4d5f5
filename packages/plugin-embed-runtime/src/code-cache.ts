/*
 * V8's code cache of a script: its compiled form, which saves parsing at every start. V8 accepts a cache only
 * from the same build with the same flags, so the target's own Node makes it, where it runs on this host. Caches
 * are the same byte for byte, run after run, only under --predictable; those still fit a plain run, which is
 * checked once for every runtime (`learnCodeCache`). A cache that does not fit is ignored and costs nothing.
 */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { builtinImports } from "./builtin-imports.ts";
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
const missingFile = "missing";
const rejected = 3;
const missing = 4;

// The same options as in the bootstrap's `compile`: they are part of what V8 compares.
const compile = `
const { readFileSync, writeFileSync } = require("node:fs");
const { constants, Script } = require("node:vm");
const [filename, mode, imports = "[]"] = process.argv.slice(1);
const script = new Script(readFileSync("${scriptFile}", "utf8"), {
  filename,
  lineOffset: -1,
  cachedData: mode === "check" ? readFileSync("${cacheFile}") : undefined,
  importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
});
if (mode === "make") {
  writeFileSync("${cacheFile}", script.createCachedData());
  // Only now: what is loaded here shall not be seen in the cache.
  const always = ["default", "module.exports"];
  const missing = JSON.parse(imports).flatMap(([specifier, names]) => {
    const found = process.getBuiltinModule(specifier);
    if (!found) return [specifier];
    return names.filter((name) => !always.includes(name) && !(name in found)).map((name) => name + " of " + specifier);
  });
  if (missing.length > 0) {
    writeFileSync("${missingFile}", JSON.stringify(missing));
    process.exitCode = ${missing};
  }
} else if (script.cachedDataRejected) process.exitCode = ${rejected};
`;

/** The script imports what this version of Node does not have. */
export class MissingBuiltinError extends Error {
  override readonly name = "MissingBuiltinError";
  /** `node:ffi`, `name of node:util`. */
  readonly missing: readonly string[];

  constructor(missing: readonly string[]) {
    super(`this version has no ${missing.join(", ")}`);
    this.missing = missing;
  }
}

/**
 * Compiles a script and returns its code cache. Throws HostNodeError, with node's message, when the text is not
 * valid JavaScript for this version, and MissingBuiltinError.
 */
export async function makeCodeCache(script: ScriptText, filename: string, host: HostNode): Promise<Buffer> {
  await writeFile(join(host.cwd, scriptFile), script.head + script.body + script.foot);
  const imports = JSON.stringify(builtinImports(script.head));
  try {
    await runHostNode(host.node, ["--predictable", "--eval", compile, filename, "make", imports], host);
  } catch (error) {
    if (!(error instanceof HostNodeError) || exitCodeOf(error) !== missing) throw error;
    throw new MissingBuiltinError(JSON.parse(await readFile(join(host.cwd, missingFile), "utf8")));
  }
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
    if (error instanceof HostNodeError && exitCodeOf(error) === rejected) return false;
    throw error;
  }
}

function exitCodeOf(error: HostNodeError): unknown {
  return (error.cause as { code?: unknown }).code;
}
