/*
 * What decides a trace, so that it may be kept while packages stay as they are:
 *
 *   code, package.json            its content
 *   files and folders that were   the names in the nearest folder that is there, with which of them are folders and links
 *   asked for, there or not
 *   links                         where they lead
 *   folders of packages           the names in them: the tracer searches them by globs, which it tells nobody of
 *
 * Of the app's own code, globs may lead anywhere in the project: a trace that has read some is not kept.
 */
import { existsSync, readdirSync } from "node:fs";
import path from "node:path";
import type { Dependency } from "@sbp/core";
import type { NodeFileTraceOptions, Stats } from "@vercel/nft";
import { slashes } from "./entry.ts";
import { packageFolder } from "./packages.ts";

/** What @vercel/nft keeps of the file system between the traces of one run. */
export interface TraceCache extends NonNullable<NodeFileTraceOptions["cache"]> {
  readonly statCache?: ReadonlyMap<string, Promise<Stats | null> | Stats | null>;
  readonly analysisCache?: Map<string, unknown>;
  readonly symlinkCache?: ReadonlyMap<string, Promise<string | null> | string | null>;
}

/** Beyond this many folders it is quicker to trace again than to look whether anything has changed. */
const mostFolders = 5000;

/**
 * The inputs of all traces so far, or undefined where not all can be told. `root` is the workspace's folder, `read` are the files
 * whose code was read and `found` those that were found, absolute.
 */
export async function traceInputs({
  root,
  cache,
  read,
  found,
}: {
  readonly root: string;
  readonly cache: TraceCache;
  readonly read: ReadonlySet<string>;
  readonly found: readonly string[];
}): Promise<readonly Dependency[] | undefined> {
  const packages = new Set<string>();
  for (const file of [...read, ...found]) {
    const folder = packageFolder(slashes(file));
    if (folder === undefined) {
      if (file.endsWith("package.json")) continue;
      return undefined;
    }
    // What was looked for and not found is told by its own absence.
    if (existsSync(folder)) packages.add(path.normalize(folder));
  }
  const files = new Set([...read, ...[...packages].map((folder) => path.join(folder, "package.json"))]);
  const folders = new Set<string>();
  for (const folder of packages) addFolders(folder, folders);
  if (folders.size > mostFolders) return undefined;
  for (const asked of cache.statCache?.keys() ?? []) {
    const { entry, folder } = nearest(asked);
    if (isOfPackages(folder)) folders.add(folder);
    else {
      // Names come and go in the app's own folders. Above the workspace only package.json counts, as for the bundle.
      const isInside = entry.startsWith(root + path.sep);
      if (isInside || path.basename(entry) === "package.json") files.add(entry);
      if (isInside) folders.add(entry);
    }
  }
  const links: string[] = [];
  for (const [link, target] of cache.symlinkCache ?? []) if ((await target) !== null) links.push(link);
  return [
    ...[...files].map((file) => ({ file })),
    ...[...folders].map((directory) => ({ directory })),
    ...links.map((link) => ({ link })),
  ];
}

/** A folder and those below, without those of other packages and what links lead to. */
function addFolders(folder: string, all: Set<string>): void {
  if (all.has(folder) || all.size > mostFolders) return;
  all.add(folder);
  for (const entry of readdirSync(folder, { withFileTypes: true }))
    if (entry.isDirectory() && entry.name !== "node_modules") addFolders(path.join(folder, entry.name), all);
}

/** The nearest folder above a path that is there, and what it has, or has not, of that path. */
function nearest(asked: string): { entry: string; folder: string } {
  for (let entry = asked; ; entry = path.dirname(entry)) {
    const folder = path.dirname(entry);
    if (folder === entry || existsSync(folder)) return { entry, folder };
  }
}

function isOfPackages(folder: string): boolean {
  return /\/node_modules(?:\/|$)/.test(slashes(folder));
}
