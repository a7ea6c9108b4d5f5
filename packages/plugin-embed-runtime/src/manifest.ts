/*
 * The manifest of one target's executable: what its bundle tells of packages, and what only shows here, which files it carries
 * and which runtime. Packages of which nothing is left in this executable, those for other platforms, are left out.
 */
import { type Artifact, type Json, SbpError, version } from "@sbp/core";
import {
  type BundleManifest,
  bundleManifestFile,
  type EncodedManifest,
  encodeManifest,
  type Manifest,
  type ManifestAddon,
  ManifestError,
  type ManifestLibraries,
  type ManifestPackage,
  manifestFormat,
  ownFolder,
  readBundleManifest,
} from "@sbp/manifest";
import type { BuildFacts } from "./build-facts.ts";
import type { PackFile } from "./pack.ts";
import type { ScriptText } from "./script.ts";

/** The manifest among the files of a bundle that was taken out of an executable. */
export const packedManifestFile = `${ownFolder}${bundleManifestFile}`;

/** What the executable says of itself. */
export interface ExecutableManifest {
  /** Undefined where the bundle tells nothing. */
  readonly documents: EncodedManifest | undefined;
  /** For other tools. */
  readonly metadata: string;
}

/** Throws SBP_BUNDLE_INVALID. */
export async function executableManifest(
  artifacts: Readonly<Record<string, Artifact | undefined>>,
  { script, ...known }: Omit<ManifestRequest, "bundle" | "mainBytes"> & { readonly script: ScriptText },
): Promise<ExecutableManifest> {
  const bundle = await readBundlePackages(artifacts["bundle"]!, artifacts["target-packages"]);
  const { head, body, foot } = script;
  const mainBytes = [head, body, foot].reduce((sum, part) => sum + Buffer.byteLength(part), 0);
  return {
    documents: bundle && (await encodeManifest(completeManifest({ bundle, mainBytes, ...known }))),
    metadata: packageMetadata(known.build, bundle),
  };
}

/** The note of an ELF file that package metadata have (https://systemd.io/ELF_PACKAGE_METADATA). */
function packageMetadata(
  { app: { name, version }, target }: BuildFacts,
  bundle: BundleManifest | undefined,
): string {
  const { source } = bundle ?? {};
  return JSON.stringify({
    type: "sbp",
    name,
    version,
    architecture: target.endsWith("-x64") ? "x86_64" : "aarch64",
    // Not of the type npm: nobody says that the registry's package of this name is the same.
    purl: `pkg:generic/${encodeURIComponent(name)}@${encodeURIComponent(version)}`,
    ...(source && { commit: source.revision }),
  });
}

/** What the registry gave for one target. */
interface FetchedPackage {
  readonly name: string;
  readonly version: string;
  /** Its folder among the carried files. */
  readonly place: string;
  readonly integrity: string;
}

/**
 * Reads what a bundle and the packages of its target tell; undefined for a bundle of a plugin that tells nothing. Throws
 * SBP_BUNDLE_INVALID.
 */
export async function readBundlePackages(
  bundle: Artifact,
  targetPackages: Artifact | undefined,
): Promise<BundleManifest | undefined> {
  const file = [packedManifestFile, bundleManifestFile].find((name) =>
    bundle.files.some(({ path }) => path === name),
  );
  if (file === undefined) return undefined;
  let manifest: BundleManifest;
  try {
    manifest = readBundleManifest(JSON.parse((await bundle.read(file)).toString()));
  } catch (error) {
    if (!(error instanceof ManifestError) && !(error instanceof SyntaxError)) throw error;
    throw new SbpError("SBP_BUNDLE_INVALID", `the bundle's ${file} cannot be read: ${error.message}`, {
      cause: error,
    });
  }
  const fetched = fetchedPackages(targetPackages?.meta["fetched"]);
  if (!targetPackages || fetched.length === 0) return manifest;
  const added: ManifestPackage[] = [];
  for (const { name, version, place, integrity } of fetched) {
    const license = await licenseOf(targetPackages, `${place}/package.json`);
    added.push({ name, version, ...(license !== undefined && { license }), integrity, folders: [place] });
  }
  return merged(manifest, added);
}

function fetchedPackages(value: Json | undefined): readonly FetchedPackage[] {
  return Array.isArray(value) ? (value as unknown as readonly FetchedPackage[]) : [];
}

async function licenseOf(packages: Artifact, file: string): Promise<string | undefined> {
  if (!packages.files.some(({ path }) => path === file)) return undefined;
  try {
    const { license } = JSON.parse((await packages.read(file)).toString());
    return typeof license === "string" ? license : undefined;
  } catch {
    return undefined;
  }
}

