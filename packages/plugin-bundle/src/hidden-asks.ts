/*
 * What carried packages ask for in ways that no tracer sees, and that would be missed: other versions of packages, packages
 * that settings name, modules in tables.
 */
import { realpathSync, statSync } from "node:fs";
import path from "node:path";
import { readPackageJson, slashes } from "./entry.ts";
import { namesWritten, pathsWritten } from "./own-texts.ts";
import { dependenciesOf, nameOf } from "./packages.ts";
import type { Places } from "./places.ts";

/** Names by the asking folder, absolute. */
export type HiddenAsks = Map<string, Set<string>>;

/** What was found; packages of which any file may be meant, by absolute folder. */
export interface Hidden {
  readonly asks: HiddenAsks;
  readonly whole: Set<string>;
}

/** What is carried of packages (absolute), by their folders relative to the project. */
type FilesOf = ReadonlyMap<string, readonly string[]>;

export interface HiddenAsksRequest {
  readonly places: Places;
  readonly filesOf: FilesOf;
  /** Packages that the app names in text. */
  readonly named: ReadonlySet<string>;
  /** Those that are carried for their own sake, by folder relative to the project. */
  readonly reasons: ReadonlyMap<string, string>;
}

/** Adds what is found; true when there was something to add. */
export function findHiddenAsks(
  { places, filesOf, named, reasons }: HiddenAsksRequest,
  hidden: Hidden,
): boolean {
  const own = [...filesOf].filter(([folder]) => reasons.has(folder) || named.has(nameOf(folder)));
  return (
    findVersions(places, [...filesOf.keys()], hidden.asks) ||
    findWritten(places, filesOf, new Set([...named, ...[...reasons.keys()].map(nameOf)]), hidden) ||
    findOwnPaths(places, own, hidden.asks)
  );
}

/**
 * Copies of packages that would be missed without a word: a carried package that asks for another in a way that cannot be
 * traced would find the other's copy that lies further out, of another version.
 */
function findVersions(places: Places, folders: readonly string[], hidden: HiddenAsks): boolean {
  const { projectDir } = places;
  const carried = new Set(folders.map((folder) => path.resolve(projectDir, folder)));
  const names = new Set(folders.map(nameOf));
  let isNew = false;
  for (const folder of carried) {
    for (const name of dependenciesOf(folder)) {
      if (!names.has(name)) continue;
      const own = places.packageFrom(folder, name);
      const asked = hidden.get(folder) ?? new Set();
      if (own === undefined || carried.has(own) || asked.has(name)) continue;
      hidden.set(folder, asked.add(name));
      isNew = true;
    }
  }
  return isNew;
}

/**
 * Dependencies that a package only names in text, and loads by that: `"@scope/canvas"` in a table, `"fonts/data.json"` that is
 * resolved, `extends: "stylelint-config-recommended"` in settings that the app names in text, which name others in turn. Where
 * the text is none of a module to load, which of the package's files are meant only shows at run time.
 */
function findWritten(
  places: Places,
  filesOf: FilesOf,
  telling: ReadonlySet<string>,
  { asks, whole }: Hidden,
): boolean {
  const { projectDir } = places;
  const chained = new Set([...asks.values()].flatMap((asked) => [...asked]));
  let isNew = false;
  for (const [folder, files] of filesOf) {
    if (!telling.has(nameOf(folder)) && !chained.has(nameOf(folder))) continue;
    const absolute = path.resolve(projectDir, folder);
    const asked = asks.get(absolute) ?? new Set<string>();
    const missing = dependenciesOf(absolute).filter((name) => {
      const own = asked.has(name) ? undefined : places.packageFrom(absolute, name);
      return own !== undefined && !filesOf.has(slashes(path.relative(projectDir, realpathSync(own))));
    });
    for (const text of namesWritten(files, missing)) {
      const name = missing.find((one) => text === one || text.startsWith(`${one}/`))!;
      const own = places.packageFrom(absolute, name)!;
      if (text !== name || !hasMain(own)) whole.add(realpathSync(own));
      asks.set(absolute, asked.add(name).add(text));
      isNew = true;
    }
  }
  return isNew;
}

/** Whether a package is something to load by its name alone (Node: package entry points). */
function hasMain(folder: string): boolean {
  const exports = readPackageJson(folder)?.["exports"];
  if (typeof exports !== "object" || exports === null) return true;
  const keys = Object.keys(exports);
  return keys.includes(".") || !keys.some((key) => key.startsWith("."));
}

/**
 * Modules of a package that it names as others would, in a table or the like: `["webpack", "next/dist/compiled/webpack"]`.
 */
function findOwnPaths(
  { projectDir }: Places,
  packages: readonly (readonly [folder: string, files: readonly string[]])[],
  hidden: HiddenAsks,
): boolean {
  let isNew = false;
  for (const [folder, files] of packages) {
    const absolute = path.resolve(projectDir, folder);
    const asked = hidden.get(absolute) ?? new Set<string>();
    const known = new Set(files);
    const found = pathsWritten(files, nameOf(folder)).filter((name) => {
      const place = path.join(absolute, name.slice(nameOf(folder).length + 1));
      const module = ["", ".js", "/index.js"].map((end) => place + end).find(isFile);
      return module !== undefined && /\.[cm]?js$/.test(module) && !known.has(module) && !asked.has(name);
    });
    for (const name of found) hidden.set(absolute, asked.add(name));
    if (found.length > 0) isNew = true;
  }
  return isNew;
}

function isFile(file: string): boolean {
  return statSync(file, { throwIfNoEntry: false })?.isFile() ?? false;
}
