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
  const problem = problemOfName(name);
  if (problem) {
    throw new SbpError("SBP_PLUGIN_NAME", problem, {
      hint: "Name it like an npm package, in lower case: sbp-licenses, @acme/sbp-licenses.",
      exitCode: exitCodes.badUsage,
    });
  }
  const short = name.replace(/^@[^/]*\//, "");
  const folder = resolve(cwd, dir ?? short);
  if (existsSync(folder) && readdirSync(folder).length > 0) {
    throw new SbpError("SBP_PLUGIN_EXISTS", `The folder ${dir ?? short} has files; they stay as they are`, {
      location: { file: folder },
      hint: "Name another folder by --dir.",
      exitCode: exitCodes.badUsage,
    });
  }
  try {
    return { dir: folder, files: await write(folder, { name, short, version }) };
  } catch (error) {
    throw new SbpError("SBP_WRITE", `The plugin cannot be written: ${(error as Error).message}`, {
      location: { file: folder },
      cause: error,
    });
  }
}

function problemOfName(name: string): string | undefined {
  if (!packageName.test(name) || name.length > 214) return `"${name}" is no name for a package`;
  if (Object.hasOwn(builtins, name)) return `"${name}" is the name of a built-in plugin`;
  return undefined;
}

/** Beside its place, then moved there. */
async function write(folder: string, values: Readonly<Record<string, string>>): Promise<string[]> {
  await mkdir(dirname(folder), { recursive: true });
  const temporary = await mkdtemp(join(dirname(folder), `.${basename(folder)}-`));
  try {
    const files: string[] = [];
    for (const entry of await readdir(templates, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue;
      const source = join(entry.parentPath, entry.name);
      // npm packs no .gitignore.
      const path = relative(templates, source)
        .replaceAll("\\", "/")
        .replace(/^gitignore$/, ".gitignore");
      const text = await readFile(source, "utf8");
      await mkdir(dirname(join(temporary, path)), { recursive: true });
      await writeFile(
        join(temporary, path),
        text.replace(/\{\{(\w+)\}\}/g, (_, key: string) => values[key]!),
      );
      files.push(path);
    }
    await rm(folder, { recursive: true, force: true });
    await rename(temporary, folder);
    return files.sort();
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}
