import { stat } from "node:fs/promises";
import { join } from "node:path";
import { cacheFolder } from "@sbp/core";

/** Where `sbp scan --update-db` keeps what it fetches. */
export function fetchedDatabase(): string {
  return join(cacheFolder(), "advisories");
}

/** The same where there is something; undefined otherwise. */
export async function defaultDatabase(): Promise<string | undefined> {
  const folder = fetchedDatabase();
  return stat(folder).then(
    () => folder,
    () => undefined,
  );
}

/** Where the compact forms of databases are kept. */
export function compactFolder(): string {
  return join(cacheFolder(), "advisories-compact");
}
