import { realpathSync, statSync } from "node:fs";
import { readFile } from "node:fs/promises";
import path from "node:path";
import type { Json, RunContext } from "@sbp/core";
import { slashes } from "./entry.ts";
import type { Excluded } from "./exclude.ts";
import { packageFolder } from "./packages.ts";
import type { Places } from "./places.ts";
import { type TraceCache, traceInputs } from "./trace-inputs.ts";

export interface TracerRequest {
  readonly places: Pick<Places, "projectDir" | "root">;
  readonly conditions: readonly string[];
  readonly excluded: Pick<Excluded, "hasFile" | "key">;
}

export interface TraceRequest {
  /** Absolute: files that are loaded. */
  readonly files: readonly string[];
  /** What is asked for by name, by the asking folder (absolute): packages, paths in them, `#imports`. */
  readonly names: ReadonlyMap<string, Iterable<string>>;
}

/** What a trace has found, absolute and sorted. */
type Traced = {
  readonly files: readonly string[];
  /** What was left out because it is excluded. */
  readonly excluded: readonly string[];
};

/**
 * What modules load and read at run time, by static analysis of their code (@vercel/nft). Sources in TypeScript are compiled
 * for it. As packages change far less often than the app, what was found is kept for later runs.
 */
export class Tracer {
  readonly #request: TracerRequest;
  readonly #memo: RunContext["memo"];
  readonly #cache: TraceCache = {};
  /** What code was read, absolute. */
  readonly #read = new Set<string>();

  constructor(request: TracerRequest, memo: RunContext["memo"]) {
    this.#request = request;
    this.#memo = memo;
  }

  /** Absolute paths, sorted. */
  async trace({ files, names }: TraceRequest): Promise<readonly string[]> {
    const { places, conditions, excluded } = this.#request;
    const asking = askingFiles(names);
    const traced = await this.#memo<Traced>({
      // Addons are looked for as the Node that runs this would.
      key: [
        places.projectDir,
        [...files].sort(),
        [...asking].sort(),
        conditions,
        excluded.key,
        [process.platform, process.arch, process.versions.node],
      ],
      is: isTraced,
      work: async (dependOn) => {
        const value = await this.#run([...new Set(files)], asking);
        const inputs = await traceInputs({
          root: places.root,
          cache: this.#cache,
          read: this.#read,
          found: value.files,
        });
        dependOn(...(inputs ?? []));
        return { value, isKept: inputs !== undefined };
      },
    });
    // It remembers what it was asked for.
    for (const file of traced.excluded) excluded.hasFile(file);
    return traced.files;
  }

  async #run(files: readonly string[], asking: ReadonlyMap<string, string>): Promise<Traced> {
    const { places, conditions, excluded } = this.#request;
    const { nodeFileTrace } = await import("@vercel/nft");
    const base = path.parse(places.projectDir).root;
    const left = new Set<string>();
    // These have other code each time.
    for (const file of asking.keys()) this.#cache.analysisCache?.delete(file);
    const { fileList } = await nodeFileTrace([...files, ...asking.keys()], {
      base,
      // What code looks for in the current folder is the user's, wherever that is: nothing of it is carried.
      processCwd: path.join(base, "sbp-no-such-folder"),
      conditions: ["node", ...conditions],
      moduleSyncCatchall: true,
      cache: this.#cache,
      ignore: (name) => {
        const file = path.join(base, name);
        const isLeft = excluded.hasFile(file);
        if (isLeft) left.add(file);
        return isLeft;
      },
      readFile: async (file) => {
        const virtual = asking.get(file);
        if (virtual !== undefined) return virtual;
        this.#read.add(file);
        return readSource(file);
      },
    });
    // Links are named as well as what they lead to.
    const isFile = (file: string) =>
      statSync(file, { throwIfNoEntry: false })?.isFile() && realpathSync(file) === file;
    const found = [...fileList]
      .map((file) => path.join(base, file))
      .filter((file) => !asking.has(file) && isFile(file));
    return { files: found.sort(), excluded: [...left].sort() };
  }
}

/** Files that are not there: node looks from their folder, once as `require` and once as `import` does. */
function askingFiles(names: TraceRequest["names"]): Map<string, string> {
  const asking = new Map<string, string>();
  for (const [folder, asked] of names) {
    const literals = [...asked].map((name) => JSON.stringify(name));
    if (literals.length === 0) continue;
    asking.set(path.join(folder, "sbp-asks.cjs"), literals.map((name) => `require(${name});`).join("\n"));
    asking.set(path.join(folder, "sbp-asks.mjs"), literals.map((name) => `import ${name};`).join("\n"));
  }
  return asking;
}

function isTraced(value: Json): value is Traced {
  const { files, excluded } = Object(value) as Partial<Record<keyof Traced, unknown>>;
  return [files, excluded].every(
    (list) => Array.isArray(list) && list.every((file) => typeof file === "string" && path.isAbsolute(file)),
  );
}

async function readSource(file: string): Promise<Buffer | string | null> {
  let source: Buffer;
  try {
    source = await readFile(file);
  } catch (error) {
    if (["ENOENT", "EISDIR"].includes((error as NodeJS.ErrnoException).code ?? "")) return null;
    throw error;
  }
  if (!/\.[cm]?tsx?$/.test(file) || packageFolder(slashes(file))) return source;
  const { transform } = await import("esbuild");
  const loader = file.endsWith("x") ? "tsx" : "ts";
  const compiled = await transform(source, { loader, logLevel: "silent" }).catch(() => undefined);
  return compiled?.code ?? source;
}
