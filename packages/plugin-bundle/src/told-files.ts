/*
 * Files that scripts of packages look for when they run, and that no tracer sees: what stands as text beside a place.
 *
 *   scriptDirectory + "sql-wasm.wasm"                         beside the script (a compiler's output)
 *   join(rootOf(__dirname), "build-info.json")                the same, from where its package.json lies
 *   path().resolve(__dirname, "./threadChild.js")             the same, of a script
 *   resolve.sync("@acme/schemas/a.json", { basedir: __dirname })    in a package that this one depends on
 *   export const ROOT = dirname(req.resolve("own-name/package.json"))    all of its own package may be meant
 */
import { readFileSync } from "node:fs";
import path from "node:path";
import { packageName } from "./carried-packages.ts";
import { slashes } from "./entry.ts";
import { statsOf } from "./folders.ts";
import { nameOf, packageFolder } from "./packages.ts";
import type { Places } from "./places.ts";

/** The end of a file that is no module, and is looked for when the app runs; what TypeScript knows of runtimes is code only by its name. */
const data = /[\w@-]\.(?!(?:[cm]?[jt]sx?|map|md|markdown)$)[a-z]\w{1,9}$|^lib\.(?:[\w.]+\.)?d\.ts$/;

/** Absolute. */
export interface ToldFiles {
  /** What is read, scripts among it. */
  readonly files: ReadonlySet<string>;
  /** What is loaded. */
  readonly scripts: ReadonlySet<string>;
}

/** By scripts of packages (absolute). `filesIn` gives all files in a folder and below. */
export function toldFiles(
  scripts: readonly string[],
  { places, filesIn }: { readonly places: Places; readonly filesIn: (folder: string) => readonly string[] },
): ToldFiles {
  const carried = new Set(scripts.map((script) => packageFolder(slashes(script))));
  const found = new Set<string>();
  const loaded = new Set<string>();
  const roots = new Set<string>();
  for (const script of scripts) {
    const code = readText(script);
    if (code === undefined) continue;
    const root = ownRoot(code, script);
    if (root !== undefined) roots.add(root);
    if (!/\b__(?:dirname|filename)\b|\bimport\.meta\b/.test(code)) continue;
    for (const file of beside(code, script)) found.add(file);
    // A package of which nothing else is carried has more to tell (hidden-asks.ts).
    for (const file of inDependencies(code, script, places))
      if (carried.has(packageFolder(slashes(file)))) found.add(file);
    for (const file of scriptsBeside(code, script)) loaded.add(file);
  }
  for (const root of roots)
    for (const file of filesIn(root)) if (!/\.(?:map|md|markdown|d\.[cm]?ts)$/i.test(file)) found.add(file);
  return { files: found, scripts: loaded };
}

function beside(code: string, script: string): string[] {
  const folder = path.dirname(script);
  const texts = [...code.matchAll(/(["'`])([\w@./-]{3,200})\1/g)].map(([, , text = ""]) => text);
  // A text behind a place begins with a slash: `__dirname + "/style.css"`.
  const names = new Set(texts.filter((text) => data.test(text)));
  // Who looks for its package.json knows its package's root.
  const root = code.includes("package.json") ? packageFolder(slashes(script)) : undefined;
  return [folder, ...(root === undefined ? [] : [path.normalize(root)])].flatMap((from) =>
    existing([...names].map((name) => path.join(from, name))),
  );
}

function scriptsBeside(code: string, script: string): string[] {
  const texts = [...code.matchAll(/\b__dirname,\s*(["'])([\w@./-]{3,200}\.[cm]?js)\1\s*\)/g)];
  return existing(texts.map(([, , text = ""]) => path.join(path.dirname(script), text)));
}

/** Files of packages, by a name and a path in it. */
function inDependencies(code: string, script: string, places: Places): string[] {
  const texts = [...code.matchAll(/(["'])((?:@[\w.-]+\/)?\w[\w.-]*\/[\w@./-]{3,200})\1/g)].map(
    ([, , text = ""]) => text,
  );
  const names = new Set(texts.filter((text) => data.test(text) && !text.endsWith("/package.json")));
  return existing(
    [...names].flatMap((text) => {
      const name = packageName(text) ?? text;
      const folder = text === name ? undefined : places.packageFrom(path.dirname(script), name);
      return folder === undefined ? [] : [path.join(folder, text.slice(name.length + 1))];
    }),
  );
}

/** The folder of a script's own package, where it asks for that by its name. */
function ownRoot(code: string, script: string): string | undefined {
  const folder = packageFolder(slashes(script));
  if (folder === undefined) return undefined;
  const asks = new RegExp(
    `\\bresolve\\(\\s*(["'])${nameOf(folder).replaceAll(".", "\\.")}/package\\.json\\1`,
  );
  return asks.test(code) ? path.normalize(folder) : undefined;
}

function existing(files: readonly string[]): string[] {
  return files.filter((file) => statsOf(file)?.isFile());
}

/**
 * A module that tells others where it lies, to look for files from there: `module.exports = __dirname`, or a function that
 * returns it.
 */
const tellsItsPlace =
  /(?:\breturn\b|=>|\bexports(?:\.\w+)?\s*=|\bexport\s+(?:default\b|const\s+\w+\s*=))\s*[^;,\n]{0,60}?(?:\b__dirname|\b__filename|\bimport\.meta\.(?:dirname|filename|url))\b\)*\s*(?:[;,}\n]|$)/;

/** The folders of those scripts of packages that tell others where they lie; absolute. */
export function toldPlaces(scripts: readonly string[]): string[] {
  const telling = scripts.filter((script) => tellsItsPlace.test(readText(script) ?? ""));
  return [...new Set(telling.map((script) => path.dirname(script)))];
}

function readText(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}
