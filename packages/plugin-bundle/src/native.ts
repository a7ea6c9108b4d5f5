import { existsSync, realpathSync } from "node:fs";
import path from "node:path";
import { readPackageJson } from "./entry.ts";

/** What packages use to find or fetch their addon. */
const addonLoaders = [
  "bindings",
  "node-gyp-build",
  "node-gyp-build-optional-packages",
  "@mapbox/node-pre-gyp",
  "prebuild-install",
  "node-addon-api",
];

/** Why a package needs files for each platform, which a bundle cannot hold; undefined for others. `folder` is absolute. */
export function nativeReason(folder: string): string | undefined {
  return platformFiles(folder, readPackageJson(folder) ?? {});
}

/** No code looks for these at run time. */
const documentation =
  /\.(?:d\.[cm]?ts|md|markdown|map|h|hpp|c|cc|cpp|o|d|mk|gypi?|tlog)$|\/(?:obj\.target|\.deps)\//i;

/**
 * What a package with files for each platform loads in ways that no analysis sees: built and prebuilt addons, and the
 * packages for single platforms that are installed. Absolute; `filesIn` lists a folder.
 */
export function nativeFiles(folder: string, filesIn: (folder: string) => string[]): string[] {
  const manifest = readPackageJson(folder) ?? {};
  if (hasPlatforms(manifest)) return filesIn(folder).filter((file) => !/\.(?:map|md|markdown)$/i.test(file));
  if (platformFiles(folder, manifest) === undefined) return [];
  const addons = filesIn(folder).filter(
    (file) => /\.node$|\/prebuilds\//.test(file) && !documentation.test(file),
  );
  const platforms = Object.keys(
    (manifest["optionalDependencies"] as object | null | undefined) ?? {},
  ).flatMap((name) => {
    const found = installedFrom(folder, name);
    return found && hasPlatforms(found.manifest)
      ? filesIn(found.folder).filter((file) => !documentation.test(file))
      : [];
  });
  return [...addons, ...platforms];
}

function platformFiles(folder: string, manifest: Record<string, unknown>): string | undefined {
  const names = (field: string) => Object.keys((manifest[field] as object | null | undefined) ?? {});
  const isAddon =
    manifest["gypfile"] === true ||
    existsSync(path.join(folder, "binding.gyp")) ||
    names("dependencies").some((name) => addonLoaders.includes(name));
  if (isAddon) return "has a native addon";
  const optional = names("optionalDependencies");
  // Where none is installed, one such name may be by chance.
  const named = optional.filter(isPlatformName);
  const platform =
    optional.find((name) => isForOnePlatform(folder, name)) ?? (named.length > 1 ? named[0] : undefined);
  return platform === undefined ? undefined : `has files of its own for each platform (${platform})`;
}

/** Whether installing a package (its absolute folder) makes or fetches files; what others lack, their authors left out. */
export function isBuiltWhenInstalled(folder: string): boolean {
  const { gypfile, scripts } = readPackageJson(folder) ?? {};
  const steps = Object.keys((scripts as object | null | undefined) ?? {});
  return (
    gypfile === true ||
    existsSync(path.join(folder, "binding.gyp")) ||
    steps.some((step) => /^(?:pre|post)?install$/.test(step))
  );
}

/** Whether an installed package says which systems and processors it is for. */
function isForOnePlatform(from: string, name: string): boolean {
  return hasPlatforms(installedFrom(from, name)?.manifest ?? {});
}

/** Whether a package.json says for which systems or processors the package is. */
export function hasPlatforms(manifest: Readonly<Record<string, unknown>>): boolean {
  return Boolean(manifest["os"] ?? manifest["cpu"]);
}

/** Whether a package's name has a system and a processor in it: "@esbuild/linux-x64". */
export function isPlatformName(name: string): boolean {
  const words = name.toLowerCase().split(/[^a-z0-9]+/);
  const system = /^(?:linux|linuxmusl|darwin|macos|osx|win32|windows|android|freebsd|openbsd|netbsd|sunos)$/;
  const processor =
    /^(?:x64|x86|amd64|ia32|arm|arm64|aarch64|armv7|armhf|riscv64|ppc64|ppc64le|s390x|universal)$/;
  return words.some((word) => system.test(word)) && words.some((word) => processor.test(word));
}

function installedFrom(
  from: string,
  name: string,
): { folder: string; manifest: Record<string, unknown> } | undefined {
  for (let folder = from; ; folder = path.dirname(folder)) {
    const candidate = path.join(folder, "node_modules", name);
    const manifest = readPackageJson(candidate);
    if (manifest) return { folder: realpathSync(candidate), manifest };
    if (path.dirname(folder) === folder) return undefined;
  }
}
