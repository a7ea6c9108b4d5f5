/*
 * Packages that cannot be part of one file are carried as they are: those that load native addons, read files of their
 * own, start scripts of their own, or that somebody looks up by name at run time. Their dependencies come with them, and
 * a package that is carried is never bundled as well: two copies of one (graphql, react) would not know each other.
 *
 *   sources ─ edges of the first build ─► packages with a reason ─► trace ─► files ─► their packages
 *                     ▲                                                                │
 *                     └──────────── what the bundle imports of these, too ◄────────────┘
 */
import { realpathSync } from "node:fs";
import path from "node:path";
import type { Metafile } from "esbuild";
import { targetOf } from "./build.ts";
import { readPackageJson, slashes } from "./entry.ts";
import { findHiddenAsks, type Hidden } from "./hidden-asks.ts";
import { nameOf, packageFolder } from "./packages.ts";
import type { Places } from "./places.ts";
import { toldFiles } from "./told-files.ts";
import type { Tracer } from "./trace.ts";

/** Why packages are carried, by folder relative to the project. */
export type Reasons = ReadonlyMap<string, string>;

export interface CarriedPackage {
  /** Relative to the project, with forward slashes. */
  readonly folder: string;
  readonly name: string;
  readonly because: string;
  /** Absolute. */
  readonly files: readonly string[];
}

/** An import that leads from the bundle to a carried package. */
export interface OutsideImport {
  readonly importer: string;
  readonly kind: string;
  /** As the source writes it. */
  readonly specifier: string;
  /** What esbuild found: as the metafile names it. */
  readonly target: string;
}

export interface CarriedPackages {
  readonly packages: readonly CarriedPackage[];
  readonly imports: readonly OutsideImport[];
  /** Files outside of packages that carried scripts load, absolute. */
  readonly others: readonly string[];
}

export interface CarryPackagesRequest {
  readonly places: Places;
  readonly metafiles: readonly Metafile[];
  /** What stays in the bundles, whatever package it is of: their entries, relative to the project. */
  readonly entries: ReadonlySet<string>;
  readonly reasons: Reasons;
  /** Packages that are asked for by name from the project, and why. */
  readonly names: ReadonlyMap<string, string>;
  /** What packages ask for by name, by the asking folder (absolute). */
  readonly asked: ReadonlyMap<string, Iterable<string>>;
  /** Absolute: the app's own scripts that are carried as they are, which load what they need from where they are. */
  readonly scripts: readonly string[];
  readonly isExcluded: (file: string) => boolean;
  /** Further files of a package by its absolute folder: what is loaded in ways that no analysis sees. */
  readonly alsoFiles: (folder: string) => readonly string[];
  /** What a file of a package needs beside it. */
  readonly companions: (file: string) => readonly string[];
  /**
   * What to carry of a package that looks for files and of which none but code was found; by its folder in the project and
   * what was found (absolute).
   */
  readonly dataFiles: (folder: string, found: readonly string[]) => readonly string[];
  /** All files in a folder (absolute) and below. */
  readonly filesIn: (folder: string) => readonly string[];
}

const notForRunTime = /\.(?:map|md|markdown|d\.[cm]?ts)$/i;

/** What node loads: programs of packages often have no extension. */
const loaded = /\.(?:[cm]?[jt]sx?|node)$|[\\/]bin[\\/][^.\\/]+$/;

/** Finds the packages and files to carry. */
export async function carryPackages(request: CarryPackagesRequest, tracer: Tracer): Promise<CarriedPackages> {
  const { places, metafiles, entries, reasons, names, scripts, isExcluded } = request;
  const { alsoFiles, companions, dataFiles, filesIn } = request;
  const { projectDir } = places;
  const folders = new Map(reasons);
  const hidden: Hidden = { asks: new Map(), whole: new Set() };
  /** Scripts that others tell of. */
  const told = new Set<string>();
  for (;;) {
    const imports = metafiles.flatMap((metafile) => importsOf(metafile, folders, entries));
    const targets = [...new Set(imports.map(({ target }) => path.resolve(projectDir, target)))];
    // Where the bundle asks by name, node decides which file that is.
    const asked = new Set([...names.keys(), ...imports.map(({ specifier }) => specifier).filter(isBare)]);
    const also = [...folders.keys()].flatMap((folder) => alsoFiles(path.resolve(projectDir, folder)));
    const whole = [...hidden.whole].flatMap(filesIn).filter((file) => !notForRunTime.test(file));
    const files = [...targets, ...scripts, ...told, ...also.filter((file) => loaded.test(file))];
    const found = await tracer.trace({
      files,
      names: together([...request.asked, ...hidden.asks, [projectDir, asked]]),
    });
    const withOthers = [...found, ...also].flatMap((file) =>
      packageFolder(slashes(file)) === undefined ? [file] : [file, ...companions(file)],
    );
    const code = found.filter((file) => /\.[cm]?js$/.test(file) && packageFolder(slashes(file)));
    const { files: beside, scripts: started } = toldFiles(code, { places, filesIn });
    const known = new Set([...found, ...told]);
    const fresh = [...started].filter((file) => !known.has(file) && !isExcluded(file));
    if (fresh.length > 0) {
      for (const file of fresh) told.add(file);
      continue;
    }
    const traced = [
      ...new Set([...withOthers, ...[...beside, ...whole].filter((file) => !isExcluded(file))]),
    ].sort();
    const grown = new Map(folders);
    const filesOf = new Map<string, string[]>();
    const others: string[] = [];
    for (const file of traced) {
      const folder = packageFolder(slashes(path.relative(projectDir, file)));
      if (folder === undefined) {
        others.push(file);
        continue;
      }
      if (!grown.has(folder)) grown.set(folder, names.get(nameOf(folder)) ?? needed);
      filesOf.set(folder, [...(filesOf.get(folder) ?? []), file]);
    }
    if (grown.size > folders.size) {
      for (const [folder, because] of grown) folders.set(folder, because);
      continue;
    }
    const named = new Set(names.keys());
    if (findHiddenAsks({ places, filesOf, named, reasons }, hidden)) continue;
    const needing = dependents(places, [...filesOf.keys()].sort());
    const packages = [...filesOf]
      .map(([folder, files]) => {
        const hasData = files.some((file) => !loaded.test(file) && path.basename(file) !== "package.json");
        const all = hasData ? files : [...new Set([...files, ...dataFiles(folder, files)])].sort();
        const [name, because] = [nameOf(folder), folders.get(folder)!];
        return { folder, name, because: (because === needed && needing.get(folder)) || because, files: all };
      })
      .sort((a, b) => (a.folder < b.folder ? -1 : 1));
    return { packages, imports, others };
  }
}

