/*
 * V8's code cache of a script: its compiled form, which saves parsing at every start. V8 accepts a cache only
 * from the same build with the same flags, so the target's own Node makes it, where it runs on this host. Caches
 * are the same byte for byte, run after run, only under --predictable; those still fit a plain run, which is
 * checked once for every runtime (`learnCodeCache`). A cache that does not fit is ignored and costs nothing.
 */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type HostNode, HostNodeError, startHostNode } from "./host-node.ts";
import type { PackScript } from "./pack.ts";
import type { ScriptText } from "./script.ts";

interface Place {
  /** Path of the executable of Node. */
  readonly node: string;
  /** Any folder. */
  readonly cwd: string;
  readonly signal: AbortSignal;
}

const rejected = 3;

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
 * Input: names and lengths of the scripts as JSON, a line break, the scripts one after the other. Output: the lengths
 * of the caches as JSON, a line break, the caches. The first script must be valid; of another, null says that it is not.
 */
const make = `${compile}
const { readSync, writeFileSync } = require("node:fs");
const input = readAll();
let at = input.indexOf(10);
const caches = JSON.parse(input.subarray(0, at++)).map(([name, length], index) => {
  const text = input.toString("utf8", at, (at += length));
  try {
    return compile(text, name).createCachedData();
  } catch (error) {
    if (index === 0) throw error;
    return null;
  }
});
const lengths = JSON.stringify(caches.map((cache) => cache && cache.length));
writeFileSync(1, Buffer.concat([Buffer.from(lengths + "\\n"), ...caches.filter(Boolean)]));

// Not process.stdin and process.stdout, which take longer to load than most scripts to compile.
function readAll() {
  const chunks = [];
  for (;;) {
    const chunk = Buffer.allocUnsafe(65536);
    let length = 0;
    try {
      length = readSync(0, chunk);
    } catch (error) {
      // How Windows tells of the end.
      if (error.code !== "EOF") throw error;
    }
    if (length === 0) return Buffer.concat(chunks);
    chunks.push(chunk.subarray(0, length));
  }
}`;

const check = `${compile}
const { readFileSync } = require("node:fs");
const script = compile(readFileSync("script", "utf8"), "script", readFileSync("cache"));
if (script.cachedDataRejected) process.exitCode = ${rejected};`;

export interface NamedScript {
  readonly filename: string;
  readonly script: PackScript;
}

/** A Node that has started and waits for scripts: starting takes longer than compiling most of them. */
export class Compiler {
  readonly #node: HostNode;

  constructor({ node, cwd, signal }: Place) {
    this.#node = startHostNode(node, ["--predictable", "--eval", make], { cwd, signal });
  }

  /**
   * Compiles scripts, once, and returns their code caches. Throws HostNodeError, with node's message, when the first is
   * not valid JavaScript for this version; for any other that is not, its cache is undefined.
   */
  async compile(scripts: readonly NamedScript[]): Promise<readonly (Buffer | undefined)[]> {
    const texts = scripts.map(({ script: { head, body, foot } }) =>
      Buffer.concat([head, body, foot].map((part) => (typeof part === "string" ? Buffer.from(part) : part))),
    );
    const names = scripts.map(({ filename }, index) => [filename, texts[index]!.length]);
    const output = await this.#node.finish(
      Buffer.concat([Buffer.from(`${JSON.stringify(names)}\n`), ...texts]),
    );
    let at = output.indexOf("\n");
    const lengths: readonly (number | null)[] = JSON.parse(output.toString("utf8", 0, at++));
    return lengths.map((length) => {
      if (length === null) return undefined;
      at += length;
      return output.subarray(at - length, at);
    });
  }

  dispose(): void {
    this.#node.kill();
  }
}

/** True when caches of this Node are reproducible and a plain run accepts them. Needs an empty folder. */
export async function learnCodeCache(sample: ScriptText, place: Place): Promise<boolean> {
  const scripts = [{ filename: "script", script: sample }];
  const [first] = await new Compiler(place).compile(scripts);
  const [second] = await new Compiler(place).compile(scripts);
  if (!first || !second?.equals(first)) return false;
  await writeFile(join(place.cwd, "script"), sample.head + sample.body + sample.foot);
  await writeFile(join(place.cwd, "cache"), first);
  try {
    await startHostNode(place.node, ["--eval", check], place).finish();
    return true;
  } catch (error) {
    if (error instanceof HostNodeError && error.exitCode === rejected) return false;
    throw error;
  }
}
