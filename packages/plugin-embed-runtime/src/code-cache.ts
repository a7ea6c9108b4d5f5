/*
 * V8's code cache of a script: its compiled form, which saves parsing at every start. V8 accepts a cache only
 * from the same build with the same flags, so the target's own Node makes it, where it runs on this host, by itself or
 * under an emulator. Caches
 * are the same byte for byte, run after run, only under --predictable; those still fit a plain run, which is
 * checked once for every runtime (`learnCodeCache`). A cache that does not fit is ignored and costs nothing.
 */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { builtinImports } from "./builtin-imports.ts";
import { type HostNode, HostNodeError, startHostNode } from "./host-node.ts";
import type { ScriptText } from "./script.ts";

interface Place {
  /** Path of the executable of Node, with what comes before it if that is an emulator. */
  readonly node: readonly [string, ...string[]];
  /** Any folder. */
  readonly cwd: string;
  readonly signal: AbortSignal;
}

const missing = 4;

// The same options as in the bootstrap's `compile`: they are part of what V8 compares.
const compile = `
const { constants, Script } = require("node:vm");
const compile = (text, filename, cachedData) => new Script(text, {
  filename,
  lineOffset: -1,
  cachedData,
  importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
});`;

/**
 * Input: a line of JSON (the file's name, the builtins that it imports), the script. Output: the cache; or, with an
 * exit code of its own, a list of what this Node lacks. That is looked for only afterwards: what is loaded for it
 * shall not be seen in the cache.
 */
const make = `${compile}
const always = ["default", "module.exports"];
const chunks = [];
process.stdin.on("data", (chunk) => chunks.push(chunk)).on("end", () => {
  const input = Buffer.concat(chunks).toString();
  const end = input.indexOf("\\n");
  const { filename, imports } = JSON.parse(input.slice(0, end));
  const cache = compile(input.slice(end + 1), filename).createCachedData();
  const missing = imports.flatMap(([specifier, names]) => {
    const found = process.getBuiltinModule(specifier);
    if (!found) return [specifier];
    return names.filter((name) => !always.includes(name) && !(name in found)).map((name) => name + " of " + specifier);
  });
  if (missing.length > 0) process.exitCode = ${missing};
  process.stdout.write(missing.length > 0 ? JSON.stringify(missing) : cache);
});`;

const check = `${compile}
const { readFileSync } = require("node:fs");
const script = compile(readFileSync("script", "utf8"), "script", readFileSync("cache"));
process.stdout.write(script.cachedDataRejected ? "rejected" : "accepted");`;

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

/** A Node that has started and waits for the script: starting takes longer than compiling most scripts. */
export class Compiler {
  readonly #node: HostNode;

  constructor({ node, cwd, signal }: Place) {
    this.#node = startHostNode(node, ["--predictable", "--eval", make], { cwd, signal });
  }

  /**
   * Compiles its one script and returns the code cache. Throws HostNodeError, with node's message, when the text is
   * not valid JavaScript for this version, and MissingBuiltinError.
   */
  async compile({ head, body, foot }: ScriptText, filename: string): Promise<Buffer> {
    const job = JSON.stringify({ filename, imports: builtinImports(head) });
    try {
      return await this.#node.finish(`${job}\n${head}${body}${foot}`);
    } catch (error) {
      if (!(error instanceof HostNodeError) || error.exitCode !== missing) throw error;
      throw new MissingBuiltinError(JSON.parse(error.stdout));
    }
  }

  dispose(): void {
    this.#node.kill();
  }
}

/** True when caches of this Node are reproducible and a plain run accepts them. Needs an empty folder. */
export async function learnCodeCache(sample: ScriptText, place: Place): Promise<boolean> {
  const [first, second] = await Promise.all(
    [new Compiler(place), new Compiler(place)].map((compiler) => compiler.compile(sample, "script")),
  );
  if (!first!.equals(second!)) return false;
  await writeFile(join(place.cwd, "script"), sample.head + sample.body + sample.foot);
  await writeFile(join(place.cwd, "cache"), first!);
  return (await startHostNode(place.node, ["--eval", check], place).finish()).toString() === "accepted";
}
