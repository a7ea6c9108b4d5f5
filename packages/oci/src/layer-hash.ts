import { createHash } from "node:crypto";
import { createRequire } from "node:module";
import type { Digest } from "./digest.ts";

/** SHA-256 while bytes come in. */
export interface LayerHash {
  update(bytes: Uint8Array): void;
  /** Of what came so far; more may come. */
  digest(): Digest;
}

/** A hash whose state can be kept and taken up again: several times slower per byte, and worth it for bytes that it never sees again. */
export interface ResumableHash extends LayerHash {
  /** As base64, of 116 bytes. */
  state(): string;
  /** False for what is no state after bytes of this digest; then nothing changed. */
  resume(state: string, digest: Digest): boolean;
}

/** Node's own. */
export function plainHash(): LayerHash {
  const hash = createHash("sha256");
  return {
    update: (bytes) => hash.update(bytes),
    digest: () => `sha256:${hash.copy().digest("hex")}`,
  };
}

export async function resumableHash(): Promise<ResumableHash> {
  // One of the package's two dozen hashes alone: all of them take 10 ms to load.
  const { createSHA256 } = createRequire(import.meta.url)("hash-wasm/dist/sha256.umd.min.js") as Pick<
    typeof import("hash-wasm"),
    "createSHA256"
  >;
  const hasher = await createSHA256();
  hasher.init();
  const digest = (): Digest => {
    // A digest ends the computation, so it goes on from a copy.
    const saved = hasher.save();
    const hex = hasher.digest("hex");
    hasher.init();
    hasher.load(saved);
    return `sha256:${hex}`;
  };
  const tryLoad = (state: Uint8Array): boolean => {
    try {
      hasher.init();
      hasher.load(state);
      return true;
    } catch {
      // Written by another version, or by nobody who knows the format.
      return false;
    }
  };
  return {
    update: (bytes) => hasher.update(bytes),
    digest,
    state: () => Buffer.from(hasher.save()).toString("base64"),
    resume(state, expected) {
      const before = hasher.save();
      if (tryLoad(new Uint8Array(Buffer.from(state, "base64"))) && digest() === expected) return true;
      hasher.init();
      hasher.load(before);
      return false;
    },
  };
}
