import path from "node:path";
import type { Metafile } from "esbuild";
import { workspaceRoot } from "./workspace.ts";

/**
 * A source map (as esbuild writes it) whose sources do not tell where the project lies. A dependency may bring a
 * map of its own that names files of the machine it was built on; esbuild makes those relative to this project,
 * which gives other bytes in another folder. Only the name of such a file is kept.
 */
export function portableSources(map: Uint8Array, projectDir: string, metafile: Metafile): Uint8Array {
  const text = Buffer.from(map.buffer, map.byteOffset, map.byteLength).toString("utf8");
  // Only the list is parsed: the whole may be tens of megabytes.
  const start = text.indexOf('"sources": ') + '"sources": '.length;
  const end = text.indexOf(',\n  "sourcesContent"', start);
  const sources = JSON.parse(text.slice(start, end)) as string[];
  const root = workspaceRoot(projectDir);
  const isInside = (source: string) =>
    !path.isAbsolute(source) &&
    (!source.startsWith("../") ||
      source in metafile.inputs ||
      path.resolve(projectDir, source).startsWith(root + path.sep));
  if (sources.every(isInside)) return map;
  const kept = sources.map((source) =>
    isInside(source) ? source : `outside/${path.posix.basename(source)}`,
  );
  return Buffer.from(text.slice(0, start) + JSON.stringify(kept) + text.slice(end));
}
