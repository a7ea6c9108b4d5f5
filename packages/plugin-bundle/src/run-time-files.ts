/*
 * What the app will look for at run time and not find, because an executable holds the bundle and nothing else:
 *
 *   new Worker(new URL("./worker.js", import.meta.url))     a script for a thread
 *   fork(join(__dirname, "child.js"))                       a script for a process
 *   readFile(join(__dirname, "views", "index.html"))        a file beside the source
 *   createRequire(import.meta.url)("./package.json")        a module that the bundler does not see
 *
 * Looked for in the bundled code, not in the sources: there esbuild has taken out types, comments and what is never
 * used, writes everything one way, and gives `__dirname` and `import.meta` names that nothing else has (shim.ts).
 * The source map then tells where it was written. Only hints come of it: a place that is missed is no worse than
 * before, and one too many costs a line of output.
 */
import { readFileSync } from "node:fs";
import { isBuiltin } from "node:module";
import path from "node:path";
import type { Diagnostic } from "@sbp/core";
import type { Metafile } from "esbuild";
import { originalPositions } from "./original-position.ts";

export interface RunTimeFilesRequest {
  readonly projectDir: string;
  /** As esbuild made it. */
  readonly code: Uint8Array;
  readonly map: Uint8Array;
  readonly metafile: Metafile;
}

type Finding = Pick<Diagnostic, "code" | "message" | "hint">;

interface Pattern {
  readonly pattern: RegExp;
  /** Sources that do not import one of these mean something else. */
  readonly modules?: readonly string[];
  /** Offsets of what gives the pattern's name its meaning: one must lie in the same source. */
  readonly names?: readonly number[];
  /** Undefined for a match that is harmless. */
  describe(match: RegExpExecArray, rest: string): Finding | undefined;
}

// Each pattern begins with plain letters, which V8 finds fast; what stands before them is looked at afterwards.
/** `name(` and `module.name(`, and what esbuild makes of imported functions in CommonJS: `(0, module.name)(`. */
const call = (name: string) => String.raw`\b${name}\d*\)?\(\s*`;
/** The same where the result is given a name: the first group. */
const named = (name: string) =>
  String.raw`\b${name}\d*(?<=([\w$]+) ?= ?(?:\(0, ?)?(?:[\w$]+\.)*${name}\d*)\)?\(\s*`;
