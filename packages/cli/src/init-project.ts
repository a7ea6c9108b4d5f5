import { existsSync, readFileSync, statSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { basename, dirname, join, relative, resolve, sep } from "node:path";
import { exitCodes, hostTarget, SbpError, type Target, targets } from "@sbp/core";

export interface InitOptions {
  /** The project's folder, absolute. */
  readonly cwd: string;
  /** Relative to `cwd`. */
  readonly configFile: string;
  readonly entry?: string | undefined;
  readonly force: boolean;
}

export interface Initialised {
  /** The config, absolute. */
  readonly file: string;
  /** Relative to the config. */
  readonly entry: string;
  /** .gitignore knows of the output folder. */
  readonly ignoresOutputs: boolean;
}

interface PackageJson {
  readonly name?: unknown;
  readonly source?: unknown;
  readonly main?: unknown;
  readonly module?: unknown;
  readonly bin?: unknown;
}

/**
 * Writes the config of a project. Throws SBP_INIT_EXISTS when there is one, SBP_ENTRY_MISSING when no entry is found
 * and SBP_WRITE when the file cannot be written.
 */
export async function initProject({ cwd, configFile, entry, force }: InitOptions): Promise<Initialised> {
  const file = resolve(cwd, configFile);
  const dir = dirname(file);
  if (!force && existsSync(file)) throw alreadyThere(file);
  const manifest = readPackage(dir);
  const found = entry === undefined ? findEntry(dir, manifest) : namedEntry(cwd, entry);
  const path = `./${slashes(relative(dir, found))}`.replace(/^\.\/(?=\.\.\/)/, "");
  const shown = path.replace(/^\.\//, "");
  try {
    await writeFile(file, configText(projectName(dir, manifest), shown, schemaPath(dir)), {
      flag: force ? "w" : "wx",
    });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") throw alreadyThere(file);
    throw new SbpError("SBP_WRITE", `The config cannot be written: ${(error as Error).message}`, {
      location: { file },
      cause: error,
    });
  }
  return { file, entry: shown, ignoresOutputs: ignoresOutputs(dir) };
}

function alreadyThere(file: string): SbpError {
  return new SbpError("SBP_INIT_EXISTS", "There is a config already; it stays as it is", {
    location: { file },
    hint: "`sbp init --force` replaces it.",
    exitCode: exitCodes.badUsage,
  });
}

/** What package.json says; nothing where there is none. */
function readPackage(dir: string): PackageJson {
  const file = join(dir, "package.json");
  if (!existsSync(file)) return {};
  try {
    const manifest: unknown = JSON.parse(readFileSync(file, "utf8"));
    return typeof manifest === "object" && manifest !== null ? manifest : {};
  } catch (error) {
    throw new SbpError("SBP_PACKAGE_INVALID", `package.json cannot be read: ${(error as Error).message}`, {
      location: { file },
      exitCode: exitCodes.badUsage,
    });
  }
}

/** The package's name without its scope, else the folder's. */
function projectName(dir: string, { name }: PackageJson): string {
  const text = typeof name === "string" && name !== "" ? name : basename(dir);
  return text.replace(/^@[^/]*\//, "") || "app";
}

const sources = /\.[cm]?[jt]sx?$/;

/** The first source file among what package.json names and the usual places. */
function findEntry(dir: string, { source, main, module, bin }: PackageJson): string {
  const bins = typeof bin === "object" && bin !== null ? Object.values(bin) : [bin];
  const named = [source, ...bins, main, module].filter((path) => typeof path === "string");
  const usual = ["src/", ""].flatMap((folder) =>
    ["main", "index", "cli", "server", "app"].flatMap((name) =>
      ["ts", "mts", "tsx", "js", "mjs", "cjs"].map((extension) => `${folder}${name}.${extension}`),
    ),
  );
  // What is built is no source: its own source is the entry.
  const built = /^(\.\/)?(dist|build|lib|out)\//;
  const candidates = [...named.filter((path) => !built.test(path)), ...usual, ...named];
  for (const path of candidates) {
    const file = resolve(dir, path);
    const inside = !relative(dir, file).startsWith("..");
    if (inside && sources.test(path) && statSync(file, { throwIfNoEntry: false })?.isFile()) return file;
  }
  throw new SbpError("SBP_ENTRY_MISSING", "No entry of an app was found in package.json or src/", {
    hint: "Name it: `sbp init src/app.ts`.",
    exitCode: exitCodes.badUsage,
  });
}

function namedEntry(cwd: string, entry: string): string {
  const file = resolve(cwd, entry);
  if (statSync(file, { throwIfNoEntry: false })?.isFile()) return file;
  throw new SbpError("SBP_ENTRY_MISSING", `There is no file ${entry}`, { exitCode: exitCodes.badUsage });
}

/** Where the schema lies as seen from the config: a workspace has its packages further up. */
function schemaPath(dir: string): string {
  const path = "node_modules/@sbp/cli/sbp.schema.json";
  let folder = dir;
  while (!existsSync(join(folder, path)) && dirname(folder) !== folder) folder = dirname(folder);
  const up = existsSync(join(folder, path)) ? slashes(relative(dir, folder)) : "";
  return up === "" ? `./${path}` : `${up}/${path}`;
}

/** True when a line of .gitignore, here or above, names the output folder. */
function ignoresOutputs(dir: string): boolean {
  for (let folder = dir; ; folder = dirname(folder)) {
    const file = join(folder, ".gitignore");
    if (existsSync(file) && /^\/?(\*\*\/)?dist\/?\s*$/m.test(readFileSync(file, "utf8"))) return true;
    if (existsSync(join(folder, ".git")) || dirname(folder) === folder) return false;
  }
}

function slashes(path: string): string {
  return sep === "/" ? path : path.replaceAll(sep, "/");
}

function configText(name: string, entry: string, schema: string): string {
  const host = hostTarget();
  const wanted: readonly Target[] = ["linux-x64", "linux-arm64", ...(host ? [host] : [])];
  const lanes = targets.filter((target) => wanted.includes(target)).map((target) => `"${target}"`);
  return `{
  // Completes and checks every option in your editor.
  "$schema": ${JSON.stringify(schema)},
  "name": ${JSON.stringify(name)},
  "pipeline": [
    // The app and its dependencies as one script.
    { "use": "bundle", "entry": ${JSON.stringify(entry)} },
    // One executable for each target. \`sbp build --target linux-arm64\` builds that one alone.
    { "use": "cross-target", "targets": [${lanes.join(", ")}] },
    // Leaves out what the app does not need.
    { "use": "strip" },
    // Puts runtime and app into one file under dist/.
    { "use": "embed-runtime" }
  ]
}
`;
}
