import type { Decision, Explanation } from "@sbp/core";
import type { Colors } from "../terminal.ts";
import { formatLocation } from "./diagnostic.ts";
import { printable, table } from "./text.ts";
import { count, formatBytes } from "./units.ts";

/** Why each step ran or did not, for people; `verbose` shows every field of the fingerprints. */
export function renderExplanations(
  explanations: readonly Explanation[],
  paint: Colors,
  verbose: boolean,
): string {
  const width = Math.max(...explanations.map(({ id }) => id.length), 0);
  return explanations
    .flatMap((explanation) => {
      const { id, decision, reason, causes, pending, fields } = explanation;
      const shown = { ran: paint.green, cached: paint.dim, "never-built": paint.yellow }[decision];
      const word = { ran: "ran", cached: "unchanged", "never-built": "never built" }[decision];
      const lines = [
        `${paint.bold(printable(id).padEnd(width))}  ${shown(word)}${reason === word ? "" : `  ${printable(reason)}`}`,
      ];
      if (causes.length > 0) lines.push(`  because of  ${causes.map(printable).join(" ← ")}`);
      if (pending !== undefined) lines.push(`  would run now  ${paint.yellow(printable(pending))}`);
      // `before` is there only where it was another.
      const rows = fields
        .filter(({ before }) => verbose || before !== undefined)
        .map(({ name, before, after }) => [
          printable(name),
          before === undefined ? shortened(after) : `${shortened(before)} → ${shortened(after)}`,
        ]);
      return [
        ...lines,
        ...table(rows).map((line) => `  ${paint.dim(line)}`),
        ...renderDecisions(explanation.decisions ?? [], paint),
      ];
    })
    .join("\n");
}

/** What a step has decided, a line each: `carried  ejs 3.1.10  3 files  45.2 kB  src/main.ts:9 names it`. */
function renderDecisions(decisions: readonly Decision[], paint: Colors): string[] {
  if (decisions.length === 0) return [];
  const rows = decisions.map(({ subject, decision, because, location, bytes, files }) => [
    decision,
    printable(subject),
    files === undefined ? "" : count(files, "file"),
    bytes === undefined ? "" : formatBytes(bytes),
    [because, location && `(${formatLocation(location)})`]
      .filter(Boolean)
      .map((text) => printable(text!))
      .join(" "),
  ]);
  const sums = [...new Set(decisions.map(({ decision }) => decision))].map((decision) => {
    const of = decisions.filter((one) => one.decision === decision);
    const bytes = of.reduce((sum, one) => sum + (one.bytes ?? 0), 0);
    return `${printable(decision)} ${of.length}${bytes > 0 ? ` (${formatBytes(bytes)})` : ""}`;
  });
  return ["", ...table(rows, [2, 3]).map((line) => `  ${line}`), `  ${paint.dim(sums.join(", "))}`];
}

/** Digests and long values as far as they tell one from another. */
function shortened(value: string | undefined): string {
  if (value === undefined) return "(none)";
  if (/^[0-9a-f]{64}$/.test(value)) return value.slice(0, 12);
  return printable(value.length > 80 ? `${value.slice(0, 79)}…` : value);
}
