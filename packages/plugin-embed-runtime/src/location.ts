import type { SourceLocation } from "@sbp/core";

/** The place of an offset (in UTF-16 units) in a text. */
export function locationAt(file: string, text: string, offset: number): SourceLocation {
  const before = text.slice(0, offset).split("\n");
  const lineText = text.split("\n", before.length).at(-1);
  return {
    file,
    line: before.length,
    column: before.at(-1)!.length + 1,
    // A minified line says nothing.
    ...(lineText !== undefined && lineText.length <= 200 ? { lineText } : {}),
  };
}
