import { readFileSync } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import path from "node:path";
import { exitCodes, nearest, SbpError } from "@sbp/core";

export interface Entry {
  /** Relative to the project, with forward slashes. */
  readonly path: string;
  /** What Node would take it for. */
  readonly format: "esm" | "cjs";
}

/** Throws SBP_ENTRY_MISSING when there is no such file. */
export async function findEntry(projectDir: string, entry: string | undefined): Promise<Entry> {
  if (entry === undefined)
    throw new SbpError("SBP_ENTRY_MISSING", "The step bundle does not know where the app starts", {
      hint: 'Set "entry" in sbp.config.json, or "main" in package.json.',
      exitCode: exitCodes.badUsage,
    });
  const file = path.resolve(projectDir, entry);
  const found = await stat(file).catch(() => undefined);
  if (!found?.isFile()) {
    const what = found ? "is not a file" : "does not exist";
    const guess = await similarFile(file);
    throw new SbpError("SBP_ENTRY_MISSING", `The entry "${entry}" ${what}`, {
      hint: guess
        ? `Did you mean "${slashes(path.relative(projectDir, guess))}"?`
        : 'Set "entry" in sbp.config.json to the first file of the app, relative to the project.',
      exitCode: exitCodes.badUsage,
    });
  }
  return { path: slashes(path.relative(projectDir, file)), format: moduleFormat(file) };
}

/** The file whose name is most like the missing one's, in its folder. */
export async function similarFile(file: string): Promise<string | undefined> {
  const folder = path.dirname(file);
  const names = await readdir(folder).catch(() => []);
  const stem = (name: string) => name.replace(/\.[^.]*$/, "");
  const wanted = path.basename(file);
  const guess =
    names.find((name) => stem(name) === stem(wanted)) ??
    nearest(wanted, names) ??
    names.find((name) => stem(name) === nearest(stem(wanted), names.map(stem)));
  return guess && path.join(folder, guess);
}

export function slashes(file: string): string {
  return path.sep === "/" ? file : file.replaceAll(path.sep, "/");
}

/** By extension, else by "type" of the nearest package.json (Node: "Determining module system"). */
export function moduleFormat(file: string): Entry["format"] {
  if (/\.m[jt]s$/.test(file)) return "esm";
  if (/\.c[jt]s$/.test(file)) return "cjs";
  for (let folder = path.dirname(file); ; folder = path.dirname(folder)) {
    const content = readPackageJson(folder);
    if (content) return content["type"] === "module" ? "esm" : "cjs";
    if (path.dirname(folder) === folder) return "cjs";
  }
}

type PackageJson = Readonly<Record<string, unknown>>;

/** In a run each is read once, however many ask for it; see `forgetPackageJson`. */
const manifests = new Map<string, PackageJson | undefined>();

/** Has them read again: a new run begins. Of a run that goes on meanwhile, the engine sees what has changed. */
export function forgetPackageJson(): void {
  manifests.clear();
}

/** The package.json in a folder; undefined where there is none, an empty object where it cannot be read. */
export function readPackageJson(folder: string): PackageJson | undefined {
  if (!manifests.has(folder)) manifests.set(folder, packageJsonIn(folder));
  return manifests.get(folder);
}

function packageJsonIn(folder: string): PackageJson | undefined {
  let text: string;
  try {
    text = readFileSync(path.join(folder, "package.json"), "utf8");
  } catch {
    return undefined;
  }
  try {
    const content: unknown = JSON.parse(text.replace(/^\uFEFF/, ""));
    return typeof content === "object" && content !== null ? (content as PackageJson) : {};
  } catch {
    return {};
  }
}
