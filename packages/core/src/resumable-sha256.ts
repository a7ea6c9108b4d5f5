import { createReadStream } from "node:fs";
import type { IHasher } from "hash-wasm";

/*
 * Node's own hashes cannot be saved. An executable is a template of 116 MB and a tail of some KB, so the state
 * after the template is kept and only the tail is hashed for every app. The WebAssembly hash is several times slower
 * than OpenSSL's per byte, and pays because it sees so few of them.
 */

/** Longer than any state as text: what is longer need not be read. */
export const longestState = 512;

async function createHasher(): Promise<IHasher> {
  // One of its two dozen hashes alone: all of them take 10 ms to load.
  const { createSHA256 } = (await import("hash-wasm/dist/sha256.umd.min.js")).default;
  return createSHA256();
}

/** Loads and compiles what `resumeHash` needs, while nothing else is to be done. */
export async function prepareHash(): Promise<void> {
  await createHasher();
}

/** The state of SHA-256 after a whole file, as base64 (116 bytes), and the file's hash. */
export async function hashState(
  path: string,
  signal?: AbortSignal,
): Promise<{ readonly state: string; readonly sha256: string }> {
  const hasher = await createHasher();
  hasher.init();
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20, signal })) hasher.update(chunk);
  const state = Buffer.from(hasher.save()).toString("base64");
  return { state, sha256: hasher.digest("hex") };
}

/**
 * SHA-256 of a base followed by `tail`, from the state after the base. Undefined for a text that is no state after bytes
 * with the base's hash. That check cannot be deceived: SHA-256 of the base is what its last step makes of the
 * state, so that another state with the same outcome would be a preimage of that step.
 */
export async function resumeHash(
  state: string,
  baseSha256: string,
  tail: Uint8Array,
): Promise<string | undefined> {
  const bytes = new Uint8Array(Buffer.from(state, "base64"));
  const hasher = await createHasher();
  try {
    hasher.init();
    hasher.load(bytes);
    if (hasher.digest("hex") !== baseSha256) return undefined;
  } catch {
    // Written by another version, or by nobody who knows the format.
    return undefined;
  }
  hasher.init();
  hasher.load(bytes);
  hasher.update(tail);
  return hasher.digest("hex");
}
