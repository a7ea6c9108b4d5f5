/*
 * Reads OSV records, as https://ossf.github.io/osv-schema/ (1.7) describes them, into what is kept of them. A record comes from
 * anywhere: it is checked as far as it is used, and one that is malformed is an error. An advisory that is dropped in silence
 * is a vulnerability that nobody hears of.
 */
import { type Severity, severities, severityNamed, severityOfScore, severityRank } from "../severity.ts";
import type { Advisory, Affected, RangeEvent } from "./advisory.ts";
import { cvss3BaseScore } from "./cvss3.ts";
import { type Ordering, orderingOf } from "./ordering.ts";

export class RecordError extends Error {
  override readonly name = "RecordError";
}

type Fields = Readonly<Record<string, unknown>>;

const longestSummary = 300;

/** True for an object with the fields that every OSV record has. */
export function isOsvRecord(value: unknown): value is Fields {
  return isFields(value) && typeof value["id"] === "string" && typeof value["modified"] === "string";
}

/** Undefined for records that say nothing: withdrawn ones, and those on other ecosystems. Throws RecordError. */
export function readRecord(record: Fields): Advisory | undefined {
  const id = text(record["id"], "id");
  const modified = text(record["modified"], "modified");
  if (Number.isNaN(Date.parse(modified)))
    throw new RecordError(`"modified" is no time: ${clipped(modified)}`);
  if (record["withdrawn"] !== undefined && record["withdrawn"] !== null) return undefined;
  const affected = list(record["affected"], "affected").flatMap((entry) => readAffected(entry));
  if (affected.length === 0) return undefined;
  const malicious = id.startsWith("MAL-");
  return {
    id,
    aliases: list(record["aliases"], "aliases").map((alias) => text(alias, "aliases")),
    summary: summaryOf(record),
    severity: malicious ? "critical" : severityOf(record),
    malicious,
    modified,
    affected,
  };
}

function readAffected(value: unknown): Affected[] {
  const entry = fields(value, "affected");
  // "package" is optional for records on commits alone.
  if (entry["package"] === undefined) return [];
  const found = fields(entry["package"], "package");
  const ecosystem = text(found["ecosystem"], "package.ecosystem");
  const ordering = orderingOf(ecosystem);
  if (!ordering) return [];
  const specific = isFields(entry["ecosystem_specific"]) ? entry["ecosystem_specific"] : {};
  const functions = ecosystem === "Go" ? importedPaths(specific["imports"]) : specific["affected_functions"];
  const ranges = list(entry["ranges"], "ranges").flatMap((range) => readRange(range));
  return [
    {
      ecosystem,
      package: text(found["name"], "package.name"),
      versions: list(entry["versions"], "versions").map((version) => text(version, "versions")),
      ranges,
      ...(isUnclear(ranges, ordering) && { unclear: true }),
      functions: Array.isArray(functions) ? functions.filter((one) => typeof one === "string") : [],
    },
  ];
}

/** Packages of a Go module, as Go's database names them (go.dev/doc/security/vuln/database#schema). */
function importedPaths(imports: unknown): unknown {
  return Array.isArray(imports) ? imports.map((one) => isFields(one) && one["path"]) : undefined;
}

/** Ranges of npm's packages are versions of SemVer, whichever of the two names they go by; commits are passed over. */
function readRange(value: unknown): RangeEvent[][] {
  const range = fields(value, "ranges");
  const type = text(range["type"], "ranges.type");
  if (type === "GIT") return [];
  if (type !== "SEMVER" && type !== "ECOSYSTEM")
    throw new RecordError(`unknown type of range: ${clipped(type)}`);
  return [list(range["events"], "events").map((event) => readEvent(event))];
}

/** One odd bound among many records must not stop a scan, nor hide the record: it is marked. */
function isUnclear(ranges: readonly (readonly RangeEvent[])[], ordering: Ordering): boolean {
  const bounds = ranges.flat().flatMap((event) => Object.values(event) as string[]);
  return bounds.some((bound) => bound !== "0" && bound !== "*" && !ordering.isVersion(bound));
}

const eventNames = {
  introduced: "introduced",
  fixed: "fixed",
  last_affected: "lastAffected",
  limit: "limit",
} as const;

function readEvent(value: unknown): RangeEvent {
  const event = fields(value, "events");
  for (const [name, own] of Object.entries(eventNames)) {
    if (event[name] === undefined) continue;
    return { [own]: text(event[name], name) };
  }
  throw new RecordError('an event has none of "introduced", "fixed", "last_affected" and "limit"');
}

/** The word that a database gives where there is one, else the worst of the scores. */
function severityOf(record: Fields): Severity {
  const specific = isFields(record["database_specific"]) ? record["database_specific"] : {};
  const named = severityNamed(specific["severity"]);
  if (named !== "unknown") return named;
  const scored = list(record["severity"], "severity").flatMap((entry): Severity[] => {
    const { score } = fields(entry, "severity");
    const points = typeof score === "string" ? cvss3BaseScore(score) : undefined;
    return points === undefined ? [] : [severityOfScore(points)];
  });
  return scored.sort((a, b) => severityRank(b) - severityRank(a))[0] ?? severities[0];
}

function summaryOf(record: Fields): string {
  const { summary, details } = record;
  const whole = typeof summary === "string" && summary ? summary : typeof details === "string" ? details : "";
  const line = whole.trim().split("\n", 1)[0]!.trim();
  return line.length > longestSummary ? `${line.slice(0, longestSummary)}…` : line;
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function fields(value: unknown, name: string): Fields {
  if (!isFields(value)) throw new RecordError(`"${name}" is no object`);
  return value;
}

function list(value: unknown, name: string): readonly unknown[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw new RecordError(`"${name}" is no list`);
  return value;
}

function text(value: unknown, name: string): string {
  if (typeof value !== "string" || value === "") throw new RecordError(`"${name}" is no text`);
  return value;
}

function clipped(value: string): string {
  return JSON.stringify(value.slice(0, 60));
}
