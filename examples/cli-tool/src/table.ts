import colors from "picocolors";
import type { Count } from "~/count.ts";

/** The counts as a table for people, with a sum. */
export function table(counts: readonly Count[]): string {
  const sum = (key: "files" | "lines" | "blank") => counts.reduce((total, count) => total + count[key], 0);
  const header = ["language", "files", "lines", "blank"];
  const rows = counts.map(({ language, files, lines, blank }) => [language, files, lines, blank].map(String));
  const total = ["sum", sum("files"), sum("lines"), sum("blank")].map(String);
  const widths = header.map((_, column) =>
    Math.max(...[header, ...rows, total].map((row) => row[column]!.length)),
  );
  const line = (row: readonly string[]) =>
    row
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[column]!)))
      .join("  ");
  return [colors.dim(line(header)), ...rows.map(line), colors.bold(line(total))].join("\n");
}
