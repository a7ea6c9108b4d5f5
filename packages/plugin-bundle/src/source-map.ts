import path from "node:path";
import type { Metafile } from "esbuild";
import { workspaceRoot } from "./workspace.ts";

/** `sources` and `mappings` of a source map as esbuild writes it. Most of it is the sources' texts, which are not looked at. */
export function parsedSourceMap(map: Uint8Array): { sources: string[]; mappings: string } {
  const bytes = bufferOf(map);
  const { start, end } = sourcesIn(bytes);
  // It comes behind the texts, where quotes have backslashes before them.
  const key = '"mappings": "';
  const from = bytes.lastIndexOf(key) + key.length;
  return {
    sources: JSON.parse(bytes.toString("utf8", start, end)),
    mappings: bytes.toString("latin1", from, bytes.indexOf('"', from)),
  };
}

function bufferOf(map: Uint8Array): Buffer {
  return Buffer.from(map.buffer, map.byteOffset, map.byteLength);
}

/** Where the list of sources lies: on one line. */
function sourcesIn(bytes: Buffer): { start: number; end: number } {
  const key = '"sources": ';
  const start = bytes.indexOf(key) + key.length;
  return { start, end: bytes.indexOf(',\n  "', start) };
}

/**
 * A source map (as esbuild writes it) whose sources do not tell where the project lies. A dependency may bring a
 * map of its own that names files of the machine it was built on; esbuild makes those relative to this project,
 * which gives other bytes in another folder. Only the name of such a file is kept.
 */
export function portableSources(map: Uint8Array, projectDir: string, metafile: Metafile): Uint8Array {
  const bytes = bufferOf(map);
  // Only the list is parsed: the whole may be tens of megabytes.
  const { start, end } = sourcesIn(bytes);
  const sources = JSON.parse(bytes.toString("utf8", start, end)) as string[];
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
  return Buffer.concat([bytes.subarray(0, start), Buffer.from(JSON.stringify(kept)), bytes.subarray(end)]);
}
