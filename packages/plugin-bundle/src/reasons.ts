/*
 * Why a package cannot be part of one file. Told from what esbuild bundled: a package that brings files for each platform,
 * a path within a package that the code makes from its own place, something it looks up by name.
 */
import path from "node:path";
import type { SourceLocation } from "@sbp/core";
import type { Built } from "./build.ts";
import { packageName } from "./carried-packages.ts";
import { locate } from "./external.ts";
import { statsOf } from "./folders.ts";
import type { NamedPath } from "./named-paths.ts";
import { nativeReason } from "./native.ts";
import { namesWritten } from "./own-texts.ts";
import { dependenciesOf, nameOf, packageFolder } from "./packages.ts";
import { unknown } from "./path-value.ts";
import type { Places } from "./places.ts";
import { isDependency } from "./run-time-files.ts";

/** By the package's folder, relative to the project. `named` are the paths that the bundle names. */
export function packageReasons(
  built: Built,
  named: readonly NamedPath[],
  places: Places,
  filesIn: (folder: string) => readonly string[],
): Map<string, string> {
  const { projectDir } = places;
  const { metafile, main } = built;
  const reasons = new Map<string, string>(built.refused);
  const add = (folder: string | undefined, because: string) => {
    if (folder !== undefined && !reasons.has(folder)) reasons.set(folder, because);
  };
  const used = Object.entries(metafile.outputs[main]?.inputs ?? {}).filter(
    ([, { bytesInOutput }]) => bytesInOutput > 0,
  );
  for (const folder of new Set(used.map(([input]) => packageFolder(input)))) {
    const native = folder && nativeReason(path.resolve(projectDir, folder));
    if (native) add(folder, native);
  }
  for (const [folder, because] of writtenDependencies(
    used.map(([input]) => input),
    metafile,
    places,
  ))
    add(folder, because);
  for (const [input] of used) {
    if (!isDependency(input)) continue;
    for (const { path: left, kind, external } of metafile.inputs[input]?.imports ?? []) {
      if (left.endsWith(".node") && !external) add(packageFolder(left), "is a native addon");
      if (!external) continue;
      const at = () => ` (${placeOf(locate(projectDir, input, left), packageFolder(input))})`;
      if (left.endsWith(".node")) add(packageFolder(input), `loads a native addon${at()}`);
      else if (left.endsWith(".wasm")) add(packageFolder(input), `loads WebAssembly${at()}`);
      else if (kind === "require-resolve" && isFound(left, input, places))
        add(packageFolder(input), `looks up "${left}" at run time${at()}`);
    }
  }
  for (const found of named) {
    const folder = packageFolder(found.position.source);
    const because =
      folder && reasonOf(found, places, () => hasData(path.resolve(projectDir, folder), filesIn));
    if (because)
      add(folder, `${because} (${placeOf({ ...found.position, file: found.position.source }, folder)})`);
  }
  return reasons;
}

/**
 * Packages that name a path in a dependency, or a scoped one, and import it nowhere: they look it up by this text. Plain words
 * are names of many things.
 */
function* writtenDependencies(
  used: readonly string[],
  { inputs }: Built["metafile"],
  places: Places,
): Generator<[folder: string, because: string]> {
  const bundled = new Set(Object.keys(inputs).map((input) => nameOf(packageFolder(input) ?? "")));
  const sourcesOf = new Map<string, string[]>();
  for (const input of used) {
    const folder = packageFolder(input);
    if (folder === undefined) continue;
    const sources = sourcesOf.get(folder);
    if (sources) sources.push(input);
    else sourcesOf.set(folder, [input]);
  }
  for (const [folder, sources] of sourcesOf) {
    const absolute = path.resolve(places.projectDir, folder);
    const missing = dependenciesOf(absolute).filter(
      (name) => !bundled.has(name) && places.packageFrom(absolute, name),
    );
    for (const source of missing.length > 0 ? sources : []) {
      const written = namesWritten([path.resolve(places.projectDir, source)], missing);
      const text = written.find((name) => name.includes("/"));
      if (text !== undefined)
        yield [folder, `looks up "${text}" at run time (${placeOf({ file: source }, folder)})`];
    }
  }
}

function reasonOf(
  { position, role, path: found }: NamedPath,
  places: Places,
  hasFiles: () => boolean,
): string | undefined {
  switch (role) {
    case "itself":
      return hasFiles() ? "looks for files from where its code lies" : undefined;
    case "package": {
      const from = path.resolve(places.projectDir, path.dirname(position.source));
      const isInstalled = found.startsWith("#") || places.packageFrom(from, packageName(found) ?? found);
      return isInstalled ? `looks up "${found}" at run time` : undefined;
    }
    case "worker":
    case "child":
      return isThere(found) ? "starts a script of its own" : undefined;
    case "module":
      // Whatever it is: it is looked for from the same place when the package is bundled.
      return !found.includes(unknown) && isThere(found) ? "reads files of its own" : undefined;
    case "file":
      return isThere(found) ? "reads files of its own" : undefined;
  }
}

/** `lib/index.js:12`, within the package. */
function placeOf({ file, line }: SourceLocation, folder = ""): string {
  const inside = file.startsWith(`${folder}/`) ? file.slice(folder.length + 1) : file;
  return line === undefined ? inside : `${inside}:${line}`;
}

/** Whether there is anything but code in a package: what it could look for. */
function hasData(folder: string, filesIn: (folder: string) => readonly string[]): boolean {
  return filesIn(folder).some((file) => {
    const name = path.basename(file);
    if (/^lib\.[\w.]*\.d\.ts$/.test(name)) return true;
    const isText =
      /^(?:licen[cs]e|readme|changelog|changes|history|notice|authors|contributing|security)\b/i.test(name);
    return !isText && /[^.].*\.\w+$/.test(name) && !notData.test(name);
  });
}

const notData = /\.(?:[cm]?[jt]sx?|json|map|md|markdown|ya?ml|flow|h|c|cc|cpp|gypi?|node)$/i;

/** Whether a path can lead to anything. */
function isThere(found: string): boolean {
  const fixed = found.includes(unknown)
    ? found.slice(0, found.lastIndexOf("/", found.indexOf(unknown)) + 1)
    : found;
  if (fixed === "") return false;
  return ["", ".js", ".json", ".node"].some((end) => statsOf(fixed + end));
}

function isFound(specifier: string, importer: string, places: Places): boolean {
  const folder = path.resolve(places.projectDir, path.dirname(importer));
  const name = packageName(specifier);
  return name === undefined
    ? isThere(path.resolve(folder, specifier))
    : places.packageFrom(folder, name) !== undefined;
}
