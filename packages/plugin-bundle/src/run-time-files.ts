/*
 * What the app will look for at run time and not find, because an executable holds the bundle, and beside it only
 * what is carried (named-paths.ts):
 *
 *   new Worker("./worker.js")                 a script for a thread, from the current folder
 *   fork(script)                              a script for a process that is computed
 *   spawn(process.execPath, ["script.js"])    the same, by the executable as node
 *
 * Looked for in the bundled code, not in the sources: there esbuild has taken out types, comments and what is never
 * used, and writes everything one way. The source map then tells where it was written. Only hints come of it: a place
 * that is missed is no worse than before, and one too many costs a line of output.
 */
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import type { Diagnostic, SourceLocation } from "@sbp/core";
import type { Metafile } from "esbuild";
import { type InputOfSource, positionInInput } from "./input-of-source.ts";
import { originalPositions, type Position } from "./original-position.ts";

export interface RunTimeFilesRequest {
  readonly projectDir: string;
  /** As esbuild made it. */
  readonly code: string;
  readonly map: () => Parameters<typeof originalPositions>[2];
  readonly inputOf: InputOfSource;
  readonly metafile: Metafile;
}

type Finding = Pick<Diagnostic, "code" | "message" | "hint">;

interface Pattern {
  readonly pattern: RegExp;
  /** Sources that do not import one of these mean something else. */
  readonly modules?: readonly string[];
  /** Undefined for a match that is harmless. */
  describe(match: RegExpExecArray, rest: string): Finding | undefined;
}

// Each pattern begins with plain letters, which V8 finds fast; what stands before them is looked at afterwards.
/** `name(` and `module.name(`, and what esbuild makes of imported functions in CommonJS: `(0, module.name)(`. */
const call = (name: string) => String.raw`\b${name}\d*\)?\(\s*`;
const workerHint =
  'Name the script by the place of its source, which is carried then: new URL("./worker.js", import.meta.url).';

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
    pattern: /\bprocess\.execPath(?<=\(\s*process\.execPath),\s*\[\s*["'`](?![-/$"'`])/g,
    modules: ["child_process", "node:child_process"],
    describe: () => ({
      code: "SBP_BUNDLE_SCRIPT",
      message: "This script is looked for in the current folder at run time, and is not in the executable",
      hint: workerHint,
    }),
  },
  {
    pattern: /\bprocess\.dlopen\(/g,
    describe: () => ({
      code: "SBP_BUNDLE_NATIVE",
      message: "Which native addon this loads only shows at run time, and it may not be in the executable",
      hint: 'Name it in "include" of the step bundle.',
    }),
  },
];

/** What is likely to be missing at run time, in the order of the bundle. Places in node_modules are for the curious. */
export function runTimeFiles({
  projectDir,
  code,
  map,
  inputOf,
  metafile,
}: RunTimeFilesRequest): Diagnostic[] {
  const hits = patterns.flatMap((pattern) =>
    [...code.matchAll(pattern.pattern)].flatMap((match) => {
      const end = match.index + match[0].length;
      const finding = pattern.describe(match, code.slice(end, end + 500));
      return finding ? { offset: match.index, pattern, finding } : [];
    }),
  );
  if (hits.length === 0) return [];
  hits.sort((a, b) => a.offset - b.offset);

  const positionAt = originalPositions(
    code,
    hits.map(({ offset }) => offset),
    map(),
  );
  const seen = new Set<string>();
  return hits.flatMap(({ offset, pattern: { modules }, finding }): Diagnostic[] => {
    const position = positionInInput(positionAt.get(offset), inputOf);
    const input = position && metafile.inputs[position.source];
    if (!input || (modules && !input.imports.some((found) => modules.includes(found.path)))) return [];
    // A line that starts a worker from a URL is told once.
    const key = `${position.source}:${position.line}`;
    if (seen.has(key)) return [];
    seen.add(key);
    const severity = isDependency(position.source) ? "info" : "warning";
    return [{ severity, ...finding, location: locationOf(projectDir, position) }];
  });
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

/** The file that a position's line is of, as far as it is there. */
export function writtenFile(projectDir: string, { source, written }: Position): string {
  return written !== undefined && existsSync(path.resolve(projectDir, written)) ? written : source;
}

/** A place of the sources with its line. */
export function locationOf(projectDir: string, position: Position): SourceLocation {
  const { line, column } = position;
  const file = writtenFile(projectDir, position);
  const lineText = lineOf(path.resolve(projectDir, file), line);
  return { file, line, column, ...(lineText !== undefined && { lineText }) };
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
