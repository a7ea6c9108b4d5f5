import { readFileSync } from "node:fs";
import path from "node:path";
import { readPackageJson } from "./entry.ts";
import { upwards } from "./workspace.ts";

/** What a tsconfig.json and those it extends say about resolution. */
export interface TsconfigChain {
  /** Absolute; all that were read, and those that were looked for before one was found. */
  readonly files: readonly string[];
  /** Where a specifier may lead: what precedes and follows its `*`, and absolute targets with a `*` each. */
  readonly mappings: readonly {
    readonly prefix: string;
    readonly suffix: string | undefined;
    readonly targets: readonly string[];
  }[];
  /** The option of this name. */
  readonly emitDecoratorMetadata: boolean;
}

/** Follows `extends` from one tsconfig.json. Never throws: what cannot be read says nothing. */
export function tsconfigChain(start: string): TsconfigChain {
  const files = new Set<string>();
  const mappings: TsconfigChain["mappings"][number][] = [];
  const configs: { folder: string; baseUrl?: string; paths?: Record<string, unknown> }[] = [];
  let emitDecoratorMetadata: boolean | undefined;
  const queue = [start];
  for (let file = queue.shift(); file !== undefined; file = queue.shift()) {
    if (files.has(file)) continue;
    files.add(file);
    const config = readJsonWithComments(file);
    const folder = path.dirname(file);
    const compilerOptions = asObject(config["compilerOptions"]);
    const { baseUrl, paths } = compilerOptions;
    // What extends comes before what it extends.
    const emit = compilerOptions["emitDecoratorMetadata"];
    if (typeof emit === "boolean") emitDecoratorMetadata ??= emit;
    configs.push({
      folder,
      ...(typeof baseUrl === "string" && { baseUrl: path.resolve(folder, baseUrl) }),
      paths: asObject(paths),
    });
    // The last of several wins.
    for (const name of [config["extends"]].flat().reverse()) {
      if (typeof name !== "string") continue;
      const candidates = extendsCandidates(folder, name);
      for (const candidate of candidates.tried) files.add(candidate);
      if (candidates.found) queue.push(candidates.found);
    }
  }
  const baseUrls = configs.flatMap((config) => config.baseUrl ?? []);
  for (const baseUrl of baseUrls)
    mappings.push({ prefix: "", suffix: "", targets: [path.join(baseUrl, "*")] });
  for (const { folder, paths } of configs)
    for (const [pattern, targets] of Object.entries(paths ?? {})) {
      const [prefix = "", suffix] = pattern.split("*", 2);
      const names = Array.isArray(targets) ? targets.filter((target) => typeof target === "string") : [];
      // Relative to the file's own folder, or to a baseUrl from anywhere in the chain: all that can be meant.
      const absolute = names.flatMap((name) => [folder, ...baseUrls].map((base) => path.resolve(base, name)));
      mappings.push({ prefix, suffix, targets: absolute });
    }
  return { files: [...files], mappings, emitDecoratorMetadata: emitDecoratorMetadata ?? false };
}

/** The first of the files that `extends` may mean which is there, and those tried before it. */
function extendsCandidates(folder: string, name: string): { found?: string; tried: readonly string[] } {
  const forms = (base: string) => [base, `${base}.json`, path.join(base, "tsconfig.json")];
  const tried: string[] = [];
  const isPath = /^\.{0,2}([\\/]|$)/.test(name) || path.isAbsolute(name);
  const bases = isPath
    ? [path.resolve(folder, name)]
    : [...upwards(folder)].map((level) => path.join(level, "node_modules", name));
  for (const base of bases) {
    const fromPackage = isPath ? [] : packageTarget(base, name);
    for (const candidate of [...fromPackage, ...forms(base)]) {
      if (isReadable(candidate)) return { found: candidate, tried };
      tried.push(candidate);
    }
    // The levels above are only tried where the package is not on this one.
    tried.push(path.join(base, "package.json"));
  }
  return { tried };
}

/** What package.json says about itself as a tsconfig: its field "tsconfig", or "exports" as far as they name files. */
function packageTarget(base: string, name: string): string[] {
  const parts = name.split("/");
  const depth = name.startsWith("@") ? 2 : 1;
  const root = path.resolve(base, ...parts.slice(depth).map(() => ".."));
  const content = readPackageJson(root) ?? {};
  const key = ["", ...parts.slice(depth)].join("/");
  const exported = asObject(content["exports"])[key === "" ? "." : `.${key}`];
  const field = key === "" ? content["tsconfig"] : undefined;
  return [exported, field].flatMap((target) => (typeof target === "string" ? path.join(root, target) : []));
}

function isReadable(file: string): boolean {
  try {
    readFileSync(file);
    return true;
  } catch {
    return false;
  }
}

function readJsonWithComments(file: string): Record<string, unknown> {
  try {
    const text = readFileSync(file, "utf8").replace(/^\uFEFF/, "");
    // Strings are matched first so that what looks like a comment within them stays.
    const plain = text
      .replace(/("(?:[^"\\]|\\.)*")|\/\/[^\n]*|\/\*[\s\S]*?\*\//g, (_, string?: string) => string ?? " ")
      .replace(/("(?:[^"\\]|\\.)*")|,(?=\s*[}\]])/g, (_, string?: string) => string ?? "");
    return asObject(JSON.parse(plain));
  } catch {
    return {};
  }
}

function asObject(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : {};
}
