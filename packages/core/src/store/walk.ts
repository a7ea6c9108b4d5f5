import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { isSound } from "./record-shape.ts";
import type { Store } from "./store.ts";
import type { ActionRecord } from "./stored-file.ts";

export interface RecordEntry {
  readonly path: string;
  readonly record: ActionRecord;
  /** Milliseconds since 1970. */
  readonly lastUsed: number;
}

/** All records that can be read, with the traces that can be used, in no particular order. */
export async function* allRecords(store: Store): AsyncGenerator<RecordEntry> {
  for await (const { path, name } of filesUnder(store.records.dir)) {
    if (!name.endsWith(".json")) continue;
    const fingerprint = name.slice(0, -".json".length);
    if (store.records.path(fingerprint) !== path) continue;
    const record = store.records.get(fingerprint);
    const times = await stat(path).catch(() => undefined);
    if (!record || !times) continue;
    const traces = record.traces.filter(isSound);
    yield { path, record: { ...record, traces }, lastUsed: times.mtimeMs };
  }
}

/** The files two levels below a folder; a folder that is not there has none. */
export async function* filesUnder(dir: string): AsyncGenerator<{ path: string; name: string }> {
  for (const folder of await names(dir)) {
    for (const name of await names(join(dir, folder))) yield { path: join(dir, folder, name), name };
  }
}

/** The names in a folder; none where there is no folder. */
export async function names(dir: string): Promise<string[]> {
  return readdir(dir).catch(() => []);
}
