import { bytesContent, type Content } from "./content.ts";
import type { Descriptor } from "./descriptor.ts";
import { type Digest, digestOf } from "./digest.ts";

/** Bytes with a name that proves them. */
export interface Blob {
  readonly mediaType: string;
  readonly digest: Digest;
  /** In bytes. */
  readonly size: number;
  readonly content: Content;
  readonly annotations?: Readonly<Record<string, string>> | undefined;
}

export function blobOf(
  mediaType: string,
  bytes: Uint8Array,
  annotations?: Readonly<Record<string, string>>,
): Blob {
  return {
    mediaType,
    digest: digestOf(bytes),
    size: bytes.length,
    content: bytesContent(bytes),
    annotations,
  };
}

export function descriptorOf(blob: Omit<Blob, "content">): Descriptor {
  const { mediaType, digest, size, annotations } = blob;
  return { mediaType, digest, size, ...(annotations && { annotations: sorted(annotations) }) };
}

/** The same entries by the order of their keys, so that no order of theirs changes a digest. */
export function sorted<Value>(map: Readonly<Record<string, Value>>): Record<string, Value> {
  return Object.fromEntries(Object.entries(map).sort(([a], [b]) => (a < b ? -1 : 1)));
}
