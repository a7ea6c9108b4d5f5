import { readdir, rm, stat, utimes, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import type { Store } from "./store.ts";
import { blobsOf } from "./stored-file.ts";
import { allRecords, filesUnder, type RecordEntry } from "./walk.ts";

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
  const grace = (await isBusy(store)) ? Date.now() - graceMs : Number.POSITIVE_INFINITY;
  const entries: RecordEntry[] = [];
  for await (const entry of allRecords(store)) entries.push(entry);
  entries.sort((a, b) => b.lastUsed - a.lastUsed);

  const kept = new Map<string, number>();
  let keptBytes = 0;
  let removed = 0;
  for (const { fingerprint, record, lastUsed } of entries) {
    const blobs = record.traces.flatMap(({ artifacts }) =>
      artifacts.flatMap(({ files }) => files.flatMap(blobsOf)),
    );
    const fresh = new Map(blobs.map((blob) => [store.blobs.path(blob), blob.size]));
    for (const path of kept.keys()) fresh.delete(path);
    const added = [...fresh.values()].reduce((sum, size) => sum + size, 0);
    const keep = lastUsed >= oldest && keptBytes + added <= maxBytes;
    if (keep || lastUsed > grace) {
      for (const [path, size] of fresh) kept.set(path, size);
      keptBytes += added;
    } else {
      await rm(store.records.path(fingerprint), { force: true });
      removed++;
    }
  }
  const freedBytes = await removeFiles(join(store.dir, "blobs"), (path) => kept.has(path), grace);
  await removeOldWork(store);
  return { removed, freedBytes, keptBytes };
}

/** Removes all results; what a running build may hold stays. */
export async function clearStore(store: Store): Promise<Collected> {
  await rm(join(store.dir, "projects"), { recursive: true, force: true });
  return collectGarbage(store, { maxBytes: 0, maxAgeDays: 0 });
}

/** Collects with the default limits when the last time is more than a day ago. Never fails. */
export async function collectNowAndThen(store: Store): Promise<void> {
  const mark = join(store.dir, "last-gc");
  try {
    const last = await stat(mark).catch(() => undefined);
    if (last && last.mtimeMs > Date.now() - day) return;
    // Marked first: two builds at once need not both do it.
    if (last) await utimes(mark, new Date(), new Date());
    else await writeFile(mark, "");
    if (last) await collectGarbage(store, {});
  } catch {
    // The next build tries again.
  }
}

async function removeFiles(dir: string, keep: (path: string) => boolean, grace: number): Promise<number> {
  let freed = 0;
  for await (const { path } of filesUnder(dir)) {
    // The saved hash state of a blob goes with the blob.
    if (keep(path.replace(/\.state$/, ""))) continue;
    const present = await stat(path).catch(() => undefined);
    if (!present || Math.max(present.mtimeMs, present.ctimeMs) > grace) continue;
    await rm(path, { force: true });
    freed += present.size;
  }
  return freed;
}

/** True while another process works in the store. */
async function isBusy(store: Store): Promise<boolean> {
  const folders = await workFolders(store);
  return folders.some(({ pid }) => pid !== process.pid && isAlive(pid));
}

/** Work folders of processes that were killed. */
async function removeOldWork(store: Store): Promise<void> {
  for (const { path, pid } of await workFolders(store)) {
    if (pid !== process.pid && !isAlive(pid)) await rm(path, { recursive: true, force: true });
  }
}

async function workFolders(store: Store): Promise<{ path: string; pid: number }[]> {
  const parent = join(store.dir, "tmp");
  const names = await readdir(parent).catch(() => []);
  return names.map((name) => ({ path: join(parent, name), pid: Number.parseInt(basename(name), 10) }));
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
