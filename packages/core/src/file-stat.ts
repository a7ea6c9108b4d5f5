import { type BigIntStats, lstatSync, statSync } from "node:fs";

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

/** What is at a path right now. */
export interface PresentStat extends FileStat {
  readonly isFile: boolean;
  readonly isDirectory: boolean;
  readonly isLink: boolean;
  readonly permissions: number;
  /** Names of the same file. */
  readonly links: number;
}

/** Undefined when there is nothing at the path; follows links. */
export function fileStat(path: string): PresentStat | undefined {
  return presentStat(statSync, path);
}

/** The same of a link itself. */
export function entryStat(path: string): PresentStat | undefined {
  return presentStat(lstatSync, path);
}

function presentStat(read: typeof statSync, path: string): PresentStat | undefined {
  try {
    const stat = read(path, { bigint: true, throwIfNoEntry: false });
    return stat && toPresent(stat);
  } catch (error) {
    // A file where the path has a folder; some versions of Node throw for it.
    if ((error as NodeJS.ErrnoException).code === "ENOTDIR") return undefined;
    throw error;
  }
}

function toPresent(stat: BigIntStats): PresentStat {
  return {
    size: Number(stat.size),
    inode: `${stat.dev}:${stat.ino}`,
    modified: `${stat.mtimeNs}`,
    changed: `${stat.ctimeNs}`,
    isFile: stat.isFile(),
    isDirectory: stat.isDirectory(),
    isLink: stat.isSymbolicLink(),
    permissions: Number(stat.mode & 0o777n),
    links: Number(stat.nlink),
  };
}

/** The part that is kept. */
export function keptStat({ size, inode, modified, changed }: FileStat): FileStat {
  return { size, inode, modified, changed };
}

export function isFileStat(value: unknown): value is FileStat {
  const { size, inode, modified, changed } = (value ?? {}) as Partial<Record<keyof FileStat, unknown>>;
  return typeof size === "number" && [inode, modified, changed].every((text) => typeof text === "string");
}

export function sameStat(a: FileStat, b: FileStat): boolean {
  return a.changed === b.changed && a.modified === b.modified && a.size === b.size && a.inode === b.inode;
}

/**
 * True when the file could still be written within the same tick of the file system's clock, so that its times would
 * not tell. Two seconds cover the coarsest file systems in use. To be asked before the file is read: what is
 * old then can no longer change unseen while it is read.
 */
export function isTooYoung(stat: FileStat): boolean {
  const newest = Math.max(
    Number(BigInt(stat.changed) / 1_000_000n),
    Number(BigInt(stat.modified) / 1_000_000n),
  );
  return newest > Date.now() - 2000;
}
