/*
 * V8's code cache of a script: its compiled form, which saves parsing at every start. V8 accepts a cache only
 * from the same build with the same flags, so the target's own Node makes it, where it runs on this host, by itself or
 * under an emulator. Caches
 * are the same byte for byte, run after run, only under --predictable; those still fit a plain run, which is
 * checked once for every runtime (`learnCodeCache`). A cache that does not fit is ignored and costs nothing.
 */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type HostNode, startHostNode } from "./host-node.ts";
import type { ScriptText } from "./script.ts";

interface Place {
  /** Path of the executable of Node, with what comes before it if that is an emulator. */
  readonly node: readonly [string, ...string[]];
  /** Any folder. */
  readonly cwd: string;
  readonly signal: AbortSignal;
}

// The same options as in the bootstrap's `compile`: they are part of what V8 compares.
const compile = `
const { constants, Script } = require("node:vm");
const compile = (text, filename, cachedData) => new Script(text, {
  filename,
  lineOffset: -1,
  cachedData,
  importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
});`;

/** Input: the file's name, a line break, the script. Output: the cache. */
const make = `${compile}
const { readSync, writeFileSync } = require("node:fs");
const input = readAll();
const end = input.indexOf(10);
writeFileSync(1, compile(input.subarray(end + 1).toString(), input.subarray(0, end).toString()).createCachedData());

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
process.stdout.write(script.cachedDataRejected ? "rejected" : "accepted");`;

/** A Node that has started and waits for the script: starting takes longer than compiling most scripts. */
export class Compiler {
  readonly #node: HostNode;

  constructor({ node, cwd, signal }: Place) {
    this.#node = startHostNode(node, ["--predictable", "--eval", make], { cwd, signal });
  }

  /**
   * Compiles its one script and returns the code cache. Throws HostNodeError, with node's message, when the text is
   * not valid JavaScript for this version.
   */
  compile({ head, body, foot }: ScriptText, filename: string): Promise<Buffer> {
    return this.#node.finish(`${filename}\n${head}${body}${foot}`);
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
