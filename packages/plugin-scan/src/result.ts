import type { Inventory } from "./inventory/inventory.ts";
import type { Judgement } from "./policy.ts";

/** A scan that is over: what every output tells of. */
export interface ScanResult extends Judgement {
  readonly inventory: Inventory;
  /** Undefined where there was none. */
  readonly database: ScannedDatabase | undefined;
  /** What could not be judged, in words: for people. */
  readonly undetermined: readonly string[];
  /** The time as of which it is judged, RFC 3339 in UTC, without fractions of seconds. */
  readonly at: string;
  /** The version of sbp. */
  readonly tool: string;
}

export interface ScannedDatabase {
  readonly source: string;
  /** When its newest record was changed, RFC 3339. */
  readonly date: string | undefined;
  readonly records: number;
  /** Days from `date` to the time of the scan. */
  readonly age: number | undefined;
}

/** Days after which a database is called old: advisories come daily. */
export const oldDatabase = 14;
