import { statSync } from "node:fs";
import { basename, dirname, resolve } from "node:path";
import type { FSWatcher } from "chokidar";
import { exitCodes, SbpError } from "../error.ts";

export interface FolderWatchOptions {
  /** Something happened at a path. Only a hint: it may be as it was. */
  readonly onChange: (path: string) => void;
  readonly onError: (error: unknown) => void;
  /** Looks at the files again and again, for file systems that tell nothing (network drives). */
  readonly poll: boolean;
  /** Files that are looked at while polling. */
  readonly isWanted: (path: string) => boolean;
}

/** Milliseconds. */
const pollInterval = 100;

interface Armed {
  readonly inode: string;
  readonly watcher: FSWatcher;
}

/**
 * Watches folders, not what is below them. A folder keeps telling of a file whatever becomes of it: editors and git put
 * a new one in the place of the old, which whoever watches the file itself would go on to watch. Instead of a folder that is not
 * there the nearest one upwards is watched.
 */
export class FolderWatch {
  readonly #options: FolderWatchOptions;
  readonly #armed = new Map<string, Armed>();

  constructor(options: FolderWatchOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#armed.size;
  }

  /**
   * Watches these folders and no others. True when some are watched that were not before: what happened in them until now
   * went unseen.
   */
  async set(folders: Iterable<string>): Promise<boolean> {
    const wanted = new Map<string, string>();
    for (const folder of folders) {
      const there = nearestFolder(folder);
      if (there) wanted.set(there.path, there.inode);
    }
    const gone: Promise<void>[] = [];
    for (const [path, { inode, watcher }] of this.#armed) {
      if (wanted.get(path) === inode) continue;
      this.#armed.delete(path);
      gone.push(watcher.close());
    }
    // chokidar keeps one watch per path: the old must be gone before the new one comes.
    await Promise.all(gone);
    const added = [...wanted].filter(([path]) => !this.#armed.has(path));
    await Promise.all(added.map(([path, inode]) => this.#arm(path, inode)));
    return added.length > 0;
  }

  async close(): Promise<void> {
    await this.set([]);
  }

  async #arm(folder: string, inode: string): Promise<void> {
    const { watch } = await import("chokidar");
    const { onChange, onError, poll, isWanted } = this.#options;
    const watcher = watch(folder, {
      depth: 0,
      ignoreInitial: true,
      usePolling: poll,
      interval: pollInterval,
      binaryInterval: pollInterval,
      ignored: (path) => resolve(path) !== folder && !(poll && isWanted(resolve(path))),
    });
    this.#armed.set(folder, { inode, watcher });
    // What chokidar makes of them comes later, and is checked by nobody but us.
    watcher.on("raw", (_event: string, path: string | null) => {
      const changed = resolve(folder, path ?? "");
      onChange(changed);
      // This is also how a folder tells of its own end.
      if (basename(changed) === basename(folder)) onChange(folder);
    });
    watcher.on("error", (error) => {
      const { code } = error as NodeJS.ErrnoException;
      // A folder above that others keep to themselves. No build can see what comes there, either.
      if (code !== "EACCES" && code !== "EPERM") onError(watchError(error));
    });
    await new Promise<void>((ready) => void watcher.once("ready", ready));
  }
}

function nearestFolder(folder: string): { readonly path: string; readonly inode: string } | undefined {
  for (let path = folder; ; path = dirname(path)) {
    try {
      const stat = statSync(path, { bigint: true, throwIfNoEntry: false });
      if (stat?.isDirectory()) return { path, inode: `${stat.dev}:${stat.ino}` };
    } catch {
      // Not to be looked into, or a file stands in the way: the folder above tells when that changes.
    }
    if (dirname(path) === path) return undefined;
  }
}

function watchError(error: unknown): unknown {
  const { code, message } = error as NodeJS.ErrnoException;
  if (!["ENOSPC", "EMFILE", "ENFILE"].includes(code ?? "")) return error;
  return new SbpError("SBP_WATCH_LIMIT", `The system lets nobody watch more folders: ${message}`, {
    hint: "Raise its limit (Linux: `sysctl fs.inotify.max_user_watches fs.inotify.max_user_instances`), or use --poll.",
    exitCode: exitCodes.stepFailed,
    cause: error,
  });
}
