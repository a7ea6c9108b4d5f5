import { existsSync, statSync } from "node:fs";
import path from "node:path";
import type { Metafile } from "esbuild";
import type { CarriedPackage } from "./carried-packages.ts";
import { readPackageJson } from "./entry.ts";

/** An npm package with code in the bundle, or with files beside it. */
export interface BundledPackage {
  readonly name: string;
  readonly version: string;
  /** SPDX expression, as its package.json says; "UNKNOWN" where it says nothing. */
  readonly license: string;
  /** Of the bundle. */
  readonly bytes: number;
  /** Files in the artifact, and why the package is not bundled. */
  readonly carried?: { readonly files: number; readonly bytes: number; readonly because: string };
}

/** Sorted by name and version; a package that is there in several versions comes once for each. */
export function listedPackages(
  projectDir: string,
  bundles: readonly { readonly metafile: Metafile; readonly main: string }[],
  carried: readonly Pick<CarriedPackage, "folder" | "because" | "files">[],
): BundledPackage[] {
  const bytesByFolder = new Map<string, number>();
  for (const { metafile, main } of bundles)
    for (const [input, { bytesInOutput }] of Object.entries(metafile.outputs[main]?.inputs ?? {})) {
      const folder = packageFolder(input);
      if (folder && bytesInOutput > 0)
        bytesByFolder.set(folder, (bytesByFolder.get(folder) ?? 0) + bytesInOutput);
    }
  const carriedByFolder = new Map(carried.map((found) => [found.folder, found]));
  const packages = new Map<string, BundledPackage>();
  for (const folder of new Set([...bytesByFolder.keys(), ...carriedByFolder.keys()])) {
    const { name, version, license: found = "UNKNOWN" } = identityOf(projectDir, folder);
    const key = `${name}@${version}`;
    const before = packages.get(key);
    const license = before?.license ?? found;
    const bytes = (bytesByFolder.get(folder) ?? 0) + (before?.bytes ?? 0);
    const outside = sizes(carriedByFolder.get(folder), before?.carried);
    packages.set(key, { name, version, license, bytes, ...(outside && { carried: outside }) });
  }
  return [...packages.values()].sort((a, b) => compare(a.name, b.name) || compare(a.version, b.version));
}

/** What a package's package.json says of it. */
export interface PackageIdentity {
  readonly name: string;
  /** "UNKNOWN" where it says nothing. */
  readonly version: string;
  /** SPDX expression; undefined where it says nothing. */
  readonly license: string | undefined;
}

/** `folder` is relative to the project, or absolute. */
export function identityOf(projectDir: string, folder: string): PackageIdentity {
  const content = readPackageJson(path.resolve(projectDir, folder)) ?? {};
  return {
    name: text(content["name"]) ?? folder.slice(folder.lastIndexOf("node_modules/") + 13),
    version: text(content["version"]) ?? "UNKNOWN",
    license: licenseOf(content),
  };
}

function sizes(
  found: Pick<CarriedPackage, "because" | "files"> | undefined,
  before: BundledPackage["carried"],
): BundledPackage["carried"] {
  if (!found) return before;
  const bytes = found.files.reduce((sum, file) => sum + statSync(file).size, 0);
  return {
    files: found.files.length + (before?.files ?? 0),
    bytes: bytes + (before?.bytes ?? 0),
    because: before?.because ?? found.because,
  };
}

/** The folder of the package that a file belongs to; undefined outside node_modules. Forward slashes. */
export function packageFolder(file: string): string | undefined {
  return /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(file)?.[0];
}

function licenseOf(content: Record<string, unknown>): string | undefined {
  // Old packages write an object, or a list of objects under "licenses".
  const one = (value: unknown) => text(value) ?? text((value as { type?: unknown } | null | undefined)?.type);
  const several = Array.isArray(content["licenses"]) ? content["licenses"].map(one).filter(Boolean) : [];
  const all = several.length > 1 ? `(${several.join(" OR ")})` : several[0];
  return one(content["license"]) ?? all;
}

function text(value: unknown): string | undefined {
  return typeof value === "string" && value.trim() !== "" ? value.trim() : undefined;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** The name by which a package's folder is found. */
export function nameOf(folder: string): string {
  return folder.slice(folder.lastIndexOf("node_modules/") + "node_modules/".length);
}

/** What the package.json of a folder (absolute) has as `dependencies`. */
export function dependenciesOf(folder: string): string[] {
  return Object.keys((readPackageJson(folder)?.["dependencies"] as object | null | undefined) ?? {});
}

/** The files that a package's "bin" names, absolute. */
export function programsOf(folder: string): Set<string> {
  const { bin } = readPackageJson(folder) ?? {};
  const names = typeof bin === "object" && bin !== null ? Object.values(bin) : [bin];
  const files = names.flatMap((name) => (typeof name === "string" ? [path.join(folder, name)] : []));
  return new Set(files.filter((file) => file.startsWith(folder + path.sep) && existsSync(file)));
}
