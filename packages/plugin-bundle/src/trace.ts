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
  /** Packages that are asked for by name from the project, with a path within where there is one. */
  readonly names: readonly string[];
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
  const asking = new Map(
    names.length === 0
      ? []
      : [
          [
            path.join(projectDir, "sbp-asks.cjs"),
            names.map((name) => `require(${JSON.stringify(name)});`).join("\n"),
          ],
          [
            path.join(projectDir, "sbp-asks.mjs"),
            names.map((name) => `import ${JSON.stringify(name)};`).join("\n"),
          ],
        ],
  );
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
