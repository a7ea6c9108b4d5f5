import { rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { isGone } from "../process-name.ts";
import type { Store } from "./store.ts";
import { names } from "./walk.ts";

/** True while a build works in the store. */
export async function isBusy(store: Store): Promise<boolean> {
  return (await workFolders(store)).some(({ isInUse }) => isInUse);
}

/** Removes the work folders of processes that were killed. */
export async function removeOldWork(store: Store): Promise<void> {
  for (const { path, isInUse } of await workFolders(store)) {
    // What a program has made so that it cannot be removed does no harm.
    if (!isInUse) await rm(path, { recursive: true, force: true }).catch(() => {});
  }
}

async function workFolders(store: Store): Promise<{ path: string; isInUse: boolean }[]> {
  const parent = join(store.dir, "tmp");
  const folders: { path: string; isInUse: boolean }[] = [];
  for (const name of await names(parent)) {
    const path = join(parent, name);
    const times = await stat(path).catch(() => undefined);
    const isInUse = times !== undefined && !isGone(name.replace(/-[^-]*$/, ""), times.mtimeMs);
    folders.push({ path, isInUse });
  }
  return folders;
}
