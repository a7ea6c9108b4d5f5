/*
 * Runs the command as it is published: one script that holds all of our packages (tools/bundle-command.ts). Loading it takes
 * a third of what some fifty ES modules took, and V8 keeps what it has compiled of a script (code-cache.ts).
 */
import "./compile-cache.ts";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { Script } from "node:vm";
import { cacheFolder } from "./cache-folder.ts";
import { noCodeCache, readCodeCache, wantsToLearn, writeCodeCache } from "./code-cache.ts";

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
  const file = fileURLToPath(new URL("./command.cjs", import.meta.url));
  const word = words.find((word) => /^[a-z]{1,12}$/.test(word));
  const cacheFile = word === undefined ? undefined : cacheFileOf(word);
  const kept = cacheFile === undefined ? noCodeCache : readCodeCache(cacheFile);
  const script = new Script(readFileSync(file, "latin1"), {
    filename: file,
    ...(kept.data && { cachedData: kept.data }),
  });
  const cache = script.cachedDataRejected ? noCodeCache : kept;
  const wanted = new Set<string>();
  const module: { exports: Partial<Command> } = { exports: {} };
  const run = script.runInThisContext() as CommandScript;
  run(module.exports, module, process.getBuiltinModule, {
    place: placesFrom(file),
    wants: (part) => wanted.add(part),
  });
  const { main, startsCommand } = module.exports as Command;
  const code = await main(words);
  const occasion = [...wanted].sort().join();
  if (word !== undefined && cacheFile !== undefined && startsCommand(word) && wantsToLearn(cache, occasion))
    writeCodeCache(cacheFile, script.createCachedData(), cache, occasion);
  return code;
}

/** Undefined where Node may keep nothing either. */
function cacheFileOf(word: string): string | undefined {
  if (process.env["NODE_DISABLE_COMPILE_CACHE"]) return undefined;
  const version = `${SBP_COMMAND_HASH.slice(0, 16)}-${process.version}-${process.arch}`;
  return join(cacheFolder(), "code-cache", version, word);
}

/** The places of our packages, looked up from the script's when they are asked for. */
function placesFrom(file: string): CommandPlaces["place"] {
  const resolve = createRequire(file).resolve;
  const places = new Map<string, Place>();
  return (name) => {
    const place = places.get(name) ?? placeOf(name === "cli" ? file : resolve(`@sbp/${name}`));
    places.set(name, place);
    return place;
  };
}

/** @param index any file of the package's dist/ */
function placeOf(index: string): Place {
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
  };
}
