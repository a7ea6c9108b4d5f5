import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import type { Diagnostic } from "@sbp/core";
import type { Metafile } from "esbuild";
import { isDependency } from "./run-time-files.ts";
import { tsconfigChain } from "./tsconfig.ts";
import { upwards } from "./workspace.ts";

/** A decorator at the start of a line; in a comment an asterisk would precede it. */
const decorator = /^([ \t]*)@[A-Za-z_$][\w$.]*[ \t]*(?:\(|$|class\b|export\b)/m;

/**
 * esbuild, which compiles one file at a time and knows no types, does not do what `emitDecoratorMetadata` asks
 * for: whoever looks for the types at run time (dependency injection above all) finds undefined. The first source
 * with a decorator says so.
 */
export function lostDecoratorTypes(projectDir: string, metafile: Metafile, tsconfig?: string): Diagnostic[] {
  const asked = new Map<string, boolean>();
  const asks = (file: string) => {
    const folder = path.dirname(file);
    let answer = asked.get(folder);
    if (answer === undefined) {
      const config = tsconfig ? path.resolve(projectDir, tsconfig) : nearestTsconfig(file);
      answer = config !== undefined && tsconfigChain(config).emitDecoratorMetadata;
      asked.set(folder, answer);
    }
    return answer;
  };
  for (const input of Object.keys(metafile.inputs).sort()) {
    if (!/\.[cm]?tsx?$/.test(input) || isDependency(input)) continue;
    const file = path.resolve(projectDir, input);
    if (!asks(file)) continue;
    const source = readFileSync(file, "utf8");
    const match = decorator.exec(source);
    if (!match) continue;
    const line = source.slice(0, match.index).split("\n").length;
    const lineText = source.split(/\r?\n/, line)[line - 1]!;
    return [
      {
        severity: "warning",
        code: "SBP_BUNDLE_DECORATORS",
        message: '"emitDecoratorMetadata" has no effect: decorators find no types at run time',
        location: {
          file: input,
          line,
          column: match[1]!.length + 1,
          ...(lineText.length <= 500 && { lineText }),
        },
        hint: 'Where something needs the types (dependency injection, say), compile with tsc first and set "entry" to what it writes.',
      },
    ];
  }
  return [];
}

function nearestTsconfig(file: string): string | undefined {
  for (const folder of upwards(path.dirname(file)))
    for (const name of ["tsconfig.json", "jsconfig.json"])
      if (existsSync(path.join(folder, name))) return path.join(folder, name);
  return undefined;
}
