import type { ArtifactKind } from "../artifact.ts";
import { fileStat } from "../file-stat.ts";
import type { Store } from "./store.ts";
import { blobsOf } from "./stored-file.ts";
import { allRecords } from "./walk.ts";

/** One artifact of the store. */
export interface StoreEntry {
  readonly kind: ArtifactKind;
  readonly plugin: string;
  /** The step that made it, as its first maker called it. */
  readonly step: string;
  readonly target?: string;
  readonly digest: string;
  /** Bytes of the files as a user would see them. */
  readonly size: number;
  /** Bytes it takes in the store, shared ones included. */
  readonly storedBytes: number;
  /** Milliseconds since 1970. */
  readonly lastUsed: number;
  readonly files: readonly { readonly path: string; readonly size: number }[];
}

/** Every artifact once, the most recently used first. */
export async function listStore(store: Store): Promise<StoreEntry[]> {
  const entries = new Map<string, StoreEntry>();
  for await (const { record, lastUsed } of allRecords(store)) {
    for (const artifact of record.traces.flatMap(({ artifacts }) => artifacts)) {
      const known = entries.get(artifact.digest);
      if (known && known.lastUsed >= lastUsed) continue;
      const blobs = artifact.files.flatMap(blobsOf);
      entries.set(artifact.digest, {
        kind: artifact.kind,
        plugin: record.plugin,
        step: record.step,
        ...(record.target === undefined ? {} : { target: record.target }),
        digest: artifact.digest,
        size: artifact.files.reduce((sum, { size }) => sum + size, 0),
        storedBytes: blobs.reduce((sum, blob) => sum + (fileStat(store.blobs.path(blob))?.size ?? 0), 0),
        lastUsed,
        files: artifact.files.map(({ path, size }) => ({ path, size })),
      });
    }
  }
  return [...entries.values()].sort((a, b) => b.lastUsed - a.lastUsed || (a.digest < b.digest ? -1 : 1));
}
