import { chmod, mkdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { entryStat, type FileStat, keptStat, type PresentStat, sameStat } from "../file-stat.ts";
import { sha256, sha256File } from "../hash.ts";
import { hashState, longestState, resumeHash } from "../resumable-sha256.ts";
import { temporaryName, writeFileAtomic } from "../write-file-atomic.ts";
import { type CopyRecipe, copyByRecipe, finishCopy, hashByRecipe } from "./copy-file.ts";
import { StoreTrouble, storeWork } from "./store-trouble.ts";
import {
  type BlobId,
  blobsOf,
  isElsewhere,
  type StoredBlob,
  type StoredComposition,
  type StoredContent,
  type StoredFile,
} from "./stored-file.ts";

/** Beyond this much tail, one OpenSSL pass over the whole file is quicker than the resumable hash over the tail. */
const resumableTailLimit = 24 << 20;

/** Brings blobs into the store that are elsewhere; undefined when it cannot. */
export interface BlobSource {
  fetch(blob: StoredBlob): Promise<StoredBlob | undefined>;
}

/** The files of the store, named by the hash of their bytes and never changed after publication. */
export class Blobs {
  readonly dir: string;
  /** Where blobs may be had that are not here; see `isElsewhere`. */
  #source: BlobSource | undefined;
  /** What this process has written or hashed itself, by path. */
  readonly #trusted = new Map<string, FileStat>();

  constructor(dir: string) {
    this.dir = dir;
  }

  /** Has missing blobs brought by a source until the returned function is called. */
  use(source: BlobSource): () => void {
    this.#source = source;
    return () => {
      if (this.#source === source) this.#source = undefined;
    };
  }

  /** True for a blob that was left where its result came from. */
  isAway(blob: StoredBlob): boolean {
    return isElsewhere(blob) && !presentAt(this.path(blob));
  }

  path({ sha256, executable }: BlobId): string {
    return join(this.dir, sha256.slice(0, 2), executable ? `${sha256}.x` : sha256);
  }

  /** Takes over a finished file of known hash by renaming it. The same content published twice is kept once. */
  adopt(file: string, id: BlobId): Promise<StoredBlob> {
    return storeWork(async () => {
      const { size } = await stat(file);
      const present = await this.#present(id, size);
      if (present) {
        await rm(file, { force: true });
        return present;
      }
      await chmod(file, permissionsOf(id));
      return this.#publish(file, id, size);
    });
  }

  add(bytes: Uint8Array, executable: boolean): Promise<StoredBlob> {
    return storeWork(async () => {
      const id = { sha256: sha256(bytes), executable };
      const present = await this.#present(id, bytes.length);
      if (present) return present;
      const path = this.path(id);
      await mkdir(dirname(path), { recursive: true });
      const temporary = temporaryName(path);
      try {
        await writeFile(temporary, bytes, { mode: permissionsOf(id) });
        await chmod(temporary, permissionsOf(id));
        return await this.#publish(temporary, id, bytes.length);
      } finally {
        await rm(temporary, { force: true });
      }
    });
  }

  async #publish(file: string, id: BlobId, size: number): Promise<StoredBlob> {
    const path = this.path(id);
    await mkdir(dirname(path), { recursive: true });
    await rename(file, path);
    const published = presentAt(path);
    // Removed again by somebody, or by now another's: it will be looked at before it is used.
    if (published?.size !== size) throw new StoreTrouble(true, `${path} is gone`);
    return this.#trust(id, published);
  }

  #trust(id: BlobId, present: PresentStat): StoredBlob {
    const stat = keptStat(present);
    this.#trusted.set(this.path(id), stat);
    return { sha256: id.sha256, executable: id.executable, size: stat.size, stat };
  }

  /**
   * The blob when its bytes are still those of its name: by its stat where that is as remembered, else by hashing it.
   * A damaged blob is removed. Undefined when there is none.
   */
  async verified(blob: StoredBlob): Promise<StoredBlob | undefined> {
    const present = presentAt(this.path(blob));
    if (present && present.size === blob.size && sameStat(present, blob.stat)) return blob;
    return this.#present(blob, blob.size);
  }

  /** The same for a blob that may be there. */
  async #present(id: BlobId, size: number): Promise<StoredBlob | undefined> {
    const path = this.path(id);
    const present = presentAt(path);
    if (!present) return undefined;
    const trusted = this.#trusted.get(path);
    if (trusted && sameStat(present, trusted) && present.size === size) return this.#trust(id, present);
    if (present.isFile && present.size === size) {
      // Only when it differs: it changes the stat, for which all who know the blob would have to hash it again.
      if (present.permissions !== permissionsOf(id)) await chmod(path, permissionsOf(id)).catch(() => {});
      const before = presentAt(path);
      const hash = await sha256File(path).catch(() => "");
      if (before && hash === id.sha256) return this.#trust(id, before);
    }
    await rm(path, { recursive: true, force: true }).catch(() => {});
    return undefined;
  }

  /** The path of a stored file as one plain file; a composition is put together once and then kept as a blob. */
  async materialize(file: StoredFile): Promise<string> {
    return this.path(await this.asBlob(file));
  }

  /** The file as one blob, to build another composition on. */
  async asBlob(file: StoredFile): Promise<StoredBlob> {
    if (file.blob) {
      const [blob] = await this.#required(file);
      return blob!;
    }
    const id = { sha256: file.sha256, executable: file.executable };
    const present = await this.#present(id, file.size);
    if (present) return present;
    return storeWork(async () => {
      const path = this.path(id);
      await mkdir(dirname(path), { recursive: true });
      const temporary = temporaryName(path);
      await this.copy(file, temporary, permissionsOf(id));
      return this.#publish(temporary, id, file.size);
    });
  }

  /** Writes the bytes of a stored file to a new place. Throws StoreTrouble when they are no longer in the store. */
  copy(content: StoredContent, destination: string, mode: number): Promise<void> {
    return this.#use(content, () => copyByRecipe(this.#recipe(content), destination, mode));
  }

  /** The same where a copy of the composition's base already is, if it is whole. Otherwise it is made anew. */
  async finish(content: StoredContent, destination: string, mode: number): Promise<void> {
    const isWhole = entryStat(destination)?.size === content.composition?.base.size;
    if (isWhole) return this.#use(content, () => finishCopy(this.#recipe(content), destination, mode));
    await rm(destination, { force: true });
    return this.copy(content, destination, mode);
  }

  async #use(content: StoredContent, use: () => Promise<void>): Promise<void> {
    await this.#required(content);
    try {
      await use();
    } catch (error) {
      const { code, path } = error as NodeJS.ErrnoException;
      if (code === "ENOENT" && path?.startsWith(this.dir))
        throw new StoreTrouble(true, `${path} is gone`, error);
      await this.#required(content);
      throw error;
    }
  }

  async #required(content: StoredContent): Promise<StoredBlob[]> {
    const blobs: StoredBlob[] = [];
    for (const blob of blobsOf(content)) {
      const verified = (await this.verified(blob)) ?? (await this.#fetched(blob));
      if (!verified) throw new StoreTrouble(true, `${this.path(blob)} is gone or damaged`);
      blobs.push(verified);
    }
    return blobs;
  }

  async #fetched(blob: StoredBlob): Promise<StoredBlob | undefined> {
    return this.isAway(blob) ? this.#source?.fetch(blob) : undefined;
  }

  /** True when all bytes of a stored file are where they should be. */
  async has(content: StoredContent): Promise<boolean> {
    for (const blob of blobsOf(content)) if (!this.isAway(blob) && !(await this.verified(blob))) return false;
    return true;
  }

  #recipe(content: StoredContent): CopyRecipe {
    if (content.blob) return { base: this.path(content.blob), patches: [], tail: [] };
    const { base, patches, tail } = content.composition;
    return {
      base: this.path(base),
      patches: patches.map(({ offset, bytes }) => ({ offset, bytes: Buffer.from(bytes, "base64") })),
      tail: tail.size === 0 ? [] : [{ path: this.path(tail) }],
    };
  }

  /** SHA-256 of a composition's bytes. Throws StoreTrouble when its parts are no longer in the store. */
  async hash(composition: StoredComposition, signal: AbortSignal): Promise<string> {
    const { base, patches, tail } = composition;
    let sha256 = "";
    await this.#use({ composition }, async () => {
      sha256 =
        patches.length === 0 && tail.size <= resumableTailLimit
          ? await this.#hashWithTail(base, await readFile(this.path(tail)))
          : await hashByRecipe(this.#recipe({ composition }), signal);
    });
    return sha256;
  }

  /** SHA-256 of a blob followed by a tail, from a state of the hash that is made once and kept beside the blob. */
  async #hashWithTail(base: StoredBlob, tail: Uint8Array): Promise<string> {
    const basePath = this.path(base);
    const path = `${basePath}.state`;
    const size = presentAt(path)?.size ?? 0;
    const kept = size > 0 && size <= longestState ? await readFile(path, "utf8").catch(() => "") : "";
    const resumed = await resumeHash(kept, base.sha256, tail);
    if (resumed !== undefined) return resumed;
    const { state, sha256 } = await storeWork(() => hashState(basePath));
    if (sha256 !== base.sha256) {
      await rm(basePath, { recursive: true, force: true }).catch(() => {});
      throw new StoreTrouble(true, `${basePath} is damaged`);
    }
    await writeFileAtomic(path, state).catch(() => {});
    return (await resumeHash(state, sha256, tail))!;
  }
}

function permissionsOf({ executable }: BlobId): number {
  return executable ? 0o555 : 0o444;
}

/** What is at a place of the store; what cannot be looked at is nothing to build on. Links are none of ours. */
function presentAt(path: string): PresentStat | undefined {
  try {
    return entryStat(path);
  } catch {
    return undefined;
  }
}
