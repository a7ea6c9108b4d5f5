import { readdirSync, readFileSync } from "node:fs";

/** The folder with the real records; its README tells where they are from. */
export const advisoriesFolder = new URL("fixtures/advisories/", import.meta.url).pathname;

export interface OsvRecord {
  readonly id: string;
  readonly modified: string;
  readonly withdrawn?: string;
  readonly affected: readonly {
    readonly package: { readonly ecosystem: string; readonly name: string };
    readonly versions?: readonly string[];
    readonly ranges?: readonly {
      readonly type: string;
      readonly events: readonly Readonly<Record<string, string>>[];
    }[];
  }[];
}

export function osvRecords(): readonly OsvRecord[] {
  const folder = `${advisoriesFolder}osv/npm/`;
  return readdirSync(folder).map((name) => JSON.parse(readFileSync(folder + name, "utf8")));
}

export function coreIndex(): Record<
  string,
  { vulnerable: string; patched: string; cve: string[]; affectedEnvironments: string[]; severity: string }
> {
  return JSON.parse(readFileSync(`${advisoriesFolder}node-core/index.json`, "utf8"));
}
