import { createHash } from "node:crypto";
import { malformed, OciError, unsupported } from "./error.ts";

/** `sha256:` and 64 lower-case hexadecimal digits: image-spec, "Digests". */
export type Digest = `sha256:${string}`;

export function isDigest(value: unknown): value is Digest {
  return typeof value === "string" && /^sha256:[0-9a-f]{64}$/.test(value);
}

/** @throws OciError OCI_UNSUPPORTED for other algorithms, OCI_MALFORMED for what is no digest. */
export function parseDigest(value: unknown): Digest {
  if (isDigest(value)) return value;
  if (typeof value === "string" && /^[a-z0-9]+(?:[+._-][a-z0-9]+)*:[a-zA-Z0-9=_-]{32,256}$/.test(value))
    throw unsupported(`digests are understood with sha256 alone, not ${value.slice(0, 80)}`);
  throw malformed(`${JSON.stringify(value)?.slice(0, 80)} is no digest`);
}

/** The SHA-256 of bytes that are in memory. */
export function digestOf(bytes: Uint8Array | string): Digest {
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
}

/** The hexadecimal digits of a digest: its file name in a layout. */
export function digestHex(digest: Digest): string {
  return digest.slice("sha256:".length);
}

/**
 * The same chunks. The last one is followed by an error unless all of them were exactly `size` bytes with this digest,
 * so whoever keeps what it reads must keep it only when the end was reached.
 *
 * @throws OciError OCI_DIGEST_MISMATCH
 */
export async function* verified(
  chunks: AsyncIterable<Uint8Array>,
  { digest, size }: { readonly digest: Digest; readonly size: number },
): AsyncGenerator<Uint8Array> {
  const hash = createHash("sha256");
  let seen = 0;
  for await (const chunk of chunks) {
    seen += chunk.length;
    // Before the chunk goes on: an endless answer must not fill a disk.
    if (seen > size) throw new OciError("OCI_DIGEST_MISMATCH", `${digest} is longer than its ${size} bytes`);
    hash.update(chunk);
    yield chunk;
  }
  if (seen !== size)
    throw new OciError("OCI_DIGEST_MISMATCH", `${digest} has ${seen} bytes instead of ${size}`);
  const found = hash.digest("hex");
  if (found !== digestHex(digest))
    throw new OciError("OCI_DIGEST_MISMATCH", `what should be ${digest} has the digest sha256:${found}`);
}
