import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type App, type RunnableTarget, runnableTargets } from "./app.ts";

/** What a cell says of an app that does under sbp what it does under node. */
export const works = "works";

/** What a cell says where an app was never meant for the target. */
const notMeant = "–";

const start = "<!-- Results: npm run test:compatibility with UPDATE=1 -->";
const end = "<!-- End of the results -->";
const longestCell = 110;

/** Per app and target: `works`, or why not. */
export type Results = Map<string, Map<RunnableTarget, string>>;

/** The results that the document tells. */
export function readResults(file: string): Results {
  const results: Results = new Map();
  if (!existsSync(file)) return results;
  for (const line of readFileSync(file, "utf8").split("\n")) {
    const cells = line.split(/(?<!\\)\|/).map((cell) => cell.trim().replaceAll("\\|", "|"));
    const name = /^`(.+)`$/.exec(cells[1] ?? "")?.[1];
    if (name === undefined || cells.length !== runnableTargets.length + 5) continue;
    results.set(name, new Map(runnableTargets.map((target, index) => [target, cells[index + 4]!] as const)));
  }
  return results;
}

/** Puts the results between the document's two markers; the prose around them stays. */
export function writeResults(file: string, apps: readonly App[], results: Results, modules: string): void {
  const document = readFileSync(file, "utf8");
  const [before, rest] = document.split(start);
  const after = rest?.split(end)[1];
  if (before === undefined || after === undefined) throw new Error(`${file} has lost its markers`);
  const withPackages = apps.filter(({ packages }) => packages.length > 0);
  const without = apps.filter(({ packages }) => packages.length === 0);
  const text = [
    totals(apps, results),
    "### Packages",
    tableOf(withPackages, results, modules),
    "### What Node offers",
    tableOf(without, results, modules),
  ].join("\n\n");
  writeFileSync(file, `${before}${start}\n\n${text}\n\n${end}${after}`);
}

function totals(apps: readonly App[], results: Results): string {
  const counts = runnableTargets.map((target) => {
    const meant = apps.filter(({ targets }) => targets.includes(target));
    const good = meant.filter(({ name }) => results.get(name)?.get(target) === works);
    return `${good.length} of ${meant.length} on ${target}`;
  });
  return `Of ${apps.length} apps work: ${counts.join(", ")}.`;
}

function tableOf(apps: readonly App[], results: Results, modules: string): string {
  const rows = apps.map((app) => {
    const packages = app.packages.map((name) => `${name} ${installedVersion(modules, name)}`).join(", ");
    const cells = runnableTargets.map((target) => cellOf(app, target, results));
    return row([`\`${app.name}\``, packages || "–", app.what, ...cells]);
  });
  const head = ["App", "Packages", "What it shows", ...runnableTargets];
  return [row(head), row(head.map(() => "---")), ...rows].join("\n");
}

function cellOf(app: App, target: RunnableTarget, results: Results): string {
  if (!app.targets.includes(target)) return notMeant;
  return results.get(app.name)?.get(target) ?? "not tried";
}

function row(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
}

function installedVersion(modules: string, name: string): string {
  return (JSON.parse(readFileSync(join(modules, name, "package.json"), "utf8")) as { version: string })
    .version;
}

/** A reason that fits into a cell, on one line. */
export function shortened(reason: string): string {
  const line = reason.replace(/[\s`<>]+/g, " ").trim();
  return line.length > longestCell ? `${line.slice(0, longestCell - 1).trimEnd()}…` : line;
}
