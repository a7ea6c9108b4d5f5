import type { Severity } from "../severity.ts";

/** What one event of a range says; exactly one of the four is there. "0" is before every version, "*" behind all. */
export interface RangeEvent {
  readonly introduced?: string;
  readonly fixed?: string;
  readonly lastAffected?: string;
  readonly limit?: string;
}

/** Which versions of one package an advisory is about: any in `versions`, and those of any range. */
export interface Affected {
  /** `npm`, `Go`, `Debian:12`. */
  readonly ecosystem: string;
  readonly package: string;
  readonly versions: readonly string[];
  readonly ranges: readonly (readonly RangeEvent[])[];
  /** A bound of the ranges is no version: any version may be affected. */
  readonly unclear?: true;
  /** Functions that hold the fault, as the record names them: `(lodash).pick`; of Go the packages: `golang.org/x/crypto/ssh`. */
  readonly functions: readonly string[];
}

/** What is kept of an OSV record: all that a judgement needs, nothing to read. Only packages of npm, Go and Debian are kept. */
export interface Advisory {
  readonly id: string;
  readonly aliases: readonly string[];
  readonly summary: string;
  readonly severity: Severity;
  /** Reported as made to do harm, not as a mistake. */
  readonly malicious: boolean;
  /** RFC 3339. */
  readonly modified: string;
  readonly affected: readonly Affected[];
}

/** What a database is asked by: the name of a package of npm; of another ecosystem with that before it. */
export function packageKey(ecosystem: string, name: string): string {
  // No package of npm has such a name.
  return ecosystem === "npm" ? name : `${ecosystem}/${name}`;
}
