/*
 * What stands as text beside a place that goes where the search does not follow:
 *
 *   sendFile("page.html", { root: __dirname })
 *   execute({ dir: __dirname })                    and in package.json: "oclif": { "commands": "./lib/commands" }
 */
import { readdirSync, readFileSync, statSync } from "node:fs";
import path from "node:path";
import { readPackageJson, slashes } from "./entry.ts";

/** What texts of a source (absolute) could mean from a folder, as paths or globs; without those that import; `like` chooses. Forward slashes. */
export function pathTexts(source: string, folder: string, like = /^/): string[] {
  return below(
    folder,
    textsOf(source).filter((text) => like.test(text)),
  );
}

/** Files that texts of a source (absolute) name by `./` or `../` from a folder, with their endings. Forward slashes. */
export function filesNamedFrom(source: string, folder: string): string[] {
  const texts = [...new Set(textsOf(source))].filter((text) => /^\.{1,2}\/.*\.\w+$/.test(text));
  const files = texts.map((text) => path.posix.join(folder, text));
  return files.filter((file) => statSync(file, { throwIfNoEntry: false })?.isFile());
}

/** Files that a description in YAML or JSON (absolute) refers to: `$ref: ./schemas.yaml#/Pet` (OpenAPI, JSON Schema). Absolute. */
export function filesReferred(description: string): string[] {
  if (!/\.(?:ya?ml|json)$/.test(description)) return [];
  const referred = /\$ref["']?\s*:\s*["']?([\w@./-]{1,300})/g;
  const texts = [...(readText(description) ?? "").matchAll(referred)].map(([, text = ""]) => text);
  const files = [...new Set(texts)].map((text) => path.join(path.dirname(description), text));
  return files.filter((file) => statSync(file, { throwIfNoEntry: false })?.isFile());
}

/**
 * Configurations in a folder that carry a name which a source (absolute) writes: `loadConfig({ name: "app", cwd: __dirname })` finds
 * app.config.ts, .apprc and the like. Forward slashes.
 */
export function configurations(source: string, folder: string): string[] {
  const texts = new Set(textsOf(source));
  const named = /^\.?([\w-]+?)(?:\.config\.\w+|rc(?:\.\w+)?)$/;
  return namesIn(folder)
    .filter((name) => texts.has(named.exec(name)?.[1] ?? ""))
    .map((name) => path.posix.join(folder, name));
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
}

/** Scripts that texts of a source (absolute) name by `./` or `../`, as they lie from there or from the project's folder. */
export function scriptsNamedFrom(
  source: string,
  projectDir: string,
): { readonly text: string; readonly line: number; readonly files: readonly string[] }[] {
  const code = readText(source) ?? "";
  return quotedIn(code).flatMap(({ text, index }) => {
    if (!/^\.{1,2}\/[\w@./-]*\.[cm]?[jt]sx?$/.test(text)) return [];
    const files = [
      ...new Set([path.dirname(source), projectDir].map((folder) => path.resolve(folder, text))),
    ];
    const there = files.filter((file) => statSync(file, { throwIfNoEntry: false })?.isFile());
    return there.length === 0 ? [] : [{ text, line: code.slice(0, index).split("\n").length, files: there }];
  });
}

function textsOf(source: string): string[] {
  return quotedIn(readText(source) ?? "").map(({ text }) => text);
}

/** Texts of a code that look like paths, without those that import. */
function quotedIn(code: string): { readonly text: string; readonly index: number }[] {
  const quoted =
    /((?<![\w$.])(?:require|import)\s*\(\s*|\b(?:from|import)\s*)?(["'`])([\w@./*{},-]{1,300})\2/g;
  return [...code.matchAll(quoted)].flatMap(({ 1: isImport, 3: text = "", index }) =>
    isImport ? [] : [{ text, index }],
  );
}

/** How relative paths begin that a source (absolute) makes at run time and does not import at once: `./${type}`, "./x/" + name. */
export function pathBeginnings(source: string): string[] {
  const begun =
    /(?<!\b(?:require|import)\s*\(\s*)(?:`(\.{1,2}\/[\w@./-]*)\$\{|(["'])(\.{1,2}\/[\w@./-]*)\2\s*\+)/g;
  const found = [...(readText(source) ?? "").matchAll(begun)].map(([, open, , text]) => open ?? text ?? "");
  return [...new Set(found)];
}

/** Whether a source (absolute) gives a function of createRequire anything but a text. */
export function requiresComputed(source: string): boolean {
  const code = readText(source) ?? "";
  const makers = [...code.matchAll(/\bcreateRequire(?:\s+as\s+|\s*:\s*)([\w$]+)/g)].map(
    ([, name = ""]) => name,
  );
  const made = new RegExp(
    `([\\w$]+)\\s*=\\s*(?:[\\w$]+\\.)?(?:${["createRequire", ...makers].map(escaped).join("|")})\\(`,
    "g",
  );
  return [...code.matchAll(made)].some(([, name = ""]) =>
    new RegExp(`(?<![\\w$.])${escaped(name)}(?:\\.resolve)?\\(\\s*(?![\\s"')])`).test(code),
  );
}

function escaped(name: string): string {
  return name.replaceAll("$", "\\$");
}

/** The relative names that a source (absolute) makes workers of. */
export function workerTexts(source: string): string[] {
  const code = readText(source) ?? "";
  return [...code.matchAll(/\bnew (?:[\w$]+\.)*Worker\(\s*(["'`])(\.{1,2}\/[\w@./-]+)\1/g)].map(
    ([, , text = ""]) => text,
  );
}

/** The same of what a package.json (absolute) sets for packages that it depends on, by their name or scope. */
export function settingsTexts(manifest: string): string[] {
  const content = readPackageJson(path.dirname(manifest)) ?? {};
  const packages = ["dependencies", "optionalDependencies"].flatMap((field) =>
    Object.keys((content[field] as object | null | undefined) ?? {}),
  );
  const isSetting = (key: string) =>
    packages.some((name) => name === key || name.startsWith(`@${key}/`) || name === `@${key}`);
  return below(
    slashes(path.dirname(manifest)),
    Object.entries(content).flatMap(([key, value]) => (isSetting(key) ? textsIn(value) : [])),
  );
}

function textsIn(value: unknown): string[] {
  if (typeof value === "string") return /^[\w@./*{},-]+$/.test(value) ? [value] : [];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(textsIn) : [];
}

function below(folder: string, texts: readonly string[]): string[] {
  const targets = texts.map((text) => path.posix.join(folder, text).replace(/\/$/, ""));
  return [...new Set(targets)].filter((target) => target.startsWith(`${folder}/`));
}

/** The end of a file that is no module, and is looked for when the app runs. */
const data = /[\w@-]\.(?!(?:[cm]?[jt]sx?|map|md|markdown)$)[a-z]\w{1,9}$/;

/**
 * Files beside scripts of packages, which these name as text and look for from their own place: absolute. `sql-wasm.js`
 * reads `sql-wasm.wasm` so, which no tracer follows through a compiler's output.
 */
export function filesBeside(scripts: readonly string[]): string[] {
  return scripts.flatMap((script) => {
    const code = readText(script);
    if (code === undefined || !/\b__(?:dirname|filename)\b|\bimport\.meta\b/.test(code)) return [];
    const texts = [...code.matchAll(/(["'`])([\w@./-]{3,200})\1/g)].map(([, , text = ""]) => text);
    // A text behind a place begins with a slash: `__dirname + "/style.css"`.
    const names = new Set(texts.filter((text) => data.test(text)));
    return [...names]
      .map((name) => path.join(path.dirname(script), name))
      .filter((file) => statSync(file, { throwIfNoEntry: false })?.isFile());
  });
}

/**
 * A module that tells others where it lies, to look for files from there: `module.exports = __dirname`, or a function that
 * returns it.
 */
const tellsItsPlace =
  /(?:\breturn\b|=>|\bexports(?:\.\w+)?\s*=|\bexport\s+(?:default\b|const\s+\w+\s*=))\s*[^;,\n]{0,60}?(?:\b__dirname|\b__filename|\bimport\.meta\.(?:dirname|filename|url))\b\)*\s*(?:[;,}\n]|$)/;

/** The folders of those scripts of packages that tell others where they lie; absolute. */
export function toldPlaces(scripts: readonly string[]): string[] {
  const telling = scripts.filter((script) => tellsItsPlace.test(readText(script) ?? ""));
  return [...new Set(telling.map((script) => path.dirname(script)))];
}

/** Texts in scripts or JSON files (absolute) that are one of these names, or a path in what it names. */
export function namesWritten(files: readonly string[], names: readonly string[]): string[] {
  if (names.length === 0) return [];
  const anyName = names.map((name) => name.replaceAll(".", "\\.")).join("|");
  const quoted = new RegExp(`(["'\`])((?:${anyName})(?:/[\\w@./-]{1,200})?)\\1`, "g");
  const found = files
    .filter((file) => /\.(?:[cm]?[jt]s|json)$/.test(file) && path.basename(file) !== "package.json")
    .flatMap((file) => [...(readText(file) ?? "").matchAll(quoted)].map(([, , text = ""]) => text));
  return [...new Set(found)];
}

/** Texts in scripts (absolute) that begin with a package's name and a slash. */
export function pathsWritten(files: readonly string[], name: string): string[] {
  const quoted = new RegExp(`(["'\`])(${name.replaceAll(".", "\\.")}/[\\w@./-]{1,200})\\1`, "g");
  const texts = files.filter((file) => /\.[cm]?js$/.test(file)).map((file) => readText(file) ?? "");
  return [...new Set(texts.flatMap((text) => [...text.matchAll(quoted)].map(([, , found = ""]) => found)))];
}

function readText(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}
