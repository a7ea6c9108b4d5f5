import { randomUUID } from "node:crypto";
import { type FileHandle, open, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { blockSize, type Compression } from "./compression.ts";
import { bytesContent, type Content, fileContent } from "./content.ts";
import { digestHex } from "./digest.ts";
import { type LayerHash, plainHash, type ResumableHash, resumableHash } from "./layer-hash.ts";

/** Of one layer. */
export interface Hashes<Hash extends LayerHash = LayerHash> {
  /** Of the archive. */
  readonly diffId: Hash;
  /** Of the compressed bytes. */
  readonly digest: Hash;
}

export async function resumableHashes(): Promise<Hashes<ResumableHash>> {
  return { diffId: await resumableHash(), digest: await resumableHash() };
}

export const plainHashes = (): Hashes => ({ diffId: plainHash(), digest: plainHash() });

/** Cuts, compresses, hashes, and remembers where the compressed bytes are. */
export class SegmentWriter {
  readonly compression: Compression;
  readonly hashes: Hashes;
  readonly signal: AbortSignal | undefined;
  readonly #file: FileHandle;
  /** What is in the layer's own file is there by size alone: in order, without gaps. */
  readonly #placed: (Content | number)[] = [];
  #waiting: Uint8Array[] = [];
  #length = 0;

  constructor(compression: Compression, hashes: Hashes, file: FileHandle, signal: AbortSignal | undefined) {
    this.compression = compression;
    this.hashes = hashes;
    this.signal = signal;
    this.#file = file;
  }

  async add(bytes: Uint8Array): Promise<void> {
    for (let rest = bytes; rest.length > 0; ) {
      const taken = rest.subarray(0, blockSize - this.#length);
      this.#waiting.push(taken);
      this.#length += taken.length;
      rest = rest.subarray(taken.length);
      if (this.#length === blockSize) await this.endSegment();
    }
  }

  /** A segment of its own, without a cache. */
  async addAlone(part: Content): Promise<void> {
    await this.endSegment();
    for await (const chunk of part.read()) await this.add(chunk);
    await this.endSegment();
  }

  async endSegment(): Promise<void> {
    if (this.#length === 0) return;
    this.signal?.throwIfAborted();
    const block = Buffer.concat(this.#waiting);
    this.#waiting = [];
    this.#length = 0;
    const bytes = this.compression.compress(block);
    this.hashes.diffId.update(block);
    this.hashes.digest.update(bytes);
    await this.#file.writeFile(bytes);
    this.#placed.push(bytes.length);
  }

  /** Of the layer's own file, in bytes. */
  get size(): number {
    return this.#placed.reduce((sum: number, part) => (typeof part === "number" ? sum + part : sum), 0);
  }

  place(content: Content): void {
    this.#placed.push(content);
  }

  /** All of the layer's compressed bytes, its own file being at `path`. */
  placed(path: string): Content[] {
    let offset = 0;
    const parts: Content[] = [];
    for (const part of this.#placed) {
      if (typeof part !== "number") parts.push(part);
      else {
        parts.push(fileContent(path, { offset, size: part }));
        offset += part;
      }
    }
    return parts.length > 0 ? parts : [bytesContent(new Uint8Array())];
  }
}

/**
 * Opens a file for a layer, has `fill` write segments to it, and names it when all of it is there. What the layer is made
 * of comes back. Nothing is left behind by a failure.
 */
export async function writeSegments(
  folder: string,
  {
    compression,
    hashes,
    signal,
  }: { compression: Compression; hashes: Hashes; signal: AbortSignal | undefined },
  fill: (writer: SegmentWriter) => Promise<void>,
): Promise<Content[]> {
  const work = join(folder, `.layer-${randomUUID()}.tmp`);
  const file = await open(work, "wx");
  try {
    const writer = new SegmentWriter(compression, hashes, file, signal);
    await fill(writer);
    await writer.endSegment();
    await file.close();
    // Parts of the same layer may be elsewhere or not, so the digest alone does not name what is in this file.
    const path = join(folder, `${digestHex(hashes.digest.digest())}.${writer.size}`);
    await rename(work, path);
    return writer.placed(path);
  } catch (error) {
    await file.close().catch(() => {});
    await rm(work, { force: true });
    throw error;
  }
}
