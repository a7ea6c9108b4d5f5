import { Comparator, Range, satisfies } from "semver";
import type { Advisory, RangeEvent } from "../osv/advisory.ts";
import { severityNamed } from "../severity.ts";

const options = { includePrerelease: true } as const;

/**
 * The answer of the bulk endpoint: per package a list of `id, url, title, severity, vulnerable_versions`. Ranges of npm's become those
 * of OSV where they say the same; else the versions that were asked for are judged here. Throws RangeError.
 */
export function readBulkAnswer(
  answer: unknown,
  asked: Readonly<Record<string, readonly string[]>>,
): Advisory[] {
  if (typeof answer !== "object" || answer === null || Array.isArray(answer))
    throw new RangeError("no object");
  return Object.entries(answer).flatMap(([name, list]) => {
    if (!Array.isArray(list)) throw new RangeError("no list");
    return list.map((entry) => readEntry(entry, name, asked[name] ?? []));
  });
}

function readEntry(entry: unknown, name: string, versions: readonly string[]): Advisory {
  const { id, url, title, severity, vulnerable_versions: range } = (entry ?? {}) as Record<string, unknown>;
  if (typeof range !== "string" || range.length > 5000) throw new RangeError("no range");
  const found = typeof url === "string" ? /\b(GHSA(?:-[0-9a-z]{4}){3})\b/.exec(url)?.[1] : undefined;
  const events = eventsOf(range);
  return {
    id:
      found ??
      `NPM-${String(id)
        .replace(/[^\w-]/g, "")
        .slice(0, 40)}`,
    aliases: [],
    summary: typeof title === "string" ? title.slice(0, 300) : "",
    severity: severityNamed(severity),
    malicious: false,
    modified: "1970-01-01T00:00:00Z",
    affected: [
      {
        ecosystem: "npm",
        package: name,
        versions: events ? [] : versions.filter((version) => satisfies(version, range, options)),
        ranges: events ?? [],
        functions: [],
      },
    ],
  };
}

/** Undefined for a range that OSV's events cannot say. */
function eventsOf(range: string): RangeEvent[][] | undefined {
  const sets = new Range(range, options).set.map((comparators) => setEvents(comparators));
  return sets.every((events) => events !== undefined) ? sets : undefined;
}

function setEvents(comparators: readonly Comparator[]): RangeEvent[] | undefined {
  const events: RangeEvent[] = [];
  for (const { operator, semver } of comparators) {
    // `*` has no version.
    if ((semver as unknown) === (Comparator as unknown as { ANY: symbol }).ANY) continue;
    const { version } = semver;
    if (operator === ">=") events.push({ introduced: version });
    else if (operator === "<") events.push({ fixed: version });
    else if (operator === "<=") events.push({ lastAffected: version });
    else return undefined;
  }
  if (!events.some(({ introduced }) => introduced !== undefined)) events.push({ introduced: "0" });
  return events;
}
