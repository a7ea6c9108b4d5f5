import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { glob } from "tinyglobby";
import { languageOf } from "~/language.ts";

export interface Count {
  readonly language: string;
  readonly files: number;
  readonly lines: number;
  /** Lines without anything but white space. */
  readonly blank: number;
}

const ignored = ["**/node_modules/**", "**/.git/**", "**/dist/**"];

/** Counts the lines in a folder, by language; languages without a file are left out. */
export async function countFolder(folder: string): Promise<Count[]> {
  const counts = new Map<string, Count>();
  const files = await glob("**", { cwd: folder, ignore: ignored, dot: true, followSymbolicLinks: false });
  for (const file of files) {
    const language = languageOf(file);
    if (!language) continue;
    const { lines, blank } = countLines(await readFile(join(folder, file), "utf8"));
    const sum = counts.get(language) ?? { language, files: 0, lines: 0, blank: 0 };
    counts.set(language, {
      language,
      files: sum.files + 1,
      lines: sum.lines + lines,
      blank: sum.blank + blank,
    });
  }
  return [...counts.values()];
}

/** A last line counts with and without its line break. */
export function countLines(text: string): { lines: number; blank: number } {
  const lines = text.split("\n");
  if (lines.at(-1) === "") lines.pop();
  return { lines: lines.length, blank: lines.filter((line) => line.trim() === "").length };
}
