/*
 * From the entry to all that an executable needs: the bundle, and what it will look for at run time.
 *
 *   build ─► places of sources ─► files they name ──────► carried
 *     │                       └─► scripts they start ─► build (the same way)
 *     └────► packages that cannot be one file ─► trace ─► carried
 *                                                   └─► build again, without these
 *
 * An app that needs none of this pays for looking only.
 */
import { existsSync } from "node:fs";
import path from "node:path";
import type { Dependency, Diagnostic, RunContext } from "@sbp/core";
import type { Metafile } from "esbuild";
import { carryGlobs } from "./assets.ts";
import { type BuildRequest, type Built, build, outsideKey } from "./build.ts";
import { CarriedFiles } from "./carried-files.ts";
import {
  type CarriedPackage,
  carryPackages,
  installedFolder,
  type OutsideImport,
  outsideSpecifier,
} from "./carried-packages.ts";
import { computedLoads, computingSources } from "./computed-loads.ts";
import { lostDecoratorTypes } from "./decorators.ts";
import { moduleFormat, readPackageJson, slashes } from "./entry.ts";
import { Excluded } from "./exclude.ts";
import { loadsFreely } from "./free-loads.ts";
import { hookedPackages } from "./hooked-packages.ts";
import { NamedFiles } from "./named-files.ts";
import { namedPackages } from "./named-packages.ts";
import { namedScripts } from "./named-scripts.ts";
import { isBuiltWhenInstalled, isPlatformName, nativeFiles } from "./native.ts";
import { packageFolder } from "./packages.ts";
import type { Places } from "./places.ts";
import { packageReasons } from "./reasons.ts";
import { type SharedSources, sharedSources } from "./shared-sources.ts";
import { toldPlaces } from "./told-files.ts";
import { Tracer } from "./trace.ts";

export interface Gathered {
  readonly built: Built;
  /** Scripts of workers and child processes, by the file as which they are carried. */
  readonly scripts: ReadonlyMap<string, Built>;
  readonly carried: CarriedFiles;
  readonly packages: readonly CarriedPackage[];
  readonly excluded: Excluded;
  /** Absolute: files that the user has named to be carried. */
  readonly given: ReadonlySet<string>;
  /** Where what only shows at run time is carried nevertheless: `source:line`. */
  readonly found: ReadonlySet<string>;
  /** What the app will miss at run time. */
  readonly missing: readonly Diagnostic[];
}

