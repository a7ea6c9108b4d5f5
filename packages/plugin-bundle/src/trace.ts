import { realpathSync, statSync } from "node:fs";
import { readFile } from "node:fs/promises";
import path from "node:path";
import type { NodeFileTraceOptions } from "@vercel/nft";
import { slashes } from "./entry.ts";
import { packageFolder } from "./packages.ts";

export interface TraceRequest {
  readonly projectDir: string;
  /** Absolute: files that are loaded. */
  readonly files: readonly string[];
  /** What is asked for by name, by the asking folder (absolute): packages, paths in them, `#imports`. */
  readonly names: ReadonlyMap<string, Iterable<string>>;
  readonly conditions: readonly string[];
  readonly isExcluded: (file: string) => boolean;
}

/** Kept between the traces of one build. */
export type TraceCache = NonNullable<NodeFileTraceOptions["cache"]>;

/**
 * What modules load and read at run time, by static analysis of their code (@vercel/nft): absolute paths, sorted. Sources in
 * TypeScript are compiled for it.
 */
export async function trace(request: TraceRequest, cache: TraceCache): Promise<string[]> {
  const { projectDir, files, names, conditions, isExcluded } = request;
  const { nodeFileTrace } = await import("@vercel/nft");
  const base = path.parse(projectDir).root;
  // Files that are not there: node looks from their folder, once as `require` and once as `import` does.
  const asking = new Map<string, string>();
  for (const [folder, asked] of names) {
    const literals = [...asked].map((name) => JSON.stringify(name));
    if (literals.length === 0) continue;
    asking.set(path.join(folder, "sbp-asks.cjs"), literals.map((name) => `require(${name});`).join("\n"));
    asking.set(path.join(folder, "sbp-asks.mjs"), literals.map((name) => `import ${name};`).join("\n"));
  }
  const { fileList } = await nodeFileTrace([...files, ...asking.keys()], {
    base,
    // What code looks for in the current folder is the user's, wherever that is: nothing of it is carried.
    processCwd: path.join(base, "sbp-no-such-folder"),
    conditions: ["node", ...conditions],
    moduleSyncCatchall: true,
    cache,
    ignore: (file) => isExcluded(path.join(base, file)),
    readFile: async (file) => asking.get(file) ?? readSource(file),
  });
  // Links are named as well as what they lead to.
  const isFile = (file: string) =>
    statSync(file, { throwIfNoEntry: false })?.isFile() && realpathSync(file) === file;
  return [...fileList]
    .map((file) => path.join(base, file))
    .filter((file) => !asking.has(file) && isFile(file))
    .sort();
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