/** All that is asked for, by the asking folder. */
function together(asks: readonly (readonly [string, Iterable<string>])[]): Map<string, Set<string>> {
  const all = new Map<string, Set<string>>();
  for (const [folder, names] of asks) all.set(folder, new Set([...(all.get(folder) ?? []), ...names]));
  return all;
}

const needed = "a carried file needs it";

/** Which of these packages needs one, by its folder: the first. */
function dependents(places: Places, folders: readonly string[]): Map<string, string> {
  const { projectDir } = places;
  const names = new Set(folders.map(nameOf));
  const found = new Map<string, string>();
  for (const folder of folders) {
    const absolute = path.resolve(projectDir, folder);
    const manifest = readPackageJson(absolute) ?? {};
    for (const field of ["dependencies", "optionalDependencies", "peerDependencies"])
      for (const name of Object.keys((manifest[field] as object | null | undefined) ?? {})) {
        const needed = names.has(name) ? places.packageFrom(absolute, name) : undefined;
        const key = needed && slashes(path.relative(projectDir, needed));
        if (key !== undefined && !found.has(key)) found.set(key, `${nameOf(folder)} needs it`);
      }
  }
  return found;
}

/** The imports that lead from what stays in the bundle into these packages. */
function importsOf(
  metafile: Metafile,
  folders: ReadonlyMap<string, string>,
  entries: ReadonlySet<string>,
): OutsideImport[] {
  const isCarried = (input: string) => !entries.has(input) && folders.has(packageFolder(input) ?? "");
  return Object.entries(metafile.inputs).flatMap(([importer, { imports }]) =>
    isCarried(importer)
      ? []
      : imports.flatMap(({ path: target, original, kind, external }) =>
          !external && original !== undefined && isCarried(targetOf(target))
            ? [{ importer, kind, specifier: original, target: targetOf(target) }]
            : [],
        ),
  );
}

/**
 * How the main file or script at a place imports what a source imported: by the name as written where node finds the same
 * package by it from there, else by path.
 */
export function outsideSpecifier(
  { specifier, target }: OutsideImport,
  mainFolder: string,
  places: Places,
  packages: ReadonlySet<string>,
): string {
  const place = places.of(path.resolve(places.projectDir, target))!;
  const name = packageName(specifier);
  if (name !== undefined)
    for (let folder = mainFolder; ; folder = path.posix.dirname(folder)) {
      const candidate = path.posix.join(folder, "node_modules", name);
      if (packages.has(candidate)) {
        if (place.startsWith(`${candidate}/`)) return specifier;
        break;
      }
      if (folder === "." || folder === "") break;
    }
  const relative = path.posix.relative(mainFolder, place);
  return relative.startsWith("../") ? relative : `./${relative}`;
}

/** The package that a specifier names; undefined for paths, `#imports` and addresses. */
export function packageName(specifier: string): string | undefined {
  if (!isBare(specifier)) return undefined;
  return /^(?:@[^/]+\/)?[^/]+/.exec(specifier)?.[0];
}

function isBare(specifier: string): boolean {
  return !/^(?:[./#~]|@\/|[a-z][a-z0-9+.-]+:)/i.test(specifier);
}

/**
 * The folder of a package that is asked for by name from the project: relative to it, real; undefined where there is none.
 * pnpm keeps what only other packages need in a folder of its own.
 */
export function installedFolder(places: Places, name: string): string | undefined {
  // From node_modules on, "../x" leads to what lies beside it.
  if (!isBare(name)) return undefined;
  const folder =
    places.packageFrom(places.projectDir, name) ??
    places.packageFrom(path.join(places.root, "node_modules/.pnpm"), name);
  return folder && slashes(path.relative(places.projectDir, realpathSync(folder)));
}
