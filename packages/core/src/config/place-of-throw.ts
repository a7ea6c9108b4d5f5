import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { SourceLocation } from "../error.ts";
import { printable } from "./source-text.ts";

/** The topmost line of an error's stack trace that lies in one of these files (absolute paths). */
export function placeOfThrow(error: unknown, files: readonly string[]): SourceLocation | undefined {
  const stack = error instanceof Error ? (error.stack ?? "") : "";
  for (const [, place, line, column] of stack.matchAll(/(?:\(|at )([^()\n]+?):(\d+):(\d+)\)?$/gm)) {
    const file = place!.startsWith("file:") ? fileURLToPath(place!) : place!;
    if (!files.includes(file)) continue;
    return { file, line: Number(line), column: Number(column), ...quoted(file, Number(line)) };
  }
  return undefined;
}

/** The source may have gone since it was compiled. */
function quoted(file: string, line: number): Pick<SourceLocation, "lineText"> {
  try {
    const lineText = readFileSync(file, "utf8").split(/\r\n|\r|\n/)[line - 1];
    return lineText === undefined ? {} : { lineText: printable(lineText) };
  } catch {
    return {};
  }
}
