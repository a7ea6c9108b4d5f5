/*
 * Dependencies that load modules of their own by names that only show at run time, in ways that esbuild cannot bundle:
 *
 *   const aliased = require; aliased("./locale/" + name)      the text tells where these modules are
 *   load(path.join(root, name)), root = __dirname             all that lies beside the source may be meant
 *   const load = eval("(file) => import(file)")               the same, hidden from bundlers
 *   tryLoading(`./${type}`), require(file) in there           what lies beside the source and begins like that
 *   createRequire(join(process.cwd(), "x"))(name)             esbuild does not know that it loads
 *   factory(require, exports), require("./impl") in there     the text tells it, though not to esbuild
 */
import { isBuiltin } from "node:module";
import path from "node:path";
import type { Built } from "./build.ts";
import type { CarriedFiles } from "./carried-files.ts";
import { packageName } from "./carried-packages.ts";
import { slashes } from "./entry.ts";
import { isFolder } from "./folders.ts";
import { originalPositions } from "./original-position.ts";
import { givenRequires, pathBeginnings, pathTexts, requiresComputed } from "./own-texts.ts";
import { packageFolder } from "./packages.ts";
import { isDependency } from "./run-time-files.ts";

/** By the package's folder relative to the project: the modules, absolute, and the source that loads them. */
export type ComputedLoads = ReadonlyMap<
  string,
  { readonly source: string; readonly files: readonly string[] }
>;

const warnings = new Set(["unsupported-require-call", "unsupported-dynamic-import", "indirect-require"]);

/** Where modules are loaded by names that only show at run time: sources relative to the project. */
export function computingSources(builts: readonly Built[], projectDir: string): Set<string> {
  return new Set(
    builts.flatMap((built) => [
      ...built.warnings.flatMap(({ id, location }) => (warnings.has(id) && location ? [location.file] : [])),
      ...hiddenImports(built),
      ...computedRequires(built, projectDir),
    ]),
  );
}

/** Sources of packages that hide `import()` from bundlers in a text: eval("(file) => import(file)"). */
function hiddenImports({ text, parsedMap, inputOf }: Built): string[] {
  const hidden =
    /\b(?:eval|Function)\((?:\s*(["'`])[\w$, ]*\1\s*,)?\s*(["'`])(?:(?!\2).){0,80}?\bimport\((?!\s*["'])/g;
  const found = [...text.matchAll(hidden)].map(({ index }) => index);
  if (found.length === 0) return [];
  const positions = originalPositions(text, found, parsedMap());
  const sources = [...positions.values()].map(({ source }) => inputOf(source));
  return sources.filter((source) => source !== undefined && isDependency(source)) as string[];
}

/** Sources of packages that give what they made by createRequire more than a text. */
function computedRequires({ metafile }: Built, projectDir: string): string[] {
  return Object.entries(metafile.inputs)
    .filter(
      ([input, { imports }]) =>
        isDependency(input) && imports.some(({ path: name }) => /^(?:node:)?module$/.test(name)),
    )
    .map(([input]) => input)
    .filter((input) => requiresComputed(path.resolve(projectDir, input)));
}

const isRelative = /^\.{1,2}(?:\/|$)/;

const modules = /\.(?:[cm]?js|json|node|wasm)$/;

/** `computing` are sources relative to the project; `besidePackage` gives what lies where a package looks from its own place. */
export function computedLoads(
  computing: Iterable<string>,
  carried: CarriedFiles,
  besidePackage: (folder: string) => readonly string[],
): ComputedLoads {
  const { projectDir } = carried.places;
  const found = new Map<string, { source: string; files: string[] }>();
  for (const source of [...computing].sort()) {
    const folder = packageFolder(source);
    if (folder === undefined) continue;
    const file = slashes(path.resolve(projectDir, source));
    const inside = `${slashes(path.resolve(projectDir, folder))}/`;
    const files = [
      ...pathTexts(file, path.posix.dirname(file), /^\.{1,2}\//).flatMap((target) =>
        target.startsWith(inside) ? (carried.named(target, file) ?? []) : [],
      ),
      ...pathBeginnings(file).flatMap((text) =>
        beginningLike(path.posix.join(path.posix.dirname(file), text), inside, carried),
      ),
      ...givenRequires(file).flatMap((name) => askedModule(name, file, carried)),
      ...besidePackage(folder),
    ].filter((each) => modules.test(each));
    if (files.length === 0) continue;
    const known = found.get(folder);
    if (known) known.files.push(...files);
    else found.set(folder, { source, files });
  }
  return found;
}

/** What a source (absolute) finds by a name; for a package the source itself, which the tracer follows. */
function askedModule(name: string, source: string, carried: CarriedFiles): string[] {
  const folder = path.dirname(source);
  if (isRelative.test(name)) return [carried.module(path.resolve(folder, name)) ?? []].flat();
  const asked = isBuiltin(name) ? undefined : carried.places.packageFrom(folder, packageName(name) ?? name);
  return asked === undefined ? [] : [source];
}

/** Modules whose paths begin like this one, as far as one name may be missing. */
function beginningLike(beginning: string, inside: string, carried: CarriedFiles): string[] {
  const folder = path.posix.dirname(`${beginning}x`);
  if (!beginning.startsWith(inside) || !isFolder(folder)) return [];
  return carried
    .filesIn(folder)
    .filter((file) => slashes(file).startsWith(beginning))
    .filter((file) => /^[^/]+(?:\/index\.\w+)?$/.test(slashes(file).slice(beginning.length)));
}