/** Throws what `build` throws. */
export async function gather(
  request: BuildRequest,
  places: Places,
  { signal, memo }: Pick<RunContext, "signal" | "memo">,
): Promise<Gathered> {
  const { projectDir, options } = request;
  const wanted = new Map(
    (options.external ?? []).flatMap((name) =>
      installedFolder(places, name) ? [[name, '"external" names it'] as const] : [],
    ),
  );
  const exclude = options.exclude ?? [];
  const decided: Dependency[] = [];
  const excluded = await Excluded.of(exclude, projectDir, (dependency) => decided.push(dependency));
  const isExcluded = (file: string) => excluded.hasFile(file);
  const { conditions = [] } = options;
  const tracer = new Tracer({ places, conditions, excluded }, memo);
  const external = (options.external ?? []).filter((name) => !wanted.has(name));
  const own = { ...request, options: { ...options, external: [...external, ...excluded.packages] } };

  const carried = new CarriedFiles(places, isExcluded);
  for (const dependency of decided) carried.depend(dependency);
  const assets = await carryGlobs("assets", options.assets, exclude, carried);
  const include = await carryGlobs("include", options.include, exclude, carried);

  const files = new NamedFiles(carried, assets.files.length > 0);
  const main = await build(own, signal);
  const requests = new Map<string, BuildRequest>([["", own]]);
  const builts = new Map<string, Built>([["", main]]);
  files.look(main);
  for (let scripts = files.takeScripts(); scripts.length > 0; scripts = files.takeScripts())
    for (const { file, source } of scripts) {
      if (builts.has(file)) continue;
      const entry = { path: slashes(path.relative(projectDir, source)), format: moduleFormat(source) };
      const script: BuildRequest = {
        ...own,
        entry,
        name: "script",
        options: { ...own.options, format: "auto" },
      };
      requests.set(file, script);
      builts.set(file, await build(script, signal));
      files.look(builts.get(file)!);
    }

  const all = [...builts.values()];
  const reasons = new Map(
    all.flatMap((built) => [
      ...packageReasons(built, files.named(built), places, (of) => carried.filesIn(of)),
    ]),
  );
  const computing = computingSources(all, projectDir);
  const loads = computedLoads(computing, carried, (folder) => files.besidePackage(folder));
  for (const [folder, { source }] of loads)
    if (!reasons.has(folder))
      reasons.set(folder, `loads modules of its own by computed names (${source.slice(folder.length + 1)})`);
  for (const [name, because] of wanted) reasons.set(installedFolder(places, name)!, because);
  const filesIn = (folder: string) => carried.filesIn(folder);
  for (const [folder, because] of [
    ...files.styled,
    ...hookedPackages(all, reasons.keys(), { places, filesIn }),
  ])
    if (!reasons.has(folder)) reasons.set(folder, because);
  const isDynamic = reasons.size > 0 || computing.size > 0;
  // What is started is bundled, whatever else names it. So is the main file, which is named to find others from there.
  const mainFile = path.resolve(projectDir, request.entry.path);
  const ownScripts = () =>
    [...files.plainScripts, ...assets.files.filter((file) => script.test(file))].filter(
      (file) => !builts.has(file) && file !== mainFile,
    );
  const isFree = [...[...computing].map((source) => path.resolve(projectDir, source)), ...ownScripts()].some(
    loadsFreely,
  );
  const namesIf = async (isFree: boolean) =>
    isDynamic ? namedPackages({ builts: all, scripts: ownScripts(), computing, places, isFree }) : undefined;
  let found = await namesIf(isFree);
  const namesOf = () => new Map([...(found?.names ?? []), ...files.packages, ...wanted]);
  for (const [pattern, source] of found?.files ?? []) files.carryImports(pattern, source);
  const scripts = ownScripts();

  let packages: readonly CarriedPackage[] = [];
  let imports: readonly OutsideImport[] = [];
  if (reasons.size > 0 || namesOf().size > 0 || scripts.length > 0) {
    const carry = (names: ReadonlyMap<string, string>) =>
      carryPackages(
        {
          places,
          metafiles: all.map(({ metafile }) => metafile),
          entries: new Set(all.map(({ entry }) => entry.path)),
          reasons,
          names,
          asked: files.asked,
          scripts,
          isExcluded,
          alsoFiles: (folder) => [
            ...nativeFiles(folder, (of) => carried.filesIn(of)),
            ...files.ofPackage(slashes(path.relative(projectDir, folder))),
            ...(loads.get(slashes(path.relative(projectDir, folder)))?.files ?? []),
          ],
          companions: (file) => carried.companions(file),
          dataFiles: (folder, found) => files.besidePackage(folder, toldPlaces(found)),
          filesIn,
        },
        tracer,
      );
    let traced = await carry(namesOf());
    // What is carried may load what the app names as well.
    if (found && !isFree && traced.packages.some(({ files }) => files.filter(isScript).some(loadsFreely))) {
      found = await namesIf(true);
      traced = await carry(namesOf());
    }
    packages = traced.packages;
    for (const file of [...traced.others, ...packages.flatMap(({ files }) => files)]) carried.add(file);
    imports = traced.imports;
  }
  const shared = await sharedSources({
    places,
    metafiles: all.map(({ metafile }) => metafile),
    entries: all.map(({ entry }) => entry.path),
    // Scripts of workers are bundles of their own, and what assets hold of the bundle's sources is most often only not left
    // out of a folder.
    scripts: scripts.filter(
      (file) =>
        !all.some(({ entry }) => file === path.resolve(projectDir, entry.path)) &&
        (files.plainScripts.has(file) || !isBundled(file, all, projectDir)),
    ),
    loadedBy: (loading) => tracer.trace({ files: loading, names: new Map() }),
  });
  const addons = all.flatMap(({ metafile }) => ownAddons(metafile, projectDir));
  for (const { target } of [...addons, ...shared.imports]) carried.add(path.resolve(projectDir, target));
  const isElsewhere = ({ importer }: OutsideImport) =>
    path.posix.dirname(importer) !== path.posix.dirname(request.entry.path);
  if (imports.length > 0 || shared.imports.length > 0 || addons.some(isElsewhere))
    for (const [file, again] of requests) {
      const outside = outsideOf(again, file, [...imports, ...addons, ...shared.imports], packages, places);
      const { kept } = builts.get(file)!;
      builts.set(file, await build({ ...again, outside, ...(kept && { kept }) }, signal));
    }
  addMainManifest(carried, main, path.resolve(projectDir, request.entry.path));
  carried.addManifests();
  carried.addLinks(path.dirname(path.resolve(projectDir, request.entry.path)));

  const isCarriedPackage = (source: string) =>
    packages.some(({ folder }) => folder === packageFolder(source));
  const built = builts.get("")!;
  builts.delete("");
  const missing = files.missing.filter(({ location }) => !isCarriedPackage(location?.file ?? ""));
  const told = new Set(missing.map(({ location }) => `${location?.file}:${location?.line}`));
  const unfound = namedScripts({
    bundles: all,
    carried,
    isExcluded,
  }).filter(({ location }) => !told.has(`${location?.file}:${location?.line}`));
  return {
    built,
    scripts: builts,
    carried,
    packages,
    excluded,
    given: new Set([...assets.files, ...include.files]),
    found: new Set([...files.found, ...(found ? found.found : [])]),
    missing: [
      ...assets.diagnostics,
      ...include.diagnostics,
      ...missingAddons(packages, projectDir),
      ...importedMain(shared, main),
      ...missing,
      ...unfound,
      ...lostDecoratorTypes(projectDir, built.metafile, options.tsconfig),
    ],
  };
}

