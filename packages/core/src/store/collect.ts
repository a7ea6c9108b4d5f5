import { rm, stat, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Store } from "./store.ts";
import { type ActionRecord, blobsOf, isElsewhere, type StoredBlob, type Trace } from "./stored-file.ts";
import { allRecords, filesUnder, names, type RecordEntry } from "./walk.ts";
import { isBusy, removeOldWork } from "./work-folders.ts";

export interface CollectLimits {
  /** Bytes to keep at most. Default 10 GB. */
  readonly maxBytes?: number;
  /** Results unused for longer are removed. Default 30 days. */
  readonly maxAgeDays?: number;
}

export interface Collected {
  /** Results of actions. */
  readonly removed: number;
  readonly freedBytes: number;
  readonly keptBytes: number;
}

const hour = 3_600_000;
const day = 24 * hour;
export const defaultMaxBytes = 10e9;
export const defaultMaxAgeDays = 30;

/**
 * What a build that runs now may hold: whatever was used or published after this age stays. A build marks what it
 * uses before it relies on it.
 */
const graceMs = hour;

/** Removes old results, then the blobs that no remaining result needs. */
export async function collectGarbage(store: Store, limits: CollectLimits): Promise<Collected> {
  const maxBytes = limits.maxBytes ?? defaultMaxBytes;
  const oldest = Date.now() - (limits.maxAgeDays ?? defaultMaxAgeDays) * day;
  const busy = await isBusy(store);
  // What comes while this goes on is not ours to judge either; a clock's tick may round it up by a millisecond.
  const fresh = Date.now() + 1 - (busy ? graceMs : 0);
  const sizes = await blobSizes(store);
  const entries: RecordEntry[] = [];
  for await (const entry of allRecords(store)) entries.push(entry);
  entries.sort((a, b) => b.lastUsed - a.lastUsed);

  const keptRecords = new Set<string>();
  const keptBlobs = new Set<string>();
  let keptBytes = 0;
  for (const { path, record, lastUsed } of entries) {
    const added = [...blobPaths(record.traces, store)].filter(
      (blob) => sizes.has(blob) && !keptBlobs.has(blob),
    );
    const bytes = added.reduce((sum, blob) => sum + sizes.get(blob)!, 0);
    const keep = isOfUse(record, store, sizes) && lastUsed >= oldest && keptBytes + bytes <= maxBytes;
    if (!keep && !(busy && lastUsed > fresh)) continue;
    keptRecords.add(path);
    for (const blob of added) keptBlobs.add(blob);
    keptBytes += bytes;
  }
  await removeFiles(store.records.dir, (path) => keptRecords.has(path), fresh);
  const freedBytes = await removeFiles(store.blobs.dir, (path) => keptBlobs.has(blobOf(path)), fresh);
  await removeOldProjects(store, oldest);
  await removeOldWork(store);
  await store.spares.clear();
  return { removed: entries.length - keptRecords.size, freedBytes, keptBytes };
}

/** Removes all results; what a running build may hold stays. */
export async function clearStore(store: Store): Promise<Collected> {
  // A build may write there meanwhile.
  await rm(join(store.dir, "projects"), { recursive: true, force: true, maxRetries: 3 });
  // Not even what takes no room, or comes from a future that the clock has left.
  return collectGarbage(store, { maxBytes: -1, maxAgeDays: 0 });
}

/** Collects with the default limits when the last time is more than a day ago. Never fails. */
export async function collectNowAndThen(store: Store): Promise<void> {
  const mark = join(store.dir, "last-gc");
  try {
    const last = await stat(mark).catch(() => undefined);
    // A time to come is of a clock that was wrong.
    if (last && Math.abs(Date.now() - last.mtimeMs) < day) return;
    // Marked first: two builds at once need not both do it.
    if (last) await utimes(mark, new Date(), new Date());
    else await writeFile(mark, "");
    if (last) await collectGarbage(store, {});
  } catch {
    // The next build tries again.
  }
}

/** Bytes of all that results have stored, what they share counted once. */
export async function storedBytes(store: Store): Promise<number> {
  return [...(await blobSizes(store)).values()].reduce((sum, size) => sum + size, 0);
}

/** The bytes of every blob, by path, with what lies beside it for its sake. */
async function blobSizes(store: Store): Promise<Map<string, number>> {
  const sizes = new Map<string, number>();
  const beside: [blob: string, size: number][] = [];
  for await (const { path } of filesUnder(store.blobs.dir)) {
    const present = await stat(path).catch(() => undefined);
    if (!present?.isFile()) continue;
    if (blobOf(path) === path) sizes.set(path, present.size);
    else beside.push([blobOf(path), present.size]);
  }
  for (const [blob, size] of beside) if (sizes.has(blob)) sizes.set(blob, sizes.get(blob)! + size);
  return sizes;
}

/** The blob that a file in the folder of blobs is, or lies beside: the saved hash state of a blob goes with it. */
function blobOf(path: string): string {
  return path.replace(/\.state$/, "");
}

function blobPaths(traces: readonly Trace[], store: Store): Set<string> {
  const files = traces.flatMap(({ artifacts }) => artifacts.flatMap(({ files }) => files));
  return new Set(files.flatMap(blobsOf).map((blob) => store.blobs.path(blob)));
}

/** A record can be of use while all blobs of one of its results are there, or where it came from. */
function isOfUse(record: ActionRecord, store: Store, sizes: ReadonlyMap<string, number>): boolean {
  const isThere = (blob: StoredBlob) => isElsewhere(blob) || sizes.has(store.blobs.path(blob));
  return record.traces.some(({ artifacts }) =>
    artifacts.every(({ files }) => files.every((file) => blobsOf(file).every(isThere))),
  );
}

/** Returns the bytes that were freed. */
async function removeFiles(dir: string, keep: (path: string) => boolean, fresh: number): Promise<number> {
  let freed = 0;
  for await (const { path } of filesUnder(dir)) {
    if (keep(path)) continue;
    const present = await stat(path).catch(() => undefined);
    // By the change time, which nobody can set.
    if (present && present.ctimeMs > fresh) continue;
    await rm(path, { recursive: true, force: true });
    freed += present?.size ?? 0;
  }
  return freed;
}

/** What is remembered of projects that have changed nothing for long, or are no more. */
async function removeOldProjects(store: Store, oldest: number): Promise<void> {
  const parent = join(store.dir, "projects");
  for (const name of await names(parent)) {
    const folder = join(parent, name);
    const files = [folder, ...(await names(folder)).map((file) => join(folder, file))];
    const times = await Promise.all(files.map((file) => stat(file).catch(() => undefined)));
    const newest = Math.max(...times.map((time) => time?.mtimeMs ?? 0));
    if (newest < oldest) await rm(folder, { recursive: true, force: true });
  }
}
