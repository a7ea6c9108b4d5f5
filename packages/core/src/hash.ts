import { createHash } from "node:crypto";
import { closeSync, createReadStream, openSync, readSync, statSync } from "node:fs";

const chunkBytes = 1 << 20;

/** SHA-256 of bytes or of text as UTF-8: 64 lower-case hex digits. */
export function sha256(data: Uint8Array | string): string {
  return createHash("sha256").update(data).digest("hex");
}

/** SHA-256 of a file, read in chunks; of a small one at once, because asking another thread for it costs the most. */
export async function sha256File(path: string, signal?: AbortSignal): Promise<string> {
  if (statSync(path).size <= chunkBytes) return sha256FileSync(path);
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path, { highWaterMark: chunkBytes, signal })) hash.update(chunk);
  return hash.digest("hex");
}

/** The same without yielding: for the many small files that decide whether anything has changed. */
export function sha256FileSync(path: string): string {
  const hash = createHash("sha256");
  const descriptor = openSync(path, "r");
  try {
    const buffer = Buffer.allocUnsafe(64 * 1024);
    for (;;) {
      const length = readSync(descriptor, buffer, 0, buffer.length, null);
      if (length === 0) return hash.digest("hex");
      hash.update(buffer.subarray(0, length));
    }
  } finally {
    closeSync(descriptor);
  }
}
