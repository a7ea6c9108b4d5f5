import { readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { exitCodes, SbpError, type SourceLocation } from "../error.ts";
import { installCommand } from "../package-manager.ts";
import { version } from "../version.ts";
import { isInside } from "./paths.ts";
import { quote } from "./schema-text.ts";

interface Manifest {
  readonly name?: unknown;
  readonly version?: unknown;
  readonly peerDependencies?: unknown;
  readonly peerDependenciesMeta?: unknown;
}

/**
 * Checks what the package of a plugin says that it needs beside it (`peerDependencies`): this version of @sbp/core, and
 * packages that are installed. npm only warns of it. Throws SBP_PLUGIN_PEER with all that does not fit.
 */
export async function checkPeers(
  use: string,
  dir: string,
  location: SourceLocation | undefined,
): Promise<void> {
  const file = packageFileOf(use, dir);
  const manifest = file === undefined ? undefined : readManifest(file);
  const peers = Object.entries(asObject(manifest?.peerDependencies));
  if (file === undefined || !manifest || peers.length === 0) return;
  const { default: semver } = await import("semver");
  const meta = asObject(manifest.peerDependenciesMeta);
  const label = `${quote(use)}${typeof manifest.version === "string" ? ` ${manifest.version}` : ""}`;
  const problems: { readonly message: string; readonly hint: string }[] = [];
  for (const [name, range] of peers) {
    if (typeof range !== "string" || semver.validRange(range) === null) continue;
    const isCore = name === "@sbp/core";
    const found = isCore ? version : installedVersion(name, [dirname(file), dir]);
    if (found !== undefined && semver.satisfies(found, range, { includePrerelease: true })) continue;
    if (isCore) {
      problems.push({
        message: `${label} is for @sbp/core ${range}, and this is ${version}`,
        hint: `Install a version of the plugin for ${version}, or the sbp that it is for: ${installCommand(dir, `@sbp/cli@"${range}"`, "build")}`,
      });
      continue;
    }
    const isOptional = asObject(meta[name])["optional"] === true;
    if (found === undefined && isOptional) continue;
    problems.push({
      message:
        found === undefined
          ? `${label} needs the package ${quote(name)} (${range}), which is not installed`
          : `${label} needs ${quote(name)} ${range}, and ${found} is installed`,
      hint: `Install it in the project: ${installCommand(dir, `${name}@"${range}"`, "build")}`,
    });
  }
  if (problems.length === 0) return;
  const code = "SBP_PLUGIN_PEER";
  const place = location && { location };
  throw new SbpError(code, problems[0]!.message, {
    diagnostics: problems.map((problem) => ({ severity: "error", code, ...problem, ...place })),
    exitCode: exitCodes.badUsage,
  });
}

/** The package.json of an installed plugin, or of a folder within the project that a plugin's file lies in. */
function packageFileOf(use: string, dir: string): string | undefined {
  if (!/^\.\.?\//.test(use)) {
    const name = use
      .split("/")
      .slice(0, use.startsWith("@") ? 2 : 1)
      .join("/");
    return foldersUp(dir)
      .map((folder) => join(folder, "node_modules", name, "package.json"))
      .find(readManifest);
  }
  const folders = foldersUp(dirname(resolve(dir, use))).filter((folder) => !isInside(dir, folder));
  return folders.map((folder) => join(folder, "package.json")).find(readManifest);
}

function installedVersion(name: string, from: readonly string[]): string | undefined {
  for (const folder of from.flatMap(foldersUp)) {
    const installed = readManifest(join(folder, "node_modules", name, "package.json"));
    if (typeof installed?.version === "string") return installed.version;
  }
  return undefined;
}

function foldersUp(folder: string): string[] {
  const above = dirname(folder);
  return above === folder ? [folder] : [folder, ...foldersUp(above)];
}

function readManifest(file: string): Manifest | undefined {
  try {
    return asObject(JSON.parse(readFileSync(file, "utf8")));
  } catch {
    return undefined;
  }
}

function asObject(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}
