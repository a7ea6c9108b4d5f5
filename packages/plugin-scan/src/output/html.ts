/* A scan as a page for people: one file, without scripts and without anything from elsewhere. All that it shows is escaped. */
import { isThere } from "../finding.ts";
import { type Component, titleOf } from "../inventory/inventory.ts";
import type { JudgedCheck, JudgedFinding } from "../policy.ts";
import type { ScanResult } from "../result.ts";
import { type Severity, severityRank } from "../severity.ts";
import { htmlStyle } from "./html-style.ts";

/** HTML that is safe to put into a page. */
class Html {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

const tones: Readonly<Record<Severity, string>> = {
  critical: "bad",
  high: "bad",
  unknown: "bad",
  medium: "odd",
  low: "dim",
};

export function htmlReport(result: ScanResult): string {
  const { inventory, findings, checks, undetermined, notes, tool, at } = result;
  const { subject, components } = inventory;
  const open = findings.filter(({ ignored }) => !ignored);
  const wrong = checks
    .filter(({ ignored }) => !ignored)
    .sort((a, b) => severityRank(b.severity) - severityRank(a.severity));
  const accepted = [...findings, ...checks].filter(({ ignored }) => ignored);
  const title = titleOf(subject);
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${title}: scan</title>
<style>${new Html(htmlStyle)}</style>
</head>
<body>
<main>
<h1>${title}</h1>
<p class="facts">${facts(result)}</p>
${verdict(result)}
${section("Known vulnerabilities", table(["Severity", "Vulnerability", "In", "Evidence", "Mended by"], open.filter(isThere).map(findingRow)))}
${section(`The ${subject.kind} itself`, table(["Severity", "Check", "What is wrong", "What to do"], wrong.map(checkRow)))}
${section("Not affected", table(["Vulnerability", "In", "Why"], open.filter((one) => !isThere(one)).map(absentRow)))}
${section("Accepted", table(["What", "Where", "Why", "Until"], accepted.map(acceptedRow)))}
${section("To be looked at", list([...notes.map(({ kind, entry }) => `The entry of "ignore" for ${entry.id} ${kind === "expired" ? "has expired" : "is not needed"}.`), ...undetermined]))}
${contents(components)}
<p class="dim">Made by sbp scan ${tool}, as of <time datetime="${at}">${at.slice(0, 10)}</time>.</p>
</main>
</body>
</html>
`;
  // Empty sections leave empty lines.
  return page.text.replace(/\n{2,}/g, "\n");
}

function facts({ inventory, database }: ScanResult): string {
  const { subject, components } = inventory;
  const packages = components.filter(({ kind, place }) => kind === "npm" && place !== "removed").length;
  const runtime = components.find(({ kind }) => ["node", "bun", "deno", "go"].includes(kind));
  return [
    subject.path,
    subject.target,
    `${packages} ${packages === 1 ? "package" : "packages"}`,
    runtime && titleOf(runtime),
    subject.sha256 && `sha256:${subject.sha256}`,
    database
      ? `database of ${database.date?.slice(0, 10) ?? "unknown date"}, ${database.records} records`
      : "no database of vulnerabilities",
  ]
    .filter(Boolean)
    .join(" · ");
}

function verdict({ findings, checks, database }: ScanResult): Html {
  const refused = [...findings, ...checks].filter((one) => one.refused).length;
  const say = (tone: string, text: string) => html`<p class="verdict ${tone}">${text}</p>`;
  if (refused > 0) return say("bad", `Refused: ${refused} that the policy does not accept`);
  if (!database) return say("odd", "Nothing was looked up: there was no database of vulnerabilities");
  const there = findings.filter((one) => isThere(one) && !one.ignored).length;
  return there > 0
    ? say("odd", `Accepted: ${there} below what the policy refuses`)
    : say("good", "Nothing that the policy refuses");
}

function findingRow({
  severity,
  id,
  url,
  summary,
  component,
  via,
  because,
  level,
  fixedIn,
  command,
}: JudgedFinding): Html[] {
  return [
    severityOf(severity),
    html`${link(url, id)}<br>${summary}`,
    html`${titleOf(component)}${via === undefined ? "" : ` through ${via}`}`,
    html`${level}: ${because}`,
    command === undefined ? html`${fixedIn ?? "no version"}` : html`<code>${command}</code>`,
  ];
}

function checkRow({ severity, rule, message, place, hint }: JudgedCheck): Html[] {
  return [
    severityOf(severity),
    html`${rule}`,
    html`${place === undefined ? "" : `${place}: `}${message}`,
    html`${hint}`,
  ];
}

function absentRow({ id, url, component, because }: JudgedFinding): Html[] {
  return [link(url, id), html`${titleOf(component)}`, html`${because}`];
}

function acceptedRow(one: JudgedFinding | JudgedCheck): Html[] {
  const { reason = "", expires = "for good" } = one.ignored ?? {};
  const [what, where] =
    "rule" in one ? [html`${one.rule}`, one.place ?? ""] : [link(one.url, one.id), titleOf(one.component)];
  return [what, html`${where}`, html`${reason}`, html`${expires}`];
}

function contents(components: readonly Component[]): Html {
  const rows = components.map((component) => [
    html`${titleOf(component)}`,
    html`${component.kind}, ${component.place}`,
    html`${component.license ?? ""}`,
  ]);
  if (rows.length === 0) return html``;
  return html`<h2>What is in it</h2>
<details><summary>${rows.length} components</summary>
${table(["Component", "Kind", "Licence"], rows)}
</details>`;
}

function severityOf(severity: Severity): Html {
  return html`<strong class="${tones[severity]}">${severity}</strong>`;
}

/** Addresses come from a database: only such that a browser can do nothing else with than go there. */
function link(url: string, text: string): Html {
  return /^https?:\/\//.test(url) ? html`<a href="${url}" rel="noreferrer">${text}</a>` : html`${text}`;
}

function section(title: string, content: Html): Html {
  return content.text === "" ? content : html`<h2>${title}</h2>\n${content}`;
}

function list(sentences: readonly string[]): Html {
  return sentences.length === 0
    ? html``
    : html`<ul>${sentences.map((sentence) => html`<li>${sentence}</li>`)}</ul>`;
}

/** On a narrow screen each row is a block, in which cells bear the names of their columns. */
function table(columns: readonly string[], rows: readonly (readonly Html[])[]): Html {
  if (rows.length === 0) return html``;
  const line = (cells: readonly Html[]) =>
    html`<tr>${cells.map((cell, index) => html`<td data-name="${columns[index]!}">${cell}</td>`)}</tr>\n`;
  return html`<table>
<thead><tr>${columns.map((name) => html`<th scope="col">${name}</th>`)}</tr></thead>
<tbody>
${rows.map(line)}</tbody>
</table>`;
}

/** What is put in is escaped, unless it is HTML made by this function. */
function html(
  parts: TemplateStringsArray,
  ...values: readonly (string | number | Html | readonly Html[])[]
): Html {
  const shown = (value: (typeof values)[number]): string => {
    if (value instanceof Html) return value.text;
    return typeof value === "object" ? value.map(shown).join("") : escaped(String(value));
  };
  return new Html(
    parts.map((part, index) => (index === 0 ? part : shown(values[index - 1]!) + part)).join(""),
  );
}

function escaped(text: string): string {
  // Control characters, and marks that turn the direction of writing around, have no business in a page.
  return text
    .replace(/[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, "\ufffd")
    .replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
