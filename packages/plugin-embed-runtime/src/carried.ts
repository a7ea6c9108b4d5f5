/*
 * The files that an app carries besides its main file. CommonJS files are stored as scripts, for which V8 can have a code
 * cache, where somebody can make one: the pack knows how long the wrapper is, so that whoever reads the file gets its own
 * bytes. Node loads all other files as it would from a disk.
 */
import { isUtf8 } from "node:buffer";
import { type Artifact, exitCodes, type JsonObject, SbpError } from "@sbp/core";
import { isPlainName, ownFolder } from "@sbp/manifest";
import type { PackFile, Use } from "./pack.ts";
import { commonJsScript } from "./script.ts";
import { hasFileSystem, isOlder } from "./version.ts";

/** Where they lie in a bundle, at their paths in the embedded file system. */
export const carriedFolder = "files/";

/** At once. */
const readers = 16;

/**
 * Reads the files that a bundle carries, and those of packages for its target. Throws SBP_BUNDLE_INVALID for what cannot be
 * in the embedded file system.
 */
export async function readCarried(
  bundle: Artifact,
  packages: Artifact | undefined,
): Promise<readonly PackFile[]> {
  const ofBundle = bundle.files.filter(({ path }) => path.startsWith(carriedFolder));
  const read: PackFile[] = [];
  const waiting = [
    ...ofBundle.map((file) => ({ ...file, from: bundle, place: file.path.slice(carriedFolder.length) })),
    ...(packages?.files.map((file) => ({ ...file, from: packages, place: file.path })) ?? []),
  ].entries();
  const reader = async () => {
    for (const [index, { from, path, place, executable }] of waiting)
      read[index] = { path: carriedPath(place), executable, content: await from.read(path) };
  };
  await Promise.all(Array.from({ length: readers }, reader));
  return [...read, ...linksOf(bundle.meta, read)];
}

/**
 * The links that a bundle's meta names, by their paths, to directories of these files; what leads to packages of other targets
 * is left out. Throws SBP_BUNDLE_INVALID for paths that are not plain.
 */
export function linksOf({ links }: JsonObject, files: readonly PackFile[]): readonly PackFile[] {
  if (typeof links !== "object" || links === null || Array.isArray(links)) return [];
  const folders = new Set(files.flatMap(({ path }) => foldersOf(path)));
  return Object.entries(links).flatMap(([path, target]) => {
    const [link, folder] = [carriedPath(path), carriedPath(String(target))];
    return folders.has(folder) && !folders.has(link)
      ? [{ path: link, isLink: true, content: Buffer.from(folder) }]
      : [];
  });
}

/** All folders above a file. */
function foldersOf(path: string): string[] {
  const names = path.split("/").slice(0, -1);
  return names.map((_, index) => names.slice(0, index + 1).join("/"));
}

/** Throws SBP_BUNDLE_INVALID for a path that leaves the embedded file system, or lies in the part that is ours. */
export function carriedPath(path: string): string {
  if (!path.split("/").every((name) => isPlainName(name) && Buffer.byteLength(name) <= 255))
    throw new SbpError("SBP_BUNDLE_INVALID", `the bundle has a file at ${JSON.stringify(path)}`, {
      hint: "Paths are relative, with forward slashes and without dots.",
    });
  if (path === ownFolder.slice(0, -1) || path.startsWith(ownFolder))
    throw new SbpError(
      "SBP_BUNDLE_INVALID",
      `the bundle's ${path} lies in ${ownFolder}, which is not for apps`,
    );
  return path;
}

/** Throws SBP_RUNTIME_NO_FILES for a Node without an embedded file system. */
export function checkFileSystem(carried: readonly PackFile[], nodeVersion: string, target: string): void {
  if (carried.length === 0 || hasFileSystem(nodeVersion)) return;
  const files = carried.filter(({ isLink }) => !isLink);
  const shown = files.slice(0, 3).map(({ path }) => path);
  const more = files.length - shown.length;
  throw new SbpError(
    "SBP_RUNTIME_NO_FILES",
    `Node ${nodeVersion} for ${target} cannot carry files, and the app needs ${files.length} of them: ` +
      `${shown.join(", ")}${more > 0 ? ` and ${more} more` : ""}`,
    {
      hint: isOlder(nodeVersion, "26.0.0")
        ? 'Take "runtime": "node@26" (26.9.0 or newer).'
        : `It takes 26.9.0 or newer. A range means a version that all targets have: leave those out that have none so new.`,
      exitCode: exitCodes.badUsage,
    },
  );
}