/** The package.json of the main file, where code looks for it from `require.main` on: for a version to print, for settings. */
function addMainManifest(carried: CarriedFiles, { text }: Built, main: string): void {
  const looks =
    /\brequire\.main\b(?:\s*\|\|\s*\{\s*\}\))?\??\.(?:filename|path)\b/.test(text) &&
    /["'`/]package\.json["'`]/.test(text);
  const manifest = looks ? carried.manifestOf(path.dirname(main)) : undefined;
  if (manifest !== undefined) carried.add(manifest);
}

function isBundled(file: string, builts: readonly Built[], projectDir: string): boolean {
  const input = slashes(path.relative(projectDir, file));
  return builts.some(({ metafile }) => input in metafile.inputs);
}

const script = /\.[cm]?[jt]sx?$/;
const isScript = (file: string) => script.test(file);

function outsideOf(
  { entry }: BuildRequest,
  file: string,
  imports: readonly OutsideImport[],
  packages: readonly CarriedPackage[],
  places: Places,
): Map<string, string> {
  const place = places.of(file === "" ? path.resolve(places.projectDir, entry.path) : file) ?? "";
  const folders = new Set(packages.map(({ folder }) => places.of(path.resolve(places.projectDir, folder))!));
  return new Map(
    imports.map((found) => [
      outsideKey(found.importer, found.kind, found.specifier),
      outsideSpecifier(found, path.posix.dirname(place), places, folders),
    ]),
  );
}

/** Native addons and WebAssembly that the app's own sources import. */
function ownAddons(metafile: Metafile, projectDir: string): OutsideImport[] {
  return Object.entries(metafile.inputs).flatMap(([importer, { imports }]) =>
    imports.flatMap(({ path: specifier, kind, external }) => {
      const target = path.posix.join(path.posix.dirname(importer), specifier);
      const isOwn =
        external && /^\.{1,2}\/.*\.(?:node|wasm)$/.test(specifier) && !importer.includes("node_modules/");
      return isOwn && existsSync(path.resolve(projectDir, target))
        ? [{ importer, kind, specifier, target }]
        : [];
    }),
  );
}

/** The main file as a module that others import; a CommonJS one is found in `require.cache`. */
function importedMain({ entries }: SharedSources, { entry, format }: Built): Diagnostic[] {
  if (format !== "esm" || !entries.includes(entry.path)) return [];
  return [
    {
      severity: "warning",
      code: "SBP_BUNDLE_FILE",
      message: `"${entry.path}" is imported by a script that is loaded at run time, which fails: it starts the app and is no module there`,
      hint: "Move what both need to a module of its own.",
      location: { file: entry.path },
    },
  ];
}

/** Packages with an addon that is built when they are installed, and was not. */
function missingAddons(packages: readonly CarriedPackage[], projectDir: string): Diagnostic[] {
  const names = new Set(packages.map(({ name }) => name));
  const hasAddon = ({ folder, files }: CarriedPackage) => {
    const { optionalDependencies } = readPackageJson(path.resolve(projectDir, folder)) ?? {};
    const platforms = Object.keys((optionalDependencies as object | null | undefined) ?? {});
    // What is not installed for any platform, the step cross-target gets for each.
    const isBrought = platforms.some((name) => names.has(name) || isPlatformName(name));
    return isBrought || files.some((file) => file.endsWith(".node"));
  };
  return packages
    .filter((found) => found.because === "has a native addon" && !hasAddon(found))
    .filter(({ folder }) => isBuiltWhenInstalled(path.resolve(projectDir, folder)))
    .map(({ name }) => ({
      // Whoever calls it optional does without.
      severity: isOptional(name, packages, projectDir) ? "info" : "warning",
      code: "SBP_BUNDLE_NATIVE",
      message: `"${name}" has a native addon, which is not there: what needs it fails at run time`,
      hint: `npm rebuild ${name}`,
    }));
}

/** Whether all carried packages that depend on one, and the project, do so optionally. */
function isOptional(name: string, packages: readonly CarriedPackage[], projectDir: string): boolean {
  const manifests = [".", ...packages.map(({ folder }) => folder)].map(
    (folder) => readPackageJson(path.resolve(projectDir, folder)) ?? {},
  );
  const dependsBy = (field: string) => manifests.some((manifest) => name in Object(manifest[field]));
  const needs = manifests.some(
    (manifest) =>
      name in Object(manifest["dependencies"]) && !(name in Object(manifest["optionalDependencies"])),
  );
  return !needs && dependsBy("optionalDependencies");
}
