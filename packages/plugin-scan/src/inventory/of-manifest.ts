import {
  libraryPurlOf,
  type Manifest,
  type ManifestLibraries,
  type ManifestPackage,
  purlOf,
} from "@sbp/manifest";
import type { Component, Inventory, Subject } from "./inventory.ts";

/**
 * What an executable says that it consists of: its packages, the runtime with its parts, the libraries of its closure.
 *
 * @param packed the paths of all that is embedded
 */
export function inventoryOfManifest(
  manifest: Manifest,
  subject: Subject,
  packed: readonly string[],
): Inventory {
  const { packages, runtime, libraries, app, shaken = [] } = manifest;
  return {
    subject,
    components: [
      // First, so that the indices of dependencies are the manifest's.
      ...packages.map((one) => packageComponent(one, packed)),
      ...shaken.map(
        ({ name, version }): Component => ({
          kind: "npm",
          name,
          version,
          place: "removed",
          purl: purlOf({ name, version }),
        }),
      ),
      ...runtimeComponents(runtime.version, runtime.parts ?? {}),
      ...(libraries ? libraryComponents(libraries) : []),
    ],
    ...(app.dependencies && { direct: app.dependencies }),
    build: manifest.build.options,
    unknown: runtime.own
      ? ["The runtime is one of the user's own: its version says what it was made from."]
      : [],
  };
}

function packageComponent(one: ManifestPackage, packed: readonly string[]): Component {
  const { name, version, license, integrity, bundled, carried, dependencies } = one;
  const removedExports = one.removedExports && Object.values(one.removedExports).flat();
  const files = knownFiles(one, packed);
  return {
    kind: "npm",
    name,
    version,
    place: carried ? "carried" : "bundled",
    purl: purlOf(one),
    ...(license !== undefined && { license }),
    ...(integrity !== undefined && { integrity }),
    bytes: (bundled?.bytes ?? 0) + (carried?.bytes ?? 0),
    ...(files && { files }),
    ...(removedExports && { removedExports }),
    ...(dependencies && { dependencies }),
  };
}

/** Undefined unless every file is named. */
function knownFiles(
  { files = [], folders = [], bundled, carried }: ManifestPackage,
  packed: readonly string[],
): readonly string[] | undefined {
  const carriedFiles = folders.flatMap((folder) =>
    packed
      .filter((path) => path.startsWith(`${folder}/`))
      .map((path) => path.slice(folder.length + 1))
      // Packages within it are packages of their own.
      .filter((path) => !path.startsWith("node_modules/")),
  );
  if (files.length !== (bundled?.files ?? 0) || (carried && carriedFiles.length === 0)) return undefined;
  return [...new Set([...files.map(({ path }) => path), ...carriedFiles])].sort();
}

export function runtimeComponents(version: string, parts: Readonly<Record<string, string>>): Component[] {
  const runtime: Component = {
    kind: "node",
    name: "node",
    version,
    place: "bundled",
    purl: `pkg:github/nodejs/node@v${encodeURIComponent(version)}`,
    license: "MIT",
  };
  const own = Object.entries(parts).map(([name, partVersion]): Component => {
    const npm = npmParts[name];
    return {
      kind: "node-part",
      name,
      version: partVersion,
      place: "bundled",
      purl: npm ? purlOf({ name: npm, version: partVersion }) : genericPurl(name, partVersion),
      ...(npm && { source: npm }),
    };
  });
  return [runtime, ...own];
}

/** Parts of Node.js that are packages of npm, by their names in process.versions. */
const npmParts: Readonly<Record<string, string>> = {
  acorn: "acorn",
  amaro: "amaro",
  cjs_module_lexer: "cjs-module-lexer",
  minimatch: "minimatch",
  undici: "undici",
};

function genericPurl(name: string, version: string): string {
  return `pkg:generic/${encodeURIComponent(name)}@${encodeURIComponent(version)}`;
}

function libraryComponents(libraries: ManifestLibraries): Component[] {
  return libraries.packages.map((library) => ({
    kind: "library",
    name: library.name,
    version: library.version,
    place: "carried",
    purl: libraryPurlOf(library, libraries),
    license: library.license,
    source: library.source,
    distribution: libraries.distribution,
  }));
}
