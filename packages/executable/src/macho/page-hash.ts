import { createHash } from "node:crypto";
import type { ByteSource } from "../byte-source.ts";

/** Of code signatures, on both machines, as Apple's tools choose it. */
export const pageSize = 0x1000;
/** SHA-256. */
export const hashSize = 32;

const chunkSize = 256 * pageSize;

/** SHA-256 of each page of what it is given piece by piece; the last page may be shorter. */
export class PageHasher {
  #hashes: Uint8Array[] = [];
  #rest: Uint8Array[] = [];
  #restSize = 0;

  update(bytes: Uint8Array): this {
    let at = 0;
    if (this.#restSize > 0) {
      at = Math.min(pageSize - this.#restSize, bytes.length);
      this.#keep(bytes.subarray(0, at));
      if (this.#restSize === pageSize) this.#closePage();
    }
    for (; at + pageSize <= bytes.length; at += pageSize)
      this.#hashes.push(sha256(bytes.subarray(at, at + pageSize)));
    if (at < bytes.length) this.#keep(bytes.subarray(at));
    return this;
  }

  /** All hashes, one after the other. */
  finish(): Uint8Array {
    if (this.#restSize > 0) this.#closePage();
    return Buffer.concat(this.#hashes);
  }

  #keep(bytes: Uint8Array): void {
    this.#rest.push(bytes);
    this.#restSize += bytes.length;
  }

  #closePage(): void {
    this.#hashes.push(sha256(Buffer.concat(this.#rest)));
    this.#rest = [];
    this.#restSize = 0;
  }
}

export function sha256(bytes: Uint8Array): Uint8Array {
  return createHash("sha256").update(bytes).digest();
}

/** The page hashes of the first `size` bytes of a file, read a megabyte at a time. */
export async function hashPages(source: ByteSource, size: number): Promise<Uint8Array> {
  const hasher = new PageHasher();
  for (let at = 0; at < size; at += chunkSize)
    hasher.update(await source.read(at, Math.min(chunkSize, size - at)));
  return hasher.finish();
}
