import { constants } from "node:fs";
import { access, copyFile, link, mkdir, open, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { RemoteStorage, RemoteValue } from "@sbp/core";

/** Values as files of a folder: on a shared disk, or one that a CI keeps from run to run. */
export class FolderStorage implements RemoteStorage {
  readonly name: string;
  readonly readOnly: boolean;
  readonly #dir: string;
  #count = 0;

  constructor(dir: string, { readOnly = false } = {}) {
    this.#dir = dir;
    this.name = dir;
    this.readOnly = readOnly;
  }

  async get(key: string, signal: AbortSignal): Promise<AsyncIterable<Uint8Array> | undefined> {
    try {
      const handle = await open(this.#path(key), "r");
      return handle.createReadStream({ signal });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
      throw error;
    }
  }

  async has(key: string): Promise<boolean> {
    return access(this.#path(key)).then(
      () => true,
      () => false,
    );
  }

  async put(key: string, value: RemoteValue, signal: AbortSignal): Promise<"kept" | "read-only"> {
    const path = this.#path(key);
    // A name that two builds do not share, beside it, so that others see whole values only.
    const temporary = `${path}.${process.pid}-${this.#count++}`;
    try {
      await mkdir(dirname(path), { recursive: true });
      if (value instanceof Uint8Array) await writeFile(temporary, value, { signal });
      else await copyFile(value.file, temporary, constants.COPYFILE_FICLONE);
      await link(temporary, path);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === "EROFS" || code === "EACCES") return "read-only";
      if (code !== "EEXIST") throw error;
    } finally {
      await rm(temporary, { force: true });
    }
    return "kept";
  }

  async close(): Promise<void> {}

  #path(key: string): string {
    return join(this.#dir, key.slice(0, 2), key);
  }
}
