import type { SourceLocation } from "../error.ts";

/** Lines longer than this are not quoted. UTF-16 units. */
const longestQuotedLine = 1000;
// They would steer the terminal or turn the reading direction around.
const unprintable = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g;

/** The line without control characters, equally long. */
export function printable(line: string): string {
  return line.replace(unprintable, "\ufffd");
}

/** A text that gives the places of its offsets. */
export class SourceText {
  readonly file: string;
  readonly text: string;
  readonly #lineStarts: readonly number[];

  constructor(file: string, text: string) {
    this.file = file;
    this.text = text;
    const lineStarts = [0];
    for (const match of text.matchAll(/\r\n|\r|\n/g)) lineStarts.push(match.index + match[0].length);
    this.#lineStarts = lineStarts;
  }

  /** The place of `length` UTF-16 units at `offset`, cut at the end of the line. */
  locate(offset: number, length: number): SourceLocation {
    let low = 0;
    let high = this.#lineStarts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.#lineStarts[middle]! <= offset) low = middle;
      else high = middle - 1;
    }
    const start = this.#lineStarts[low]!;
    const line = this.text.slice(start, this.#lineStarts[low + 1]).replace(/[\r\n]+$/, "");
    const column = offset - start;
    return {
      file: this.file,
      line: low + 1,
      column: column + 1,
      length: Math.max(1, Math.min(length, line.length - column)),
      ...(line.length <= longestQuotedLine && { lineText: printable(line) }),
    };
  }
}
