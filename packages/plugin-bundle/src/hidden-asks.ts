/*
 * What carried packages ask for in ways that no tracer sees, and that would be missed: other versions of packages, packages
 * that settings name, modules in tables.
 */
import { realpathSync, statSync } from "node:fs";
import path from "node:path";
import { readPackageJson, slashes } from "./entry.ts";
import { namesWritten, pathsWritten } from "./own-texts.ts";
import { nameOf } from "./packages.ts";
import type { Places } from "./places.ts";

/** Names by the asking folder, absolute. */
export type HiddenAsks = Map<string, Set<string>>;

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
  hidden: HiddenAsks,
): boolean {
  const own = [...filesOf].filter(([folder]) => reasons.has(folder) || named.has(nameOf(folder)));
  return (
    findVersions(places, [...filesOf.keys()], hidden) ||
    findWritten(places, filesOf, named, hidden) ||
    findOwnPaths(places, own, hidden)
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
    const { dependencies } = readPackageJson(folder) ?? {};
    for (const name of Object.keys((dependencies as object | null | undefined) ?? {})) {
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
 * Packages that settings name in turn: a package that the app names in text (a preset, a shared configuration) writes which
 * of its dependencies the tool is to load, `extends: "stylelint-config-recommended"`.
 */
function findWritten(
  places: Places,
  filesOf: FilesOf,
  named: ReadonlySet<string>,
  hidden: HiddenAsks,
): boolean {
  const { projectDir } = places;
  const chained = new Set([...hidden.values()].flatMap((asked) => [...asked]));
  let isNew = false;
  for (const [folder, files] of filesOf) {
    if (!named.has(nameOf(folder)) && !chained.has(nameOf(folder))) continue;
    const absolute = path.resolve(projectDir, folder);
    const asked = hidden.get(absolute) ?? new Set<string>();
    const { dependencies } = readPackageJson(absolute) ?? {};
    const missing = Object.keys((dependencies as object | null | undefined) ?? {}).filter((name) => {
      const own = asked.has(name) ? undefined : places.packageFrom(absolute, name);
      return own !== undefined && !filesOf.has(slashes(path.relative(projectDir, realpathSync(own))));
    });
    for (const name of namesWritten(files, missing)) {
      hidden.set(absolute, asked.add(name));
      isNew = true;
    }
  }
  return isNew;
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
