/*
 * Edits a project at random where the resolution of modules, the search for carried files and what a bundle tells of packages look
 * (edit-spots.ts), and builds after each edit: in a store that has seen all earlier states, and in an empty one, which says
 * what is right.
 */
import { createHash } from "node:crypto";
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";
import { build, type JsonObject, openStore } from "@sbp/core";
import plugin from "../src/index.ts";
import { type State, spots } from "./edit-spots.ts";

/** A state after which the warm store gave something else than the empty one. */
export interface Difference {
  /** How many edits came before. */
  readonly count: number;
  readonly edits: readonly string[];
  /** Files of the artifacts, "said" for warnings and errors. */
  readonly differing: readonly string[];
}

export interface RandomEdits {
  /** For everything, empty. */
  readonly folder: string;
  /** Of the step bundle, besides the entry. */
  readonly options: JsonObject;
  readonly edits: number;
  readonly seed: number;
  /** Looks at the outputs (folders `out` and `fresh`) before they are removed. */
  readonly onDifference?: (difference: Difference) => void;
}

/** Numbers that look random and are the same each time (Park and Miller, "Random number generators: good ones are hard to find", 1988). */
function random(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state * 48271) % 2147483647;
    return state % below;
  };
}

/** Returns how many of the states could be built at all, and what was wrong. */
export async function randomEdits({ folder, options, edits, seed, onDifference }: RandomEdits) {
  const top = path.join(folder, "top");
  const pick = random(seed);
  for (const [name, states] of Object.entries(spots)) put(path.join(top, name), states[0]);
  const differences: Difference[] = [];
  let built = 0;
  let cache = path.join(folder, "warm");
  for (let count = 0; count < edits; count++) {
    const made = Array.from({ length: 1 + pick(2) }, () => edit(top, pick));
    const [out, fresh, empty] = ["out", "fresh", "empty"].map((name) => path.join(folder, name)) as [
      string,
      string,
      string,
    ];
    const warm = await outcome(path.join(top, "app"), cache, out, options);
    const right = await outcome(path.join(top, "app"), empty, fresh, options);
    if ("metafile.json" in right) built++;
    const names = new Set([...Object.keys(warm), ...Object.keys(right)]);
    const differing = [...names].filter((name) => warm[name] !== right[name]);
    if (differing.length > 0) {
      const difference = { count, edits: made, differing };
      differences.push(difference);
      onDifference?.(difference);
      // What is wrong once would be so again and again.
      cache += "-again";
    }
    for (const used of [empty, fresh, out]) rmSync(used, { recursive: true, force: true });
  }
  return { built, differences };
}

/** What a build says and makes, file by file. */
export async function outcome(
  app: string,
  cache: string,
  outDir: string,
  given: JsonObject,
): Promise<Record<string, string>> {
  const bundle = { format: "auto", minify: false, keepNames: true, sourcemap: true, entry: "src/main.ts" };
  const step = { id: "bundle", use: "bundle", plugin, pluginDigest: "1", options: { ...bundle, ...given } };
  const project = {
    dir: app,
    app: { name: "app", version: "1.0.0" },
    outDir,
    steps: [step],
    config: {},
    files: [],
  };
  const result = await build({ project, store: await openStore(cache), concurrency: 1 });
  const said = [...result.errors, ...result.diagnostics]
    .map(({ code, message }) => `${code} ${message}`)
    .join("\n");
  if (result.outcome !== "done") return { said };
  const made = readdirSync(outDir, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  return Object.fromEntries([
    ["said", said],
    ...made.map(({ parentPath, name }) => {
      const file = path.join(parentPath, name);
      const hash = createHash("sha256").update(readFileSync(file)).digest("hex");
      return [path.relative(outDir, file), `${hash} ${(statSync(file).mode & 0o100) !== 0}`];
    }),
  ]);
}

/** Nothing happens where a file stands in the way of a folder. */
export function put(file: string, state: State): void {
  try {
    rmSync(file, { recursive: true, force: true });
    if (state === undefined) return;
    mkdirSync(path.dirname(file), { recursive: true });
    if (typeof state === "string") writeFileSync(file, state);
    else if ("link" in state) symlinkSync(state.link, file);
    else {
      mkdirSync(file);
      for (const [name, inner] of Object.entries(state.tree)) put(path.join(file, name), inner);
    }
  } catch (error) {
    const { code = "" } = error as NodeJS.ErrnoException;
    if (!["ENOTDIR", "EEXIST", "ENOENT", "ELOOP"].includes(code)) throw error;
  }
}

/** Makes an edit, and tells it. */
function edit(top: string, pick: (below: number) => number): string {
  const names = Object.keys(spots);
  const name = names[pick(names.length)]!;
  const file = path.join(top, name);
  const found = statSync(path.dirname(file), { throwIfNoEntry: false })?.isDirectory()
    ? lstatSync(file, { throwIfNoEntry: false })
    : undefined;
  if (found?.isFile() && pick(8) === 0) {
    const mode = found.mode ^ 0o100;
    chmodSync(file, mode);
    return `chmod ${(mode & 0o777).toString(8)} ${name}`;
  }
  const state = spots[name]![pick(spots[name]!.length)];
  put(file, state);
  return `${name} = ${JSON.stringify(state)}`;
}
