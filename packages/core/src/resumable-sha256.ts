import { createReadStream } from "node:fs";
import type { IHasher } from "hash-wasm";

/*
 * Node's own hashes cannot be saved. An executable is a template of 116 MB and a tail of some KB, so the state
 * after the template is kept and only the tail is hashed for every app. The WebAssembly hash is several times slower
 * than OpenSSL's per byte, and pays because it sees so few of them.
 */

async function createHasher(): Promise<IHasher> {
  // One of its two dozen hashes alone: all of them take 10 ms to load.
  const { createSHA256 } = (await import("hash-wasm/dist/sha256.umd.min.js")).default;
  return createSHA256();
}

/** The state of SHA-256 after a whole file, as base64 (116 bytes). */
export async function hashState(path: string, signal?: AbortSignal): Promise<string> {
  const hasher = await createHasher();
  hasher.init();
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20, signal })) hasher.update(chunk);
  return Buffer.from(hasher.save()).toString("base64");
}

/** SHA-256 of what the state has seen followed by `tail`. */
export async function resumeHash(state: string, tail: readonly Uint8Array[]): Promise<string> {
  const hasher = await createHasher();
  hasher.init();
  hasher.load(new Uint8Array(Buffer.from(state, "base64")));
  for (const bytes of tail) hasher.update(bytes);
  return hasher.digest("hex");
}
