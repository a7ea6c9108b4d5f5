/*
 * What the bundle holds of each package, for the manifest of the executables: esbuild's metafile tells which files it read,
 * what is left of each, and which file imports which; the lock file has the hashes, package.json the rest.
 */
import path from "node:path";
import type { BundleManifest, ManifestFile, ManifestPackage } from "@sbp/manifest";
import type { Metafile } from "esbuild";
import { targetOf } from "./build.ts";
import type { CarriedFile } from "./carried-files.ts";
import { readPackageJson, slashes } from "./entry.ts";
import { LockIntegrity } from "./lock-integrity.ts";
import { identityOf, type PackageIdentity, packageFolder } from "./packages.ts";
import type { Places } from "./places.ts";

/** The file of the artifact that holds it; the same in @sbp/manifest, which only what reads executables loads. */
export const bundleManifestFile = "manifest.json";

export interface ManifestRequest {
  readonly places: Places;
  readonly bundles: readonly {
    readonly metafile: Metafile;
    readonly main: string;
    readonly entry: { readonly path: string };
  }[];
  /** All that is carried, for whatever target. */
  readonly files: readonly CarriedFile[];
  /** By file, its exports of which no code is left. */
  readonly removedExports: ReadonlyMap<string, readonly string[]>;
}

export interface GatheredManifest {
  readonly manifest: BundleManifest;
  /** Absolute: the lock files that were looked at. */
  readonly lockFiles: ReadonlySet<string>;
}

interface Found extends PackageIdentity {
  /** Where it is installed, relative to the project. */
  readonly installed: Set<string>;
  /** Bytes that are left, by path in the package. */
  readonly kept: Map<string, number>;
  readonly read: Set<string>;
  /** Its folders among the carried files. */
  readonly folders: Set<string>;
  readonly dependencies: Set<Found>;
}

/** The app's own code, as the importer of packages. */
const app = Symbol("app");

export function gatherManifest(request: ManifestRequest): GatheredManifest {
  const found = new Packages(request.places);
  const own = new Set<Found>();
  // First: imports lead there.
  for (const file of request.files) readCarried(file, found, request.places);
  for (const bundle of request.bundles) readBundle(bundle, found, own);
  found.addDeclared(own);

  const lock = new LockIntegrity();
  const { projectDir } = request.places;
  const present = found.all().filter(({ kept, folders }) => kept.size > 0 || folders.size > 0);
  const indices = new Map(present.map((one, index) => [one, index]));
  const indicesOf = (dependencies: ReadonlySet<Found>) =>
    [...dependencies].flatMap((one) => indices.get(one) ?? []).sort((a, b) => a - b);
  const packages = present.map((one): ManifestPackage => {
    const { name, version, license, kept, installed } = one;
    const files = [...kept].map(([path, bytes]): ManifestFile => ({ path, bytes })).sort(byPath);
    const dependencies = indicesOf(one.dependencies);
    const [integrity] = [...installed]
      .sort()
      .flatMap((folder) => lock.of({ folder: path.resolve(projectDir, folder), name, version }) ?? []);
    const removedFiles = [...one.read].filter((file) => !kept.has(file)).sort();
    const removedExports = exportsOf(one, request.removedExports);
    return {
      name,
      version,
      ...(license !== undefined && { license }),
      ...(files.length > 0 && {
        bundled: { bytes: files.reduce((sum, { bytes }) => sum + bytes, 0), files: files.length },
      }),
      ...(dependencies.length > 0 && { dependencies }),
      ...(integrity !== undefined && { integrity }),
      ...(files.length > 0 && { files }),
      ...(removedFiles.length > 0 && { removedFiles }),
      ...(removedExports && { removedExports }),
      ...(one.folders.size > 0 && { folders: [...one.folders].sort() }),
    };
  });
  const shaken = found
    .all()
    .filter((one) => !indices.has(one))
    .map(({ name, version }) => ({ name, version }));
  const dependencies = indicesOf(own);
  return {
    manifest: {
      packages,
      ...(dependencies.length > 0 && { dependencies }),
      ...(shaken.length > 0 && { shaken }),
    },
    lockFiles: lock.lookedAt,
  };
}

/** The packages that were found, by name and version. */
class Packages {
  readonly #places: Places;
  readonly #byFolder = new Map<string, Found>();
  readonly #byKey = new Map<string, Found>();

  constructor(places: Places) {
    this.#places = places;
  }

  /** `folder` is relative to the project. */
  in(folder: string): Found {
    const known = this.#byFolder.get(folder);
    if (known) return known;
    const identity = identityOf(this.#places.projectDir, folder);
    const key = `${identity.name}@${identity.version}`;
    const found: Found = this.#byKey.get(key) ?? {
      ...identity,
      installed: new Set(),
      kept: new Map(),
      read: new Set(),
      folders: new Set(),
      dependencies: new Set(),
    };
    found.installed.add(folder);
    this.#byKey.set(key, found);
    this.#byFolder.set(folder, found);
    return found;
  }