/** With packages that the registry gave, sorted again: those that are there already get one more folder. */
function merged(manifest: BundleManifest, added: readonly ManifestPackage[]): BundleManifest {
  const all: ManifestPackage[] = [...manifest.packages];
  for (const one of added) {
    const index = all.findIndex(({ name, version }) => name === one.name && version === one.version);
    const before = all[index];
    if (!before) all.push(one);
    else
      all[index] = { ...before, folders: [...new Set([...(before.folders ?? []), ...one.folders!])].sort() };
  }
  const order = all
    .map((one, index) => ({ one, index }))
    .sort((a, b) => compare(a.one.name, b.one.name) || compare(a.one.version, b.one.version));
  const places = new Map(order.map(({ index }, place) => [index, place]));
  return renumbered(
    manifest,
    order.map(({ one }) => one),
    (index) => places.get(index),
  );
}

export interface ManifestRequest {
  readonly bundle: BundleManifest;
  readonly build: BuildFacts;
  /** Of the main script, in bytes. */
  readonly mainBytes: number;
  readonly carried: readonly PackFile[];
  readonly runtimeParts?: Readonly<Record<string, string>> | undefined;
  readonly libraries?: ManifestLibraries | undefined;
}

export function completeManifest(request: ManifestRequest): Manifest {
  const { bundle, build, mainBytes, carried, runtimeParts, libraries } = request;
  const { app, target, node, name, ...options } = build;
  const files = carried.filter(({ isLink }) => !isLink);
  const owners = new Map(
    bundle.packages.flatMap(({ folders = [] }, index) => folders.map((folder) => [folder, index] as const)),
  );
  const contents = bundle.packages.map(() => ({ bytes: 0, files: 0, addons: 0 }));
  const addons: (ManifestAddon & { readonly owner: number | undefined })[] = [];
  for (const file of files) {
    const owner = ownerOf(file.path, owners);
    const isAddon = file.path.endsWith(".node");
    const bytes = sizeOf(file);
    if (isAddon) addons.push({ path: file.path, bytes, owner });
    if (owner === undefined) continue;
    contents[owner]!.bytes += bytes;
    contents[owner]!.files++;
    if (isAddon) contents[owner]!.addons++;
  }

  const kept = bundle.packages.flatMap((one, index) =>
    one.bundled || contents[index]!.files > 0 ? [{ one, index }] : [],
  );
  const places = new Map(kept.map(({ index }, place) => [index, place]));
  const packages = kept.map(({ one, index }): ManifestPackage => {
    const { carried: _carried, addons: _addons, folders: _folders, ...others } = one;
    const { bytes, files, addons } = contents[index]!;
    return {
      ...others,
      ...(files > 0 && { carried: { bytes, files }, folders: one.folders! }),
      ...(addons > 0 && { addons }),
    };
  });
  const { dependencies, source, shaken, ...rest } = renumbered(bundle, packages, (index) =>
    places.get(index),
  );
  return {
    format: manifestFormat,
    app: { ...app, bytes: mainBytes, ...(dependencies && { dependencies }) },
    target,
    runtime: {
      name: "node",
      version: node.version,
      ...(runtimeParts && { parts: runtimeParts }),
      ...(node.own && { own: true }),
    },
    packages: rest.packages,
    ...(libraries && { libraries }),
    ...(addons.length > 0 && {
      addons: addons
        .sort((a, b) => compare(a.path, b.path))
        .map(({ owner, ...addon }) => ({
          ...addon,
          ...(owner !== undefined && { package: places.get(owner)! }),
        })),
    }),
    ...(files.length > 0 && {
      embedded: { files: files.length, bytes: files.reduce((sum, file) => sum + sizeOf(file), 0) },
    }),
    build: { sbp: version, options: { name, ...options } },
    ...(source && { source }),
    ...(shaken && { shaken }),
  };
}

/** The same manifest over other packages, whose places `placeOf` tells by their old ones. */
function renumbered(
  manifest: BundleManifest,
  packages: readonly ManifestPackage[],
  placeOf: (index: number) => number | undefined,
): BundleManifest {
  const moved = (dependencies: readonly number[]) =>
    dependencies.flatMap((index) => placeOf(index) ?? []).sort((a, b) => a - b);
  const withMoved = <T extends { readonly dependencies?: readonly number[] }>({
    dependencies = [],
    ...one
  }: T) => {
    const list = moved(dependencies);
    return { ...one, ...(list.length > 0 && { dependencies: list }) };
  };
  return withMoved({ ...manifest, packages: packages.map(withMoved) });
}

/** The package that a carried file belongs to: by the innermost folder that is a package's. */
function ownerOf(path: string, owners: ReadonlyMap<string, number>): number | undefined {
  const folder = /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(path)?.[0];
  return folder === undefined ? undefined : owners.get(folder);
}

function sizeOf({ content }: PackFile): number {
  if (content instanceof Uint8Array) return content.length;
  return [content.head, content.body, content.foot].reduce(
    (sum, part) => sum + (typeof part === "string" ? Buffer.byteLength(part) : part.length),
    0,
  );
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
