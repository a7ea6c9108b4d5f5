/*
 * What stands as text beside a place that goes where the search does not follow:
 *
 *   sendFile("page.html", { root: __dirname })
 *   execute({ dir: __dirname })                    and in package.json: "oclif": { "commands": "./lib/commands" }
 */
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { readPackageJson, slashes } from "./entry.ts";
import { statsOf } from "./folders.ts";

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
  return files.filter((file) => statsOf(file)?.isFile());
}

/** Whether a source (absolute) names a package.json in text: `load(import.meta.url, "../package.json")`. */
export function namesManifest(source: string): boolean {
  return textsOf(source).some((text) => /^(?:\.{0,2}\/)*package\.json$/.test(text));
}

/** Files that a description in YAML or JSON (absolute) refers to: `$ref: ./schemas.yaml#/Pet` (OpenAPI, JSON Schema). Absolute. */
export function filesReferred(description: string): string[] {
  if (!/\.(?:ya?ml|json)$/.test(description)) return [];
  const referred = /\$ref["']?\s*:\s*["']?([\w@./-]{1,300})/g;
  const texts = [...(readText(description) ?? "").matchAll(referred)].map(([, text = ""]) => text);
  const files = [...new Set(texts)].map((text) => path.join(path.dirname(description), text));
  return files.filter((file) => statsOf(file)?.isFile());
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
    const there = files.filter((file) => statsOf(file)?.isFile());
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
  const code = readText(source) ?? "";
  // A `require` of createRequire's is none that esbuild knows.
  const imports = /\brequire\s*=\s*(?:[\w$]+\.)?createRequire\b/.test(code) ? "import" : "require|import";
  const begun = new RegExp(
    `(?<!\\b(?:${imports})\\s*\\(\\s*)(?:\`(\\.{1,2}/[\\w@./-]*)\\$\\{|(["'])(\\.{1,2}/[\\w@./-]*)\\2\\s*\\+)`,
    "g",
  );
  return [...new Set([...code.matchAll(begun)].map(([, open, , text]) => open ?? text ?? ""))];
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

/**
 * What a source (absolute) asks for by a `require` that it is given, which no bundler follows:
 * `factory(require, exports)` … `function (require, exports) { require("./impl") }` (UMD, as tsc writes it).
 */
export function givenRequires(source: string): string[] {
  const code = readText(source) ?? "";
  if (!/\bfunction\s*\w*\s*\(\s*require\s*[,)]/.test(code)) return [];
  const asked = [...code.matchAll(/(?<![\w$.])require\(\s*(["'])([\w@./-]+)\1\s*\)/g)];
  return [...new Set(asked.map(([, , name = ""]) => name))];
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
