/*
 * Whether a version is affected: the algorithm of the OSV schema, "Evaluation".
 * https://ossf.github.io/osv-schema/#evaluation
 */
import type { Advisory, Affected, RangeEvent } from "./advisory.ts";
import { compareVersions, parseVersion, type Version } from "./version.ts";

export interface Verdict {
  /** The lowest later version that the advisory does not affect; undefined where it names none. */
  readonly fixedIn: string | undefined;
  /** Functions that hold the fault, where the record names them. */
  readonly functions: readonly string[];
}

/** Undefined where the advisory does not affect the version. */
export function evaluate(advisory: Advisory, name: string, version: string): Verdict | undefined {
  const entries = advisory.affected.filter((affected) => affected.package === name);
  const matching = entries.filter((affected) => isAffected(affected, version));
  if (matching.length === 0) return undefined;
  return {
    fixedIn: firstFixed(entries, version),
    functions: [...new Set(matching.flatMap(({ functions }) => functions))],
  };
}

/** A version that is none by SemVer is affected where `versions` names it. */
export function isAffected({ versions, ranges }: Affected, version: string): boolean {
  if (versions.includes(version)) return true;
  const parsed = parseVersion(version);
  if (!parsed) return false;
  return ranges.some((events) => inRange(events, parsed));
}

function inRange(events: readonly RangeEvent[], version: Version): boolean {
  const limits = events.flatMap(({ limit }) => (limit === undefined ? [] : [limit]));
  if (limits.length > 0 && !limits.some((limit) => compareTo(version, limit) < 0)) return false;
  let affected = false;
  for (const { introduced, fixed, lastAffected } of sorted(events)) {
    if (introduced !== undefined && compareTo(version, introduced) >= 0) affected = true;
    else if (fixed !== undefined && compareTo(version, fixed) >= 0) affected = false;
    else if (lastAffected !== undefined && compareTo(version, lastAffected) > 0) affected = false;
  }
  return affected;
}

/** By version; where one is both fixed and introduced, it is affected. */
function sorted(events: readonly RangeEvent[]): readonly RangeEvent[] {
  return events
    .filter(({ limit }) => limit === undefined)
    .sort((a, b) => compareBounds(boundOf(a), boundOf(b)) || kindRank(a) - kindRank(b));
}

function boundOf({ introduced, fixed, lastAffected }: RangeEvent): string {
  return introduced ?? fixed ?? lastAffected ?? "0";
}

function kindRank({ introduced }: RangeEvent): number {
  return introduced === undefined ? 0 : 1;
}

function compareBounds(a: string, b: string): number {
  const parsed = parseVersion(a);
  return parsed ? compareTo(parsed, b) : compareUnparsed(a, b);
}

/** "0" is before all versions, "*" behind them; those are the only bounds that are no versions. */
function compareUnparsed(a: string, b: string): number {
  if (a === b) return 0;
  return a === "0" || b === "*" ? -1 : 1;
}

function compareTo(version: Version, bound: string): number {
  if (bound === "0") return 1;
  const parsed = parseVersion(bound);
  return parsed ? compareVersions(version, parsed) : -1;
}

function firstFixed(entries: readonly Affected[], version: string): string | undefined {
  const parsed = parseVersion(version);
  if (!parsed) return undefined;
  const bounds = entries.flatMap(({ ranges }) =>
    ranges.flat().flatMap(({ fixed }) => (fixed === undefined ? [] : [fixed])),
  );
  return bounds
    .filter((bound) => compareTo(parsed, bound) < 0 && parseVersion(bound))
    .sort((a, b) => compareBounds(a, b))
    .find((bound) => !entries.some((affected) => isAffected(affected, bound)));
}