const moduleUrl = String.raw`(?:import\.meta|__sbp_import_meta)\.url`;
const modulePath = String.raw`(?:\(0, ?)?(?:[\w$]+\.)*fileURLToPath\d*\)?\(\s*${moduleUrl}\)`;
const modulePlace = String.raw`(?:__(?:dir|file)name\d*|__sbp_(?:dir|file)name|(?:import\.meta|__sbp_import_meta)\.(?:dirname|filename|url))`;
const text = String.raw`("(?:[^"\\\n]|\\.)*"|${"`(?:[^`$\\\\]|\\\\.)*`"})`;

const elsewhere =
  "Import what can be imported (JSON as it is, text by the option loader); look for other files from process.cwd(), or where the user says.";
const workerHint = "Only code that runs in the app's own process is carried.";

const patterns: readonly Pattern[] = [
  {
    pattern: /\bnew (?:[\w$]+\.)*Worker\d*\(/g,
    modules: ["worker_threads", "node:worker_threads"],
    describe: (_, rest) =>
      /\beval: ?(?:true|!0)/.test(argumentsOf(rest))
        ? undefined
        : {
            code: "SBP_BUNDLE_SCRIPT",
            message: "The script of this worker is not in the executable: the worker fails at run time",
            hint: workerHint,
          },
  },
  {
    pattern: new RegExp(call("(?<!cluster\\d*\\.)fork"), "g"),
    modules: ["child_process", "node:child_process"],
    describe: (_, rest) =>
      rest.startsWith("process.argv[1]")
        ? undefined
        : {
            code: "SBP_BUNDLE_SCRIPT",
            message: "The script of this child process is not in the executable: the child fails at run time",
            hint: workerHint,
          },
  },
  {
    // Whatever the function is called here: nothing else is given a program and its arguments.
    pattern: /\bprocess\.execPath(?<=\(\s*process\.execPath),\s*\[(?!\s*process\.argv\[1\])/g,
    modules: ["child_process", "node:child_process"],
    describe: () => ({
      code: "SBP_BUNDLE_SCRIPT",
      message: "process.execPath is the app itself, not node: this starts the app once more",
      hint: 'To start the app again say so: spawn(process.execPath, [process.argv[1], …]). For Node name "node".',
    }),
  },
  {
    pattern: new RegExp(String.raw`\bnew URL\(\s*(?:${text}|[^;\n]{1,200}?),\s*${moduleUrl}\)`, "g"),
    describe: (match) => (match[1] === undefined ? pathFinding : besideSource(match[1])),
  },
  {
    pattern: new RegExp(String.raw`(?:import\.meta|__sbp_import_meta)\.resolve\(\s*${text}`, "g"),
    describe: (match) => besideSource(match[1]!),
  },
  {
    pattern: new RegExp(String.raw`${call("(?:join|resolve)")}${modulePlace}\s*,`, "g"),
    describe: () => pathFinding,
  },
  {
    pattern: new RegExp(`(?<![\\w$.])${modulePlace} ?\\+ ?["'\`]|\`\\$\\{${modulePlace}\\}[^\`]`, "g"),
    describe: () => pathFinding,
  },
  {
    pattern: /\bprocess\.dlopen\(/g,
    describe: () => ({
      code: "SBP_BUNDLE_NATIVE",
      message: "Native addons are not in the executable: loading one fails at run time",
    }),
  },
];

const pathFinding: Finding = {
  code: "SBP_BUNDLE_FILE",
  message: "This path leads to files beside the source, which are not in the executable",
  hint: elsewhere,
};

function besideSource(literal: string): Finding | undefined {
  const name = literal.slice(1, -1);
  // A URL of its own, or the folder itself: only what is done with it matters.
  if (/^[a-z][a-z0-9+.-]*:/i.test(name) || /^[./]*$/.test(name) || isBuiltin(name)) return undefined;
  return {
    code: "SBP_BUNDLE_FILE",
    message: `"${name}" is not in the executable`,
    hint: elsewhere,
  };
}

/** What is likely to be missing at run time, in the order of the bundle. Places in node_modules are for the curious. */
export function runTimeFiles({ projectDir, code: bytes, map, metafile }: RunTimeFilesRequest): Diagnostic[] {
  const code = decode(bytes);
  const hits = [...patterns, ...folderPatterns(code), ...requirePatterns(code)].flatMap((pattern) =>
    [...code.matchAll(pattern.pattern)].flatMap((match) => {
      const end = match.index + match[0].length;
      const finding = pattern.describe(match, code.slice(end, end + 500));
      return finding ? { offset: match.index, pattern, finding } : [];
    }),
  );
  if (hits.length === 0) return [];
  hits.sort((a, b) => a.offset - b.offset);

  const offsets = hits.flatMap(({ offset, pattern }) => [offset, ...(pattern.names ?? [])]);
  const positionAt = originalPositions(code, offsets, JSON.parse(decode(map)));
  const seen = new Set<string>();
  return hits.flatMap(({ offset, pattern: { modules, names }, finding }): Diagnostic[] => {
    const position = positionAt.get(offset);
    const input = position && metafile.inputs[position.source];
    if (!input || (modules && !input.imports.some((found) => modules.includes(found.path)))) return [];
    if (names && !names.some((name) => positionAt.get(name)?.source === position.source)) return [];
    // A line that starts a worker from a URL is told once.
    const key = `${position.source}:${position.line}`;
    if (seen.has(key)) return [];
    seen.add(key);
    const { source: file, line, column } = position;
    const lineText = lineOf(path.resolve(projectDir, file), line);
    const location = { file, line, column, ...(lineText !== undefined && { lineText }) };
    return [{ severity: isDependency(file) ? "info" : "warning", ...finding, location }];
  });
}

/** Names that stand for the module's folder: `const here = dirname(fileURLToPath(import.meta.url))`. */
function folderPatterns(code: string): Pattern[] {
  const given = [
    String.raw`${named("dirname")}(?:${modulePath}|${modulePlace})\)`,
    String.raw`${named("fileURLToPath")}new URL\("\.{1,2}\/?", ?${moduleUrl}\)\)`,
    String.raw`\bimport\.meta\.dirname\b(?<=([\w$]+) ?= ?import\.meta\.dirname)`,
    String.raw`\b__sbp_import_meta\.dirname\b(?<=([\w$]+) ?= ?__sbp_import_meta\.dirname)`,
  ];
  return namesOf(code, given).map(({ name, at }) => ({
    pattern: new RegExp(
      `${call("(?:join|resolve)")}${name}\\s*,|\\b(?<![\\w$.])${name} ?\\+ ?["'\`]|\`\\$\\{${name}\\}[^\`]`,
      "g",
    ),
    names: at,
    describe: () => pathFinding,
  }));
}

/** What functions that createRequire made are asked for: esbuild does not follow them. */
function requirePatterns(code: string): Pattern[] {
  const from = String.raw`(?:${modulePath}|${modulePlace})\)`;
  const describe = (match: RegExpExecArray): Finding | undefined => {
    const name = match[1]!.slice(1, -1);
    if (isBuiltin(name)) return undefined;
    return {
      code: "SBP_BUNDLE_DYNAMIC",
      message: `"${name}" is required through createRequire and is not in the bundle`,
      hint: "Import it instead.",
    };
  };
  const asked = String.raw`\(\s*${text}\s*\)`;
  return [
    { pattern: new RegExp(call("createRequire") + from + asked, "g"), describe },
    ...namesOf(code, [named("createRequire") + from]).map(({ name, at }) => ({
      pattern: new RegExp(String.raw`(?<![\w$.])${name}(?:\.resolve)?${asked}`, "g"),
      names: at,
      describe,
    })),
  ];
}

/** The names that are given, escaped for a pattern, and where: only the same source can mean the same by them. */
function namesOf(code: string, given: readonly string[]): { name: string; at: number[] }[] {
  const names = new Map<string, number[]>();
  for (const pattern of given)
    for (const { 1: name = "", index } of code.matchAll(new RegExp(pattern, "g")))
      names.set(name, [...(names.get(name) ?? []), index]);
  return [...names].map(([name, at]) => ({ name: name.replaceAll("$", "\\$"), at }));
}

/** From behind a call's opening parenthesis to its closing one, as far as `rest` goes. */
function argumentsOf(rest: string): string {
  let depth = 1;
  for (let index = 0; index < rest.length; index++) {
    if ("([{".includes(rest[index]!)) depth++;
    else if (")]}".includes(rest[index]!) && --depth === 0) return rest.slice(0, index);
  }
  return rest;
}

function lineOf(file: string, line: number): string | undefined {
  try {
    const found = readFileSync(file, "utf8").split(/\r?\n/, line)[line - 1];
    return found !== undefined && found.length <= 500 ? found : undefined;
  } catch {
    return undefined;
  }
}

export function isDependency(file: string): boolean {
  return file.includes("node_modules/");
}

function decode(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8");
}