  /** What a folder, relative to the project, gets by a name; undefined for what was not found. */
  from(folder: string, name: string): Found | undefined {
    for (let at = folder; ; ) {
      const found = this.#byFolder.get(
        at === "" || at === "." ? `node_modules/${name}` : `${at}/node_modules/${name}`,
      );
      if (found) return found;
      const up = path.posix.dirname(at);
      if (up === at || at === "" || at === "..") break;
      at = up;
    }
    // Links: pnpm, workspaces.
    const { projectDir } = this.#places;
    const real = this.#places.packageFrom(path.resolve(projectDir, folder), name);
    return real === undefined ? undefined : this.#byFolder.get(slashes(path.relative(projectDir, real)));
  }

  /** Sorted by name, then version. */
  all(): Found[] {
    return [...this.#byKey.values()].sort((a, b) => compare(a.name, b.name) || compare(a.version, b.version));
  }

  /** What carried packages depend on, by their package.json, and of the carried ones, what the app depends on. */
  addDeclared(own: Set<Found>): void {
    const { projectDir } = this.#places;
    const add = (folder: string, dependencies: Set<Found>, onlyCarried: boolean) => {
      const content = readPackageJson(path.resolve(projectDir, folder)) ?? {};
      for (const field of ["dependencies", "optionalDependencies", "peerDependencies"])
        for (const name of Object.keys(Object(content[field]))) {
          const found = this.from(folder, name);
          if (found && (!onlyCarried || found.folders.size > 0)) dependencies.add(found);
        }
    };
    add("", own, true);
    for (const found of this.#byKey.values())
      if (found.folders.size > 0)
        for (const folder of found.installed) add(folder, found.dependencies, false);
  }
}

/** Takes in what a bundle holds, and its imports. */
function readBundle(
  { metafile, main, entry }: ManifestRequest["bundles"][number],
  packages: Packages,
  own: Set<Found>,
): void {
  const left = metafile.outputs[main]?.inputs ?? {};
  const bytesOf = (input: string) => left[input]?.bytesInOutput ?? 0;
  const ownerOf = (input: string): Found | typeof app => {
    const folder = packageFolder(targetOf(input));
    return folder === undefined ? app : packages.in(folder);
  };
  for (const input of Object.keys(metafile.inputs)) {
    const owner = ownerOf(input);
    // What stands for a carried file is empty.
    if (owner === app || input !== targetOf(input)) continue;
    const file = input.slice(packageFolder(input)!.length + 1);
    const bytes = bytesOf(input);
    owner.read.add(file);
    if (bytes > 0) owner.kept.set(file, (owner.kept.get(file) ?? 0) + bytes);
  }

  /** Where imports lead, through files of which nothing is left: those only pass on what others export. */
  const targetsOf = (input: string, seen: Set<string>, targets: Set<Found>): Set<Found> => {
    for (const { path: target, external } of metafile.inputs[input]?.imports ?? []) {
      if (external) {
        const found = externalTarget(input, target, packages);
        if (found) targets.add(found);
      } else if (!seen.has(target) && target in metafile.inputs) {
        seen.add(target);
        const owner = ownerOf(target);
        if (owner !== app && (bytesOf(target) > 0 || target !== targetOf(target))) targets.add(owner);
        else if (bytesOf(target) === 0) targetsOf(target, seen, targets);
      }
    }
    return targets;
  };
  for (const input of Object.keys(metafile.inputs)) {
    if (bytesOf(input) === 0 && input !== entry.path) continue;
    const owner = ownerOf(input);
    const dependencies = owner === app ? own : owner.dependencies;
    for (const target of targetsOf(input, new Set(), new Set()))
      if (target !== owner) dependencies.add(target);
  }
}

/** The package that an import leads to which node resolves at run time. */
function externalTarget(input: string, specifier: string, packages: Packages): Found | undefined {
  const written = packageFolder(`${specifier}/`) ?? specifier;
  const name =
    /^(?:.*\/)?node_modules\/(.*)$/.exec(written)?.[1] ?? /^(?:@[^/]+\/)?[^./@#][^/]*/.exec(written)?.[0];
  if (name === undefined || name.startsWith("node:") || name === "<runtime>") return undefined;
  return packages.from(packageFolder(input) ?? path.posix.dirname(input), name);
}

/** Takes in a carried file. */
function readCarried(
  { path: place, content }: CarriedFile,
  packages: Packages,
  { projectDir }: Places,
): void {
  const folder = packageFolder(place);
  if (folder === undefined || !("copyOf" in content)) return;
  const installed = packageFolder(slashes(path.relative(projectDir, content.copyOf)));
  if (installed !== undefined) packages.in(installed).folders.add(folder);
}

function exportsOf(
  { installed, kept }: Found,
  removed: ManifestRequest["removedExports"],
): Readonly<Record<string, readonly string[]>> | undefined {
  const [folder] = [...installed].sort();
  const entries = [...kept.keys()].sort().flatMap((file): [string, readonly string[]][] => {
    const names = removed.get(`${folder}/${file}`);
    return names ? [[file, names]] : [];
  });
  return entries.length > 0 ? Object.fromEntries(entries) : undefined;
}

function byPath(a: ManifestFile, b: ManifestFile): number {
  return compare(a.path, b.path);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
