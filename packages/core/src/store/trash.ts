import { link, mkdir, readdir, rm } from "node:fs/promises";
import { join } from "node:path";

/**
 * Where replaced outputs wait to be removed. Giving back the pages of a file of 116 MB takes as long as making its
 * successor, so that is left to the next build, which does it beside its other work.
 */
export class Trash {
  readonly #dir: string;

  constructor(dir: string) {
    this.#dir = dir;
  }

  /**
   * Keeps the file at a path in existence, under a name of its own, until the trash is emptied: whoever then replaces
   * the path need not wait. Does nothing where it cannot (another file system, no such file).
   */
  async keep(path: string, name: string): Promise<void> {
    try {
      await mkdir(this.#dir, { recursive: true });
      await link(path, join(this.#dir, `${process.pid}-${name}`));
    } catch {
      // Then the replacement takes longer.
    }
  }

  /** Removes what is there. Never fails. */
  async empty(): Promise<void> {
    try {
      const names = await readdir(this.#dir);
      await Promise.all(names.map((name) => rm(join(this.#dir, name), { recursive: true, force: true })));
    } catch {
      // The next build tries again.
    }
  }
}
