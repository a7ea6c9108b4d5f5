/*
 * Whether a version is affected: the algorithm of the OSV schema, "Evaluation".
 * https://ossf.github.io/osv-schema/#evaluation
 */
import { type Advisory, type Affected, packageKey, type RangeEvent } from "./advisory.ts";
import { type Ordering, orderingOf } from "./ordering.ts";

export interface Verdict {
  /** The lowest later version that the advisory does not affect; undefined where it names none. */
  readonly fixedIn: string | undefined;
  /** Functions that hold the fault, of Go packages, where the record names them. */
  readonly functions: readonly string[];
  /** Whether it affects the version cannot be told: a range of the record cannot be read. */
  readonly unclear: boolean;
}

/**
 * Undefined where the advisory does not affect the version.
 *
 * @param key as `packageKey` makes it
 */
export function evaluate(advisory: Advisory, key: string, version: string): Verdict | undefined {
  const entries = advisory.affected.filter(
    (affected) => packageKey(affected.ecosystem, affected.package) === key,
  );
  const ordering = orderingOf(entries[0]?.ecosystem ?? "");
  if (!ordering) return undefined;
  const clear = entries.filter(({ unclear }) => !unclear);
  const sure = clear.filter((affected) => isAffected(affected, version, ordering));
  const unclear = sure.length === 0 && entries.some((entry) => entry.unclear);
  if (sure.length === 0 && !unclear) return undefined;
  const matching = unclear ? entries : sure;
  return {
    unclear,
    fixedIn: unclear ? undefined : firstFixed(clear, version, ordering),
    functions: [...new Set(matching.flatMap(({ functions }) => functions))],
  };
}

/** What is no version of its ecosystem is affected where `versions` names it. */
function isAffected({ versions, ranges }: Affected, version: string, ordering: Ordering): boolean {
  if (versions.includes(version)) return true;
  return ordering.isVersion(version) && ranges.some((events) => inRange(events, version, ordering));
}

function inRange(events: readonly RangeEvent[], version: string, ordering: Ordering): boolean {
  const compareTo = (bound: string) => compareBounds(version, bound, ordering);
  const limits = events.flatMap(({ limit }) => (limit === undefined ? [] : [limit]));
  if (limits.length > 0 && !limits.some((limit) => compareTo(limit) < 0)) return false;
  let affected = false;
  for (const { introduced, fixed, lastAffected } of sorted(events, ordering)) {
    if (introduced !== undefined && compareTo(introduced) >= 0) affected = true;
    else if (fixed !== undefined && compareTo(fixed) >= 0) affected = false;
    else if (lastAffected !== undefined && compareTo(lastAffected) > 0) affected = false;
  }
  return affected;
}

/** By version; where one is both fixed and introduced, it is affected. */
function sorted(events: readonly RangeEvent[], ordering: Ordering): readonly RangeEvent[] {
  return events
    .filter(({ limit }) => limit === undefined)
    .sort((a, b) => compareBounds(boundOf(a), boundOf(b), ordering) || kindRank(a) - kindRank(b));
}

function boundOf({ introduced, fixed, lastAffected }: RangeEvent): string {
  return introduced ?? fixed ?? lastAffected ?? "0";
}

function kindRank({ introduced }: RangeEvent): number {
  return introduced === undefined ? 0 : 1;
}

/** "0" is before all versions, "*" behind them. */
function compareBounds(a: string, b: string, ordering: Ordering): number {
  if (a === b) return 0;
  if (a === "0" || b === "*") return -1;
  if (b === "0" || a === "*") return 1;
  return ordering.compare(a, b);
}

function firstFixed(entries: readonly Affected[], version: string, ordering: Ordering): string | undefined {
  if (!ordering.isVersion(version)) return undefined;
  return entries
    .flatMap(({ ranges }) => ranges.flat().flatMap(({ fixed }) => (fixed === undefined ? [] : [fixed])))
    .filter((bound) => ordering.isVersion(bound) && compareBounds(version, bound, ordering) < 0)
    .sort((a, b) => compareBounds(a, b, ordering))
    .find((bound) => !entries.some((affected) => isAffected(affected, bound, ordering)));
}
