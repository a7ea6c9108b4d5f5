import { chmod, mkdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileStat, sameStat } from "../file-stat.ts";
import { sha256, sha256File } from "../hash.ts";
import { hashState } from "../resumable-sha256.ts";
import { temporaryName, writeFileAtomic } from "../write-file-atomic.ts";
import { copyByRecipe } from "./copy-file.ts";
import type { BlobId, StoredBlob, StoredFile } from "./stored-file.ts";

/** The files of the store, named by the hash of their bytes and never changed after publication. */
export class Blobs {
  readonly dir: string;

  constructor(dir: string) {
    this.dir = dir;
  }

  path({ sha256, executable }: BlobId): string {
    return join(this.dir, sha256.slice(0, 2), executable ? `${sha256}.x` : sha256);
  }

  /** Takes over a finished file of known hash by renaming it. The same content published twice is kept once. */
  async adopt(file: string, id: BlobId): Promise<StoredBlob> {
    const path = this.path(id);
    const size = (await stat(file)).size;
    const present = fileStat(path);
    if (present?.size === size) {
      // Somebody was first. A damaged file of the same size is found, and removed, when it is next trusted or hashed.
      await rm(file, { force: true });
    } else {
      await mkdir(dirname(path), { recursive: true });
      await chmod(file, id.executable ? 0o555 : 0o444);
      await rename(file, path);
    }
    return this.#stored(id, size);
  }

  async add(bytes: Uint8Array, executable: boolean): Promise<StoredBlob> {
    const id = { sha256: sha256(bytes), executable };
    const path = this.path(id);
    if (fileStat(path)?.size === bytes.length) return this.#stored(id, bytes.length);
    await mkdir(dirname(path), { recursive: true });
    const temporary = temporaryName(path);
    try {
      await writeFile(temporary, bytes);
      return await this.adopt(temporary, id);
    } finally {
      await rm(temporary, { force: true });
    }
  }

  #stored(id: BlobId, size: number): StoredBlob {
    const { inode, modified, changed } = fileStat(this.path(id)) ?? { inode: "", modified: "", changed: "" };
    return { ...id, size, stat: { size, inode, modified, changed } };
  }

  /**
   * The blob when its bytes are still those of its name: by its stat where that is as remembered, else by hashing it.
   * A damaged blob is removed. Undefined when there is none.
   */
  async verified(blob: StoredBlob): Promise<StoredBlob | undefined> {
    const path = this.path(blob);
    const present = fileStat(path);
    if (!present) return undefined;
    if (sameStat(present, blob.stat) && present.size === blob.size) return blob;
    if (present.size === blob.size && (await sha256File(path)) === blob.sha256)
      return this.#stored(blob, blob.size);
    await rm(path, { force: true });
    return undefined;
  }

  /** The path of a stored file as one plain file; a composition is put together once and then kept as a blob. */
  async materialize(file: StoredFile): Promise<string> {
    if (file.blob) return this.path(file.blob);
    const path = this.path(file);
    if (fileStat(path)?.size === file.size) return path;
    await mkdir(dirname(path), { recursive: true });
    const temporary = temporaryName(path);
    await copyByRecipe(this.recipe(file), temporary, file.executable ? 0o555 : 0o444);
    await rename(temporary, path);
    return path;
  }

  /** The same as a blob, to build another composition on. */
  async asBlob(file: StoredFile): Promise<StoredBlob> {
    await this.materialize(file);
    return file.blob ?? this.#stored({ sha256: file.sha256, executable: file.executable }, file.size);
  }

  /** How to make a copy of a stored file. */
  recipe(file: StoredFile) {
    if (file.blob) return { base: this.path(file.blob), patches: [], tail: [] };
    const { base, patches, tail } = file.composition;
    return {
      base: this.path(base),
      patches: patches.map(({ offset, bytes }) => ({ offset, bytes: Buffer.from(bytes, "base64") })),
      tail: tail.size === 0 ? [] : [{ path: this.path(tail) }],
    };
  }

  /** The saved state of SHA-256 after a blob: computed once, kept beside the blob. */
  async hashState(blob: BlobId): Promise<string> {
    const path = `${this.path(blob)}.state`;
    try {
      const [state, check] = (await readFile(path, "utf8")).split(" ");
      if (state && check === sha256(state + blob.sha256)) return state;
    } catch {
      // Not made yet.
    }
    const state = await hashState(this.path(blob));
    await writeFileAtomic(path, `${state} ${sha256(state + blob.sha256)}`).catch(() => {});
    return state;
  }
}
