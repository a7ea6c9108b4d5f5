import { timingSafeEqual } from "node:crypto";
import { promisify } from "node:util";
import { gunzip, gzip } from "node:zlib";
import type { Diagnostic } from "../error.ts";
import { sha256 } from "../hash.ts";
import { type Input, unreadable } from "../inputs.ts";
import { checkOf, isSound, isTraceInput } from "../store/record-shape.ts";
import { artifactDigest } from "../store/stored-artifact.ts";
import {
  type BlobId,
  blobsOf,
  elsewhere,
  type StoredArtifact,
  type StoredBlob,
  type StoredFile,
  type Trace,
} from "../store/stored-file.ts";
import type { RemoteInput } from "./remote-inputs.ts";
import type { RemoteKeys } from "./remote-keys.ts";

/** What is stored under a key of the chain: see RemoteKeys. */
export type RemoteEntry =
  | { readonly look: readonly RemoteInput[] }
  | {
      readonly artifacts: readonly StoredArtifact[];
      readonly diagnostics: readonly Diagnostic[];
      /** The bytes of small blobs, by their hash. */
      readonly blobs: ReadonlyMap<string, Uint8Array>;
    };

/** Something is stored that nobody who means well has stored, or that was damaged. */
export class RefusedEntry extends Error {}

/** Bytes of an entry as it is stored; blobs that are larger lie under keys of their own. */
export const longestEntry = 64 << 20;
const longestPayload = 256 << 20;

const magic = Buffer.from("sbp1");
const signatureBytes = 32;

/*
 * An entry: the magic, a signature over all that follows, and, compressed with gzip: the length of a header (32 bits,
 * little endian), the header as JSON, and the bytes of small blobs in the order in which the header names them.
 */

interface Header {
  readonly look?: readonly RemoteInput[];
  readonly artifacts?: readonly StoredArtifact[];
  readonly diagnostics?: readonly Diagnostic[];
  readonly inline?: readonly { readonly sha256: string; readonly size: number }[];
}

export async function sealEntry(entry: RemoteEntry, key: string, keys: RemoteKeys): Promise<Buffer> {
  const blobs = "look" in entry ? [] : [...entry.blobs].sort(([a], [b]) => (a < b ? -1 : 1));
  const header: Header =
    "look" in entry
      ? { look: entry.look }
      : {
          artifacts: entry.artifacts.map((artifact) => withBlobs(artifact, ({ stat: _, ...blob }) => blob)),
          diagnostics: entry.diagnostics,
          inline: blobs.map(([sha256, { length }]) => ({ sha256, size: length })),
        };
  const text = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(text.length);
  const body = await promisify(gzip)(Buffer.concat([length, text, ...blobs.map(([, bytes]) => bytes)]));
  return Buffer.concat([magic, keys.signature(key, body), body]);
}

/** @throws RefusedEntry */
export async function openEntry(bytes: Buffer, key: string, keys: RemoteKeys): Promise<RemoteEntry> {
  const signature = bytes.subarray(magic.length, magic.length + signatureBytes);
  const body = bytes.subarray(magic.length + signatureBytes);
  if (!bytes.subarray(0, magic.length).equals(magic) || signature.length !== signatureBytes)
    throw new RefusedEntry("it is no entry of this cache");
  if (!timingSafeEqual(signature, keys.signature(key, body)))
    throw new RefusedEntry("its signature is not the one of this key");
  try {
    const payload = await promisify(gunzip)(body, { maxOutputLength: longestPayload });
    const end = 4 + payload.readUInt32LE(0);
    const header = JSON.parse(payload.toString("utf8", 4, end)) as Header;
    return header.look ? { look: soundInputs(header.look) } : resultOf(header, payload.subarray(end));
  } catch (error) {
    if (error instanceof RefusedEntry) throw error;
    throw new RefusedEntry(`it cannot be read (${(error as Error).message})`);
  }
}

function soundInputs(inputs: readonly RemoteInput[]): readonly RemoteInput[] {
  const isSoundInput = (input: RemoteInput) =>
    isTraceInput({ ...input, value: "", ...(input.kind === "above" && { kind: "file" }) });
  if (inputs.length === 0 || !inputs.every(isSoundInput)) throw new RefusedEntry("it names no inputs");
  return inputs.map(({ kind, name, versionArgs }) => ({ kind, name, ...(versionArgs && { versionArgs }) }));
}

function resultOf({ artifacts = [], diagnostics = [], inline = [] }: Header, bytes: Buffer): RemoteEntry {
  const blobs = new Map<string, Uint8Array>();
  let start = 0;
  for (const { sha256: name, size } of inline) {
    const part = bytes.subarray(start, start + size);
    if (sha256(part) !== name) throw new RefusedEntry("the bytes of a file are not those of its hash");
    blobs.set(name, part);
    start += size;
  }
  const whole = artifacts.map((artifact) =>
    withBlobs(artifact, (blob) => ({ ...(blob as StoredBlob), stat: elsewhere(blob.size) })),
  );
  return { artifacts: whole, diagnostics, blobs };
}

/** The result as a trace of the inputs that led to it. @throws RefusedEntry for what is none. */
export function traceOf(
  { artifacts, diagnostics }: Exclude<RemoteEntry, { look: unknown }>,
  inputs: readonly Input[],
): Trace {
  const trace: Trace = { id: sha256(JSON.stringify(inputs)), inputs, artifacts, diagnostics };
  if (inputs.some(({ value }) => value === unreadable) || !isSound({ ...trace, check: checkOf(trace) }))
    throw new RefusedEntry("it is not the result of an action");
  if (artifacts.some((artifact) => artifactDigest(artifact) !== artifact.digest))
    throw new RefusedEntry("an artifact's digest is not the one of its files");
  return trace;
}

/** Every blob of the artifacts once. */
export function blobsIn(artifacts: readonly StoredArtifact[]): readonly StoredBlob[] {
  const blobs = artifacts.flatMap(({ files }) => files).flatMap(blobsOf);
  return [...new Map(blobs.map((blob) => [`${blob.sha256} ${blob.executable}`, blob])).values()];
}

type StatlessBlob = BlobId & { readonly size: number };

function withBlobs(artifact: StoredArtifact, change: (blob: StoredBlob) => StatlessBlob): StoredArtifact {
  const files = artifact.files.map((file) => {
    const { composition } = file;
    return file.blob
      ? { ...file, blob: change(file.blob) }
      : {
          ...file,
          composition: { ...composition, base: change(composition!.base), tail: change(composition!.tail) },
        };
  });
  return { ...artifact, files: files as unknown as readonly StoredFile[] };
}
