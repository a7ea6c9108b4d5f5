/*
 * Style sheets of the app that name packages: `@import "tailwindcss"`, `@plugin "@tailwindcss/forms"`, `@use "bootstrap/scss/bootstrap"`.
 * Tools read them at run time, and look for these packages from the style sheet's place.
 */
import { readFileSync, statSync } from "node:fs";
import path from "node:path";
import type { CarriedFiles } from "./carried-files.ts";
import { packageName } from "./carried-packages.ts";
import { readPackageJson } from "./entry.ts";

export const styleSheet = /\.(?:css|s[ac]ss|less|styl)$/;

const names =
  /@(?:import|plugin|config|use|forward|reference|require)\s+(?:\([^)]*\)\s*)?(?:url\(\s*)?["']([^"']+)["']/g;

export interface StyledPackage {
  readonly name: string;
  /** Absolute and real. */
  readonly folder: string;
  /** Style sheets of it, absolute. */
  readonly files: readonly string[];
}

/** The packages that a style sheet (absolute) names, with the style sheets that are read then. */
export function packagesOfStyleSheet(file: string, carried: CarriedFiles): StyledPackage[] {
  return specifiersIn(file).flatMap((specifier): StyledPackage[] => {
    const name = packageName(specifier);
    const folder = name && carried.places.packageFrom(path.dirname(file), name);
    if (!name || !folder) return [];
    const start = sheetOf(folder, specifier.slice(name.length + 1));
    return [{ name, folder, files: start === undefined ? [] : included(start, folder, carried) }];
  });
}

function specifiersIn(file: string): string[] {
  const text = readFileSync(file, "utf8");
  return [...text.matchAll(names)].map(([, specifier = ""]) => specifier.replace(/^(?:~|pkg:)/, ""));
}

/** The sheet and those that it includes. Languages other than CSS find theirs in many ways: all of a folder. */
function included(start: string, folder: string, carried: CarriedFiles): string[] {
  const files = new Set([start]);
  for (const file of files) {
    if (!file.endsWith(".css")) {
      const like = carried
        .filesIn(path.dirname(file))
        .filter((each) => path.extname(each) === path.extname(file));
      for (const each of like) files.add(each);
      continue;
    }
    for (const specifier of specifiersIn(file)) {
      const target = path.resolve(path.dirname(file), specifier);
      if (specifier.startsWith(".") && target.startsWith(folder + path.sep) && isFile(target))
        files.add(target);
    }
  }
  return [...files];
}

/** What the condition "style" or the fields of package.json lead to. */
function sheetOf(folder: string, subpath: string): string | undefined {
  const manifest = readPackageJson(folder) ?? {};
  const exported = Object(manifest["exports"]) as Record<string, unknown>;
  const key = subpath === "" ? "." : `./${subpath}`;
  const conditions = Object(exported[key] ?? (subpath === "" ? exported : undefined)) as Record<
    string,
    unknown
  >;
  const candidates = [
    conditions["style"],
    typeof exported[key] === "string" ? exported[key] : undefined,
    ...(subpath === ""
      ? [manifest["style"], manifest["sass"], manifest["less"], manifest["main"], "index.css", "_index.scss"]
      : endings.map((end) => subpath + end)),
    subpath.replace(/([^/]+)$/, "_$1.scss"),
  ];
  return candidates
    .flatMap((name) => (typeof name === "string" ? [path.join(folder, name)] : []))
    .find((file) => file.startsWith(folder + path.sep) && styleSheet.test(file) && isFile(file));
}

const endings = ["", ".css", ".scss", ".sass", ".less", ".styl"];

function isFile(file: string): boolean {
  return statSync(file, { throwIfNoEntry: false })?.isFile() === true;
}
