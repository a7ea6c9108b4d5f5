import { link, mkdir, open, readdir, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { entryStat, type FileStat, keptStat, sameStat } from "../file-stat.ts";
import { sha256 } from "../hash.ts";

/*
 * An executable of 116 MB is replaced by one that differs in its last few KB. Copying the template, and giving the
 * replaced file back to the disk, would be most of a build. So the replaced file is kept, and the next build makes
 * the executable of it: the two files of an output take turns, and only their tails are written. Layers of images do the same,
 * though each has a name of its own.
 *
 * It happens only to a file that nobody has touched since it was published, that has no other name, and that does not
 * run (the system refuses to open one for writing that does).
 */

/** A file that was an output: a base with some bytes replaced, and a tail. */
export interface Spare {
  /** SHA-256 of the base. */
  readonly base: string;
  /** Where bytes of the base were replaced. */
  readonly patched: readonly { readonly offset: number; readonly length: number }[];
  /** Its stat when it was put aside. */
  readonly stat: FileStat;
}

/** Where the base's own bytes are. */
interface Base {
  readonly path: string;
  readonly sha256: string;
  readonly size: number;
}

/** Unused for longer, a spare is given back. Milliseconds. */
const longestWait = 24 * 3_600_000;

export class Spares {
  readonly #dir: string;

  constructor(dir: string) {
    this.#dir = dir;
  }

  /**
   * Gives the file at a path a second name before it goes, as the spare of the path that `successor` is at. True when it did: where
   * it cannot (another file system, no such file, changed since) there is no spare.
   */
  async keep(path: string, published: FileStat, successor = path): Promise<boolean> {
    const present = entryStat(path);
    if (!present?.isFile || present.links !== 1 || !sameStat(present, published)) return false;
    const place = this.#place(successor);
    try {
      await mkdir(this.#dir, { recursive: true });
      await rm(place, { force: true });
      await link(path, place);
      return true;
    } catch {
      return false;
    }
  }

  /** The stat of a path's spare, once that has no other name. */
  stat(path: string): FileStat | undefined {
    const present = entryStat(this.#place(path));
    return present?.isFile && present.links === 1 ? keptStat(present) : undefined;
  }

  /** Makes the path's spare a copy of the base at a new place. False when it cannot serve; the place is free then. */
  async take(path: string, spare: Spare, base: Base, destination: string): Promise<boolean> {
    if (spare.base !== base.sha256) return false;
    const now = this.stat(path);
    if (!now || !sameStat(now, spare.stat)) return false;
    try {
      // Whoever renames it has it: two builds may want it.
      await rename(this.#place(path), destination);
    } catch {
      return false;
    }
    try {
      await restore(destination, spare, base);
      return true;
    } catch {
      await rm(destination, { force: true });
      return false;
    }
  }

  /** Removes what no build has asked for in a day. Never fails. */
  async removeOld(now = Date.now()): Promise<void> {
    for (const name of await readdir(this.#dir).catch(() => [])) {
      const place = join(this.#dir, name);
      const present = await stat(place).catch(() => undefined);
      if (present && now - present.ctimeMs > longestWait) await rm(place, { force: true }).catch(() => {});
    }
  }

  /** Removes all. Never fails. */
  async clear(): Promise<void> {
    await rm(this.#dir, { recursive: true, force: true }).catch(() => {});
  }

  #place(path: string): string {
    return join(this.#dir, sha256(path).slice(0, 32));
  }
}

async function restore(file: string, { patched }: Spare, base: Base): Promise<void> {
  const handle = await open(file, "r+");
  try {
    const source = await open(base.path, "r");
    try {
      for (const { offset, length } of patched) {
        const bytes = Buffer.alloc(length);
        const { bytesRead } = await source.read(bytes, 0, length, offset);
        if (bytesRead !== length) throw new Error("the base is shorter");
        await handle.write(bytes, 0, length, offset);
      }
    } finally {
      await source.close();
    }
    await handle.truncate(base.size);
  } finally {
    await handle.close();
  }
}
