/*
 * Runs the command as it is published: one script that holds all of our packages (tools/bundle-command.ts). Loading it takes
 * a third of what some fifty ES modules took, and V8 keeps what it has compiled of scripts (code-cache.ts).
 */
import "./compile-cache.ts";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { Script } from "node:vm";
import { cacheFolder } from "./cache-folder.ts";
import { type CodeCache, noCodeCache, readCodeCache, wantsToLearn, writeCodeCache } from "./code-cache.ts";

/** Set by the build of the package. */
declare const SBP_COMMAND_HASH: string;

type Command = typeof import("./command-line.ts");

/** What `import.meta` is to a source of one of our packages, and where its dependencies are found. */
interface Place {
  readonly url: string;
  readonly dirname: string;
  resolve(specifier: string): string;
  require(specifier: string): unknown;
  import(specifier: string): Promise<unknown>;
  /** `require` of CommonJS in a single file that every build needs: its code is kept as well. */
  requireKept(specifier: string): unknown;
}

/** How the script reaches what is not in it. */
interface CommandPlaces {
  /** By the name of a package's folder. */
  place(name: string): Place;
  /** A part of the script is about to be loaded. */
  wants(part: string): void;
}

type CommandScript = (
  exports: Partial<Command>,
  module: { exports: Partial<Command> },
  require: typeof process.getBuiltinModule,
  sbp: CommandPlaces,
) => void;

/** Runs a command line (without node and script). Prints everything; returns the code to exit with. */
export async function main(words: readonly string[]): Promise<number> {
  const word = words.find((word) => /^[a-z]{1,12}$/.test(word));
  const file = fileURLToPath(new URL("./command.cjs", import.meta.url));
  const cacheFile = word === undefined ? undefined : cacheFileOf(word, file);
  const scripts = new Scripts(cacheFile === undefined ? noCodeCache : readCodeCache(cacheFile));
  const run = scripts.load(file, readFileSync(file, "latin1"), SBP_COMMAND_HASH) as CommandScript;
  const wanted = new Set<string>();
  const module: { exports: Partial<Command> } = { exports: {} };
  run(module.exports, module, process.getBuiltinModule, {
    place: placesFrom(file, scripts),
    wants: (part) => wanted.add(part),
  });
  const { main, startsCommand } = module.exports as Command;
  const code = await main(words);
  if (word !== undefined && cacheFile !== undefined && startsCommand(word))
    scripts.keep(cacheFile, [...wanted].sort().join());
  return code;
}

/** Undefined where Node may keep nothing either. */
function cacheFileOf(word: string, script: string): string | undefined {
  if (process.env["NODE_DISABLE_COMPILE_CACHE"]) return undefined;
  // Node 20 keeps the script's path, for stack traces, with its code.
  const key = digest(`${SBP_COMMAND_HASH} ${script}`).slice(0, 16);
  const version = `${key}-${process.version}-${process.arch}`;
  return join(cacheFolder(), "code-cache", version, word);
}

function digest(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

/** The scripts of this run, whose code is kept. */
class Scripts {
  readonly #loaded = new Map<string, Script>();
  #cache: CodeCache;

  constructor(cache: CodeCache) {
    this.#cache = cache;
  }

  /** @param key what stands for the text */
  load(filename: string, text: string, key: string): unknown {
    const cachedData = this.#cache.scripts.get(key);
    const script = new Script(text, { filename, ...(cachedData && { cachedData }) });
    // By another build of Node, or with other options; all of it is made anew then.
    if (script.cachedDataRejected) this.#cache = noCodeCache;
    this.#loaded.set(key, script);
    return script.runInThisContext();
  }

  keep(file: string, occasion: string): void {
    const { user, system } = process.cpuUsage();
    if (!wantsToLearn(this.#cache, occasion, (user + system) / 1000)) return;
    const made = [...this.#loaded].map(([key, script]) => [key, script.createCachedData()] as const);
    writeCodeCache(file, new Map(made), this.#cache, occasion);
  }
}

/** The places of our packages, looked up from the script's when they are asked for. */
function placesFrom(file: string, scripts: Scripts): CommandPlaces["place"] {
  const resolve = createRequire(file).resolve;
  const places = new Map<string, Place>();
  const kept = new Map<string, { exports: unknown }>();
  const requireKept = (path: string) => {
    const known = kept.get(path);
    if (known) return known.exports;
    const text = `(function (exports, require, module, __filename, __dirname) { ${readFileSync(path, "utf8")}\n})`;
    const run = scripts.load(path, text, digest(`${path} ${text}`)) as (...values: unknown[]) => void;
    const module = { exports: {} as unknown };
    kept.set(path, module);
    // esbuild would load Node's threads for calls that wait, which we never make.
    const before = process.env["ESBUILD_WORKER_THREADS"];
    process.env["ESBUILD_WORKER_THREADS"] = "0";
    run(module.exports, createRequire(path), module, path, dirname(path));
    if (before === undefined) delete process.env["ESBUILD_WORKER_THREADS"];
    else process.env["ESBUILD_WORKER_THREADS"] = before;
    return module.exports;
  };
  return (name) => {
    const place = places.get(name) ?? placeOf(name === "cli" ? file : resolve(`@sbp/${name}`), requireKept);
    places.set(name, place);
    return place;
  };
}

/** @param index any file of the package's dist/ */
function placeOf(index: string, requireKept: (path: string) => unknown): Place {
  const url = pathToFileURL(index).href;
  const require = createRequire(index);
  let native: Promise<{ default: Place["import"] }> | undefined;
  return {
    url,
    dirname: dirname(index),
    resolve: (specifier) => pathToFileURL(require.resolve(specifier)).href,
    require,
    // A module of that package, so that Node resolves as it does for imports from there.
    import: async (specifier) => {
      native ??= import(new URL("./import.js", url).href);
      return (await native).default(specifier);
    },
    requireKept: (specifier) => requireKept(require.resolve(specifier)),
  };
}
