import { version } from "@sbp/core";
import type { Database } from "./database/database.ts";
import { findVulnerabilities } from "./find.ts";
import type { Check } from "./finding.ts";
import type { Component, Inventory } from "./inventory/inventory.ts";
import { judge, type Policy } from "./policy.ts";
import type { ScannedDatabase, ScanResult } from "./result.ts";

export interface ScanRequest {
  readonly inventory: Inventory;
  readonly checks: readonly Check[];
  readonly database: Database | undefined;
  /** What results call the database, where its place on this machine is no part of them. */
  readonly databaseName?: string;
  readonly policy: Policy;
  /** The time as of which is judged, RFC 3339; undefined where none is known. */
  readonly at: string | undefined;
  /** What else could not be found out, in words. */
  readonly undetermined?: readonly string[];
}

/** Looks up what is known against an inventory, and judges it. */
export function conclude(request: ScanRequest): ScanResult {
  const { inventory, checks, database, databaseName, policy, at, undetermined = [] } = request;
  const today = at?.slice(0, 10);
  const found = findVulnerabilities(inventory, database, today);
  return {
    ...judge(found.findings, checks, policy, today),
    inventory,
    database: database && describe(database, databaseName ?? database.source, at),
    undetermined: [...found.undetermined, ...undetermined],
    at: at === undefined ? "1970-01-01T00:00:00Z" : withoutFractions(at),
    tool: version,
  };
}

/** The executable's components, and those that only the lock file has. */
export function withLockFile(inventory: Inventory, locked: Pick<Inventory, "components">): Inventory {
  const key = ({ kind, name, version }: Component) => `${kind} ${name}@${version}`;
  const known = new Set(inventory.components.map(key));
  const only = locked.components.filter((component) => !known.has(key(component)));
  // Their dependencies are indices of another list.
  const added = only.map(({ dependencies: _, ...component }) => component);
  return { ...inventory, components: [...inventory.components, ...added] };
}

function describe({ date, records }: Database, source: string, at: string | undefined): ScannedDatabase {
  const age =
    date === undefined || at === undefined
      ? undefined
      : Math.max(0, Math.floor((Date.parse(at) - Date.parse(date)) / 86_400_000));
  return { source, date, records, age };
}

function withoutFractions(time: string): string {
  return new Date(time).toISOString().replace(/\.\d+Z$/, "Z");
}
