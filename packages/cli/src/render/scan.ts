import type { Diagnostic } from "@sbp/core";
import type {
  Component,
  IgnoreNote,
  JudgedCheck,
  JudgedFinding,
  ScanResult,
  Severity,
} from "@sbp/plugin-scan";
import type { Colors } from "../terminal.ts";
import { fit, printable, table } from "./text.ts";
import { count, formatBytes } from "./units.ts";

const longestSummary = 70;

/** A scan for people: findings by package, then what is wrong with the file itself, then what is not known. */
export function renderScan(result: ScanResult, paint: Colors): string {
  const there = result.findings.filter((finding) => !isAbsent(finding) && !finding.ignored);
  const absent = result.findings.filter((finding) => isAbsent(finding) && !finding.ignored);
  const accepted = [...result.findings, ...result.checks].filter(({ ignored }) => ignored);
  const blocks = [
    [subjectLine(result, paint), databaseLine(result, paint)],
    ...byComponent(there).map((findings) => componentBlock(findings, paint)),
    checkLines(
      result.checks.filter(({ ignored }) => !ignored),
      paint,
    ),
    absentLines(absent, paint),
    acceptedLines(accepted, paint),
    noteLines(result.notes, paint),
    // Of a database that is missing, the first lines tell.
    result.undetermined
      .filter((sentence) => result.database || !sentence.startsWith("No database "))
      .map((sentence) => paint.dim(`not judged: ${printable(sentence)}`)),
    [closingLine(result, there, paint)],
  ];
  return blocks
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join("\n"))
    .join("\n\n");
}

function isAbsent({ level }: JudgedFinding): boolean {
  return level === "removed" || level === "lockfile";
}

function subjectLine({ inventory }: ScanResult, paint: Colors): string {
  const { subject, components } = inventory;
  const packages = components.filter(({ kind, place }) => kind === "npm" && place !== "removed").length;
  const runtime = components.find(({ kind }) => ["node", "bun", "deno", "go"].includes(kind));
  const facts = [
    subject.target,
    subject.maker && subject.maker !== "sbp" ? `made by ${subject.maker}` : undefined,
    packages > 0 ? count(packages, "package") : undefined,
    runtime && `${runtime.name} ${runtime.version}`,
    subject.size === undefined ? undefined : formatBytes(subject.size),
  ];
  const title = `${subject.name} ${subject.version}`.trim();
  return [
    paint.bold(printable(title)),
    facts
      .filter(Boolean)
      .map((fact) => printable(fact!))
      .join(", "),
  ]
    .filter(Boolean)
    .join("  ");
}

function databaseLine({ database }: ScanResult, paint: Colors): string {
  if (!database)
    return paint.yellow("no database: nothing was looked up; `sbp scan --update-db` fetches one");
  const { date, age, records } = database;
  const line = `database of ${date?.slice(0, 10) ?? "unknown date"}, ${count(records, "record")}`;
  if (age === undefined || age <= 14) return paint.dim(line);
  return paint.yellow(
    `${line}: ${age} days old, newer vulnerabilities are not in it; \`sbp scan --update-db\` fetches it anew`,
  );
}

function byComponent(findings: readonly JudgedFinding[]): JudgedFinding[][] {
  const groups = new Map<Component, JudgedFinding[]>();
  for (const finding of findings)
    groups.set(finding.component, [...(groups.get(finding.component) ?? []), finding]);
  return [...groups.values()];
}

function componentBlock(findings: readonly JudgedFinding[], paint: Colors): string[] {
  const [{ component, via }] = findings as [JudgedFinding];
  const rows = findings.map(({ severity, id, level, summary, fixedIn }) => [
    severity,
    printable(id),
    level,
    fixedIn === undefined ? "no fix" : `→ ${fixedIn}`,
    fit(printable(summary), longestSummary),
  ]);
  const lines = table(rows).map((line, index) => `  ${colored(line, findings[index]!.severity, paint)}`);
  const reasons = [...new Set(findings.map(({ because }) => because))].map(
    (because) => `  ${paint.dim(printable(because))}`,
  );
  const commands = [...new Set(findings.flatMap(({ command }) => command ?? []))];
  // Several versions of one package's fixes: the last is the highest, and mends all.
  const command = highestCommand(commands);
  return [
    paint.bold(printable(`${component.name} ${component.version}`)) +
      (via === undefined ? "" : paint.dim(`  through ${printable(via)}`)),
    ...lines,
    ...reasons,
    ...(command ? [`  ${paint.green("fix")}  ${printable(command)}`] : []),
  ];
}