/** The same files, those that may be CommonJS as scripts. Node says which of them are. */
export function withScripts(files: readonly PackFile[]): readonly PackFile[] {
  const types = packageTypes(files);
  return files.map((file) => {
    if (file.isLink || !(file.content instanceof Uint8Array) || !mayBeCommonJs(file.path, types)) return file;
    const { content } = file;
    // What the wrapper would change: the place of a first line that is a comment only there, and of a byte order mark.
    if (!isUtf8(content) || /^(?:#!|\uFEFF)/.test(Buffer.from(content.subarray(0, 3)).toString()))
      return file;
    return { ...file, content: { ...commonJsScript(""), body: content } };
  });
}

/** What files may do, as far as their texts name the means. Each costs two milliseconds or more of every start. */
export function usesOf(files: readonly PackFile[]): readonly Use[] {
  const view = (bytes: Uint8Array) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const texts = files.flatMap(({ path, content }): readonly (string | Buffer)[] => {
    if (content instanceof Uint8Array) return /\.[cm]?[jt]s$/.test(path) ? [view(content)] : [];
    return [content.head, typeof content.body === "string" ? content.body : view(content.body)];
  });
  // Compilers and bundlers have the names of all modules without a wish for any: no thread is started without this class.
  const startsThreads =
    texts.some((text) => text.includes("worker_threads")) &&
    texts.some((text) => text.includes("Worker") && /\bWorker\b/.test(String(text)));
  const startsPrograms = ["child_process", "cluster"].some((name) =>
    texts.some((text) => isNamed(name, text)),
  );
  const loadsExtensions = ["loadExtension", "node:sqlite"].every((name) =>
    texts.some((text) => text.includes(name)),
  );
  return [
    ...(startsThreads ? (["workers"] as const) : []),
    ...(startsPrograms ? (["children"] as const) : []),
    // Whoever walks there himself looks for packages by name.
    ...(texts.some((text) => text.includes("./node_modules/")) ? (["plugins"] as const) : []),
    ...(files.some(({ path }) => path.endsWith(".node")) ? (["addons"] as const) : []),
    ...(loadsExtensions ? (["extensions"] as const) : []),
  ];
}

/**
 * Whether a text has a name, and not only in lists of modules' names. Who loads what such a list names is told of it later,
 * when it asks for process.execPath.
 */
function isNamed(name: string, text: string | Buffer): boolean {
  const around = (start: number, end: number) =>
    typeof text === "string" ? text.slice(start, end) : text.toString("latin1", start, end);
  for (let at = text.indexOf(name); at >= 0; at = text.indexOf(name, at + 1)) {
    const before = around(Math.max(0, at - 80), at);
    const behind = around(at + name.length, at + name.length + 20);
    const isListed = /["'][\w:/]+["']\s*,\s*["'](?:node:)?$/.test(before) && /^["']\s*[,\]]/.test(behind);
    if (!isListed) return true;
  }
  return false;
}

/** By folder (with a slash behind it, the root's ""): what its package.json has as `type`. */
type PackageTypes = ReadonlyMap<string, unknown>;

function packageTypes(files: readonly PackFile[]): PackageTypes {
  const types = new Map<string, unknown>();
  for (const { path, content } of files) {
    if (!/(?:^|\/)package\.json$/.test(path) || !(content instanceof Uint8Array)) continue;
    try {
      types.set(path.slice(0, -"package.json".length), JSON.parse(Buffer.from(content).toString()).type);
    } catch {
      // Node says so when somebody needs it.
    }
  }
  return types;
}

/** As in "Determining module system" of node:packages; what has no type is found out by compiling. */
function mayBeCommonJs(path: string, types: PackageTypes): boolean {
  if (path.endsWith(".cjs")) return true;
  if (!path.endsWith(".js")) return false;
  for (let end = path.lastIndexOf("/") + 1; ; end = path.lastIndexOf("/", end - 2) + 1) {
    const folder = path.slice(0, end);
    if (types.has(folder)) return types.get(folder) !== "module";
    if (end === 0 || folder.endsWith("node_modules/")) return true;
  }
}
