import { createHash, randomUUID } from "node:crypto";
import { mkdir, open, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Digest } from "./digest.ts";
import { isDigest } from "./digest.ts";

/** Both hashes of a layer after some part of it: enough to go on from there. */
export interface LayerState {
  readonly diffId: { readonly digest: Digest; readonly state: string };
  readonly digest: { readonly digest: Digest; readonly state: string };
}

/**
 * A folder with the compressed bytes of keyed contents, and the hashes of layers after them. Losing it costs time.
 * Files appear whole. Their bytes are not checked when they are found but when a layer is copied or pushed, by its digest.
 */
export class LayerCache {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** The file with the compressed bytes that are known under an id, and its size in bytes. */
  async segment(id: string): Promise<{ readonly path: string; readonly size: number } | undefined> {
    const path = this.#path(id, "segment");
    try {
      return { path, size: (await stat(path)).size };
    } catch {
      return undefined;
    }
  }

  async keepSegment(id: string, chunks: AsyncIterable<Uint8Array>): Promise<{ path: string; size: number }> {
    await mkdir(this.#folder, { recursive: true });
    const path = this.#path(id, "segment");
    const work = `${path}.${randomUUID()}.tmp`;
    try {
      const file = await open(work, "wx");
      let size = 0;
      try {
        for await (const chunk of chunks) {
          await file.writeFile(chunk);
          size += chunk.length;
        }
        // Its size is all that is checked later, and a crash of the machine can leave a size without the bytes.
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(work, path);
      return { path, size };
    } catch (error) {
      await rm(work, { force: true });
      throw error;
    }
  }

  async state(id: string): Promise<LayerState | undefined> {
    try {
      const value = JSON.parse(await readFile(this.#path(id, "state"), "utf8")) as LayerState;
      const isWhole = [value.diffId, value.digest].every(
        ({ digest, state }) => isDigest(digest) && typeof state === "string" && state.length < 512,
      );
      return isWhole ? value : undefined;
    } catch {
      return undefined;
    }
  }

  async keepState(id: string, state: LayerState): Promise<void> {
    await mkdir(this.#folder, { recursive: true });
    const path = this.#path(id, "state");
    const work = `${path}.${randomUUID()}.tmp`;
    try {
      await writeFile(work, JSON.stringify(state));
      await rename(work, path);
    } catch (error) {
      await rm(work, { force: true });
      throw error;
    }
  }

  #path(id: string, kind: string): string {
    return join(this.#folder, `${createHash("sha256").update(id).digest("hex")}.${kind}`);
  }
}
