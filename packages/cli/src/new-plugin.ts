import { existsSync, readdirSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { exitCodes, SbpError, version } from "@sbp/core";
import { builtins } from "./builtins.ts";

export interface NewPluginOptions {
  /** Of the package: `sbp-licenses`, `@acme/sbp-licenses`. */
  readonly name: string;
  /** Absolute. */
  readonly cwd: string;
  /** Relative to `cwd`. Default: the name without its scope. */
  readonly dir?: string | undefined;
}

export interface NewPlugin {
  /** Absolute. */
  readonly dir: string;
  /** Relative to `dir`, sorted, with forward slashes. */
  readonly files: readonly string[];
}

const templates = fileURLToPath(new URL("../templates/plugin/", import.meta.url));
const packageName = /^(@[a-z0-9][a-z0-9._~-]*\/)?[a-z0-9][a-z0-9._~-]*$/;

/**
 * Makes the package of a plugin: all of it, or nothing. Throws SBP_PLUGIN_NAME for what is no name for it, and
 * SBP_PLUGIN_EXISTS for a folder that has files.
 */
export async function newPlugin({ name, cwd, dir }: NewPluginOptions): Promise<NewPlugin> {
  const files = await pluginFiles(name);
  const folder = resolve(cwd, dir ?? shortName(name));
  if (existsSync(folder) && readdirSync(folder).length > 0)
    throw folderHasFiles(dir ?? shortName(name), folder);
  try {
    await write(folder, files);
    return { dir: folder, files: [...files.keys()] };
  } catch (error) {
    throw new SbpError("SBP_WRITE", `The plugin cannot be written: ${(error as Error).message}`, {
      location: { file: folder },
      cause: error,
    });
  }
}

/** A package's name without its scope. */
export function shortName(name: string): string {
  return name.replace(/^@[^/]*\//, "");
}

/** The refusal to write over what is there. `folder` is absolute. */
export function folderHasFiles(shown: string, folder: string): SbpError {
  return new SbpError("SBP_PLUGIN_EXISTS", `The folder ${shown} has files; they stay as they are`, {
    location: { file: folder },
    hint: "Name another folder by --dir.",
    exitCode: exitCodes.badUsage,
  });
}

/**
 * The texts of a new plugin's files, by their path within its package (with forward slashes), sorted. Throws
 * SBP_PLUGIN_NAME.
 */
export async function pluginFiles(name: string): Promise<ReadonlyMap<string, string>> {
  const problem = problemOfName(name);
  if (problem) {
    throw new SbpError("SBP_PLUGIN_NAME", problem, {
      hint: "Name it like an npm package, in lower case: sbp-licenses, @acme/sbp-licenses.",
      exitCode: exitCodes.badUsage,
    });
  }
  const values: Readonly<Record<string, string>> = { name, short: shortName(name), version };
  const files: [string, string][] = [];
  for (const entry of await readdir(templates, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const source = join(entry.parentPath, entry.name);
    // npm packs no .gitignore.
    const path = relative(templates, source)
      .replaceAll("\\", "/")
      .replace(/^gitignore$/, ".gitignore");
    const text = await readFile(source, "utf8");
    files.push([path, text.replace(/\{\{(\w+)\}\}/g, (_, key: string) => values[key]!)]);
  }
  return new Map(files.sort(([a], [b]) => (a < b ? -1 : 1)));
}

function problemOfName(name: string): string | undefined {
  if (!packageName.test(name) || name.length > 214) return `"${name}" is no name for a package`;
  if (Object.hasOwn(builtins, name)) return `"${name}" is the name of a built-in plugin`;
  return undefined;
}

/** Beside its place, then moved there. */
async function write(folder: string, files: ReadonlyMap<string, string>): Promise<void> {
  await mkdir(dirname(folder), { recursive: true });
  const temporary = await mkdtemp(join(dirname(folder), `.${basename(folder)}-`));
  try {
    for (const [path, text] of files) {
      await mkdir(dirname(join(temporary, path)), { recursive: true });
      await writeFile(join(temporary, path), text);
    }
    await rm(folder, { recursive: true, force: true });
    await rename(temporary, folder);
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}
