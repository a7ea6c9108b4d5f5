import { existsSync } from "node:fs";
import path from "node:path";
import type { Diagnostic } from "@sbp/core";
import type { Metafile } from "esbuild";
import { readPackageJson } from "./entry.ts";
import { locate } from "./external.ts";
import { packageFolder } from "./packages.ts";
import { isDependency } from "./run-time-files.ts";

/** What packages use to find or fetch their addon. */
const addonLoaders = [
  "bindings",
  "node-gyp-build",
  "node-gyp-build-optional-packages",
  "@mapbox/node-pre-gyp",
  "prebuild-install",
  "node-addon-api",
];

/**
 * Packages in the bundle that bring files for each platform (a native addon, a program), which a bundle cannot
 * hold. One that the app itself imports is most likely needed; dependencies often do without theirs.
 */
export function nativePackages(projectDir: string, metafile: Metafile, main: string): Diagnostic[] {
  const folders = new Set<string>();
  for (const [input, { bytesInOutput }] of Object.entries(metafile.outputs[main]?.inputs ?? {})) {
    const folder = packageFolder(input);
    if (folder && bytesInOutput > 0) folders.add(folder);
  }
  return [...folders].sort().flatMap((folder): Diagnostic[] => {
    const manifest = readPackageJson(path.resolve(projectDir, folder)) ?? {};
    const reason = platformFiles(path.resolve(projectDir, folder), manifest);
    if (reason === undefined) return [];
    const name = folder.slice(folder.lastIndexOf("node_modules/") + "node_modules/".length);
    const importer = Object.entries(metafile.inputs)
      .filter(([file]) => !isDependency(file))
      .flatMap(([file, { imports }]) =>
        imports
          .filter((found) => found.path.startsWith(`${folder}/`))
          .map((found) => ({ file, specifier: found.original ?? name })),
      )[0];
    return [
      {
        severity: importer ? "warning" : "info",
        code: "SBP_BUNDLE_NATIVE",
        message: `"${name}" ${reason}, which is not in the executable: what needs it fails at run time`,
        ...(importer && { location: locate(projectDir, importer.file, importer.specifier) }),
      },
    ];
  });
}

function platformFiles(folder: string, manifest: Record<string, unknown>): string | undefined {
  const names = (field: string) => Object.keys((manifest[field] as object | null | undefined) ?? {});
  const isAddon =
    manifest["gypfile"] === true ||
    existsSync(path.join(folder, "binding.gyp")) ||
    names("dependencies").some((name) => addonLoaders.includes(name));
  if (isAddon) return "has a native addon";
  const platform = names("optionalDependencies").find((name) => isForOnePlatform(folder, name));
  return platform === undefined ? undefined : `has files of its own for each platform (${platform})`;
}

/** Whether an installed package says which systems and processors it is for. */
function isForOnePlatform(from: string, name: string): boolean {
  for (let folder = from; ; folder = path.dirname(folder)) {
    const manifest = readPackageJson(path.join(folder, "node_modules", name));
    if (manifest) return Boolean(manifest["os"] ?? manifest["cpu"]);
    if (path.dirname(folder) === folder) return false;
  }
}
