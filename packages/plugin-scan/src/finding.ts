import type { Level } from "./evidence.ts";
import type { Component } from "./inventory/inventory.ts";
import type { Advisory } from "./osv/advisory.ts";
import type { Severity } from "./severity.ts";

/** One vulnerability of one component. */
export interface Finding {
  /** `GHSA-…`, `MAL-…`, `CVE-…`. */
  readonly id: string;
  /** Other names of the same, sorted. */
  readonly aliases: readonly string[];
  readonly summary: string;
  readonly severity: Severity;
  readonly malicious: boolean;
  readonly url: string;
  readonly component: Component;
  readonly level: Level;
  /** Why it is of that level: one sentence. */
  readonly because: string;
  /** What the app itself imports and that needs the component, over others; absent for what the app imports itself. */
  readonly via?: string;
  /** The lowest later version without it; undefined where there is none. */
  readonly fixedIn: string | undefined;
  /** What to type to get that. */
  readonly command: string | undefined;
}

/** Something about the file or image itself that is not as it should be. */
export interface Check {
  /** `hardening/no-signature`, `secret/aws`, `license/not-allowed`. */
  readonly rule: string;
  readonly severity: Severity;
  readonly message: string;
  /** Where in the file or image: a path; undefined for the whole. */
  readonly place: string | undefined;
  readonly hint: string;
}

/** The levels at which the fault's code is there, or may be. */
export function isThere({ level }: Pick<Finding, "level">): boolean {
  return level !== "lockfile" && level !== "removed";
}

/** What a finding has of its advisory. */
export function factsOf({ id, aliases, summary, severity, malicious }: Advisory) {
  const sorted = [...aliases].sort();
  return { id, aliases: sorted, summary, severity, malicious, url: `https://osv.dev/vulnerability/${id}` };
}