function highestCommand(commands: readonly string[]): string | undefined {
  const numbers = (text: string) => (text.split("@").at(-1) ?? "").split(/[.-]/).map(Number);
  const isLower = (a: string, b: string) => {
    const [left, right] = [numbers(a), numbers(b)];
    const index = left.findIndex((number, at) => number !== right[at]);
    return index >= 0 && left[index]! < (right[index] ?? 0);
  };
  return commands.reduce<string | undefined>(
    (highest, command) => (highest === undefined || isLower(highest, command) ? command : highest),
    undefined,
  );
}

function colored(line: string, severity: Severity, paint: Colors): string {
  const color = {
    critical: paint.red,
    high: paint.red,
    unknown: paint.red,
    medium: paint.yellow,
    low: paint.dim,
  }[severity];
  return color(line);
}

function checkLines(checks: readonly JudgedCheck[], paint: Colors): string[] {
  if (checks.length === 0) return [];
  return [
    paint.bold("the file itself"),
    ...checks.flatMap(({ severity, rule, message, place, hint }) => {
      const where = place === undefined ? "" : `${printable(place)}: `;
      return [
        `  ${colored(severity.padEnd(8), severity, paint)}  ${printable(rule)}  ${where}${printable(message)}`,
        `  ${paint.dim(printable(hint))}`,
      ];
    }),
  ];
}

function absentLines(findings: readonly JudgedFinding[], paint: Colors): string[] {
  if (findings.length === 0) return [];
  const rows = findings.map(({ component, id, because }) => [
    printable(`${component.name} ${component.version}`),
    printable(id),
    printable(because),
  ]);
  return [paint.bold("not affected"), ...table(rows).map((line) => `  ${paint.dim(line)}`)];
}

function acceptedLines(accepted: readonly (JudgedFinding | JudgedCheck)[], paint: Colors): string[] {
  if (accepted.length === 0) return [];
  const rows = accepted.map((one) => [
    printable("rule" in one ? one.rule : one.id),
    printable("rule" in one ? (one.place ?? "") : `${one.component.name} ${one.component.version}`),
    one.ignored?.expires ? `until ${printable(one.ignored.expires)}` : "",
    printable(one.ignored?.reason ?? ""),
  ]);
  return [paint.bold("accepted"), ...table(rows).map((line) => `  ${paint.dim(line)}`)];
}

function noteLines(notes: readonly IgnoreNote[], paint: Colors): string[] {
  return notes.map(({ kind, entry }) =>
    paint.yellow(
      kind === "expired"
        ? `the entry of "ignore" for ${printable(entry.id)} has expired (${printable(entry.expires ?? "")})`
        : `the entry of "ignore" for ${printable(entry.id)} is not needed: nothing of that name is found`,
    ),
  );
}

function closingLine(result: ScanResult, there: readonly JudgedFinding[], paint: Colors): string {
  const refused = [...result.findings, ...result.checks].filter((one) => one.refused).length;
  if (refused > 0) return paint.red(`refused: ${count(refused, "finding")} that the policy does not accept`);
  if (!result.database) return paint.yellow("nothing was looked up");
  if (there.length > 0)
    return paint.green(`accepted: ${count(there.length, "finding")} below what the policy refuses`);
  const accepted = [...result.findings, ...result.checks].some(({ ignored }) => ignored);
  return paint.green(accepted ? "nothing that the policy refuses" : "nothing is known against it");
}

/** What is refused or may be, as annotations of a workflow. */
export function scanDiagnostics({ findings, checks, inventory }: ScanResult): Diagnostic[] {
  const location = inventory.subject.kind === "image" ? undefined : { file: inventory.subject.path };
  return [
    ...findings
      .filter((finding) => !isAbsent(finding) && !finding.ignored)
      .map(
        ({ id, severity, component, summary, level, because, command, refused }): Diagnostic => ({
          severity: refused ? "error" : "warning",
          code: id,
          message: `${component.name} ${component.version}: ${summary} (${severity}; ${level}: ${because})`,
          ...(command && { hint: command }),
          ...(location && { location }),
        }),
      ),
    ...checks
      .filter(({ ignored }) => !ignored)
      .map(
        ({ rule, message, place, hint, refused }): Diagnostic => ({
          severity: refused ? "error" : "warning",
          code: rule,
          message: place === undefined ? message : `${place}: ${message}`,
          hint,
          ...(location && { location }),
        }),
      ),
  ];
}
