import type { Finding, ScanDiff, ScanResult } from "@sbp/plugin-scan";
import type { Colors } from "../terminal.ts";
import { fit, printable, table } from "./text.ts";
import { formatBytes } from "./units.ts";

/** What has changed between two scans, for people. */
export function renderDiff(diff: ScanDiff, after: ScanResult, paint: Colors): string {
  const packages = [
    ...diff.added.map(({ name, version, bytes = 0 }) => ["+", name, version, growth(bytes)]),
    ...diff.removed.map(({ name, version, bytes = 0 }) => ["-", name, version, growth(-bytes)]),
    ...diff.changed.map(({ name, from, to, bytes }) => [
      "~",
      name,
      `${from.join(", ")} → ${to.join(", ")}`,
      growth(bytes),
    ]),
  ].map((row) => row.map(printable));
  const lines = [
    ...table(packages, [3]),
    ...findingRows("new", diff.newFindings).map((line) => paint.red(line)),
    ...findingRows("fixed", diff.fixedFindings).map((line) => paint.green(line)),
  ];
  if (diff.bytes !== undefined && diff.bytes !== 0) lines.push(`the file: ${growth(diff.bytes)}`);
  if (lines.length === 0) lines.push("no difference in what they consist of");
  if (after.refused) lines.push(paint.red("refused: there are findings that the policy does not accept"));
  return lines.join("\n");
}

function findingRows(word: string, findings: readonly Finding[]): string[] {
  return table(
    findings.map(({ id, severity, component, summary }) => [
      word,
      severity,
      printable(id),
      printable(`${component.name} ${component.version}`),
      fit(printable(summary), 60),
    ]),
  );
}

function growth(bytes: number): string {
  if (bytes === 0) return "";
  return `${bytes > 0 ? "+" : "-"}${formatBytes(Math.abs(bytes))}`;
}
