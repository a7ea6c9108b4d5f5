import { statSync } from "node:fs";

/**
 * What tells, without reading it, that a file is still the one we know: a write changes at least the change time,
 * a replacement the inode. Numbers as text, since nanoseconds do not fit into a double.
 */
export interface FileStat {
  readonly size: number;
  readonly inode: string;
  readonly modified: string;
  readonly changed: string;
}

/** Undefined when there is nothing at the path. */
export function fileStat(path: string): (FileStat & { isFile: boolean; isDirectory: boolean }) | undefined {
  const stat = statSync(path, { bigint: true, throwIfNoEntry: false });
  if (!stat) return undefined;
  return {
    size: Number(stat.size),
    inode: `${stat.dev}:${stat.ino}`,
    modified: `${stat.mtimeNs}`,
    changed: `${stat.ctimeNs}`,
    isFile: stat.isFile(),
    isDirectory: stat.isDirectory(),
  };
}

export function sameStat(a: FileStat, b: FileStat): boolean {
  return a.changed === b.changed && a.modified === b.modified && a.size === b.size && a.inode === b.inode;
}

/**
 * True when the file could still be written within the same tick of the file system's clock, so that its times would
 * not tell. Two seconds cover the coarsest file systems in use.
 */
export function isTooYoung(stat: FileStat): boolean {
  const newest = Math.max(
    Number(BigInt(stat.changed) / 1_000_000n),
    Number(BigInt(stat.modified) / 1_000_000n),
  );
  return newest > Date.now() - 2000;
}
