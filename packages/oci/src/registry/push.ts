import type { Blob } from "../blob.ts";
import type { Digest } from "../digest.ts";
import { OciError } from "../error.ts";
import type { Image, ImageIndex } from "../image.ts";
import { imagesOf } from "../manifest.ts";
import type { EarlyUpload } from "./early-upload.ts";
import { headManifest, putManifest } from "./manifests.ts";
import { type BlobOutcome, pushBlob } from "./push-blob.ts";
import { addReferrer } from "./referrers.ts";
import type { Session } from "./session.ts";

export interface PushOptions {
  /** A repository of the same registry whose blobs may be taken instead of being uploaded; for all blobs, or for each. */
  readonly mountFrom?: string | ((blob: Blob) => string | undefined) | undefined;
  /** Uploads that have begun, by what they are of. */
  readonly early?: ((blob: Blob) => EarlyUpload | undefined) | undefined;
  /** In bytes: larger blobs go in several requests. One each, unless given. */
  readonly chunkSize?: number | undefined;
  /** False refuses to move a tag from another digest to this one. */
  readonly overwrite?: boolean | undefined;
  /** How many blobs are on their way at once; 4 unless given. */
  readonly parallel?: number | undefined;
  readonly onBlob?: ((blob: Blob, outcome: BlobOutcome) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface PushResult {
  readonly digest: Digest;
  /** What was sent of blobs, in bytes. */
  readonly uploaded: number;
  /** False when every name stood for this digest already. */
  readonly isNew: boolean;
}

/**
 * Brings a manifest and all that it needs into a repository, in an order in which nothing names what is missing: blobs,
 * images, indexes, tags. So whatever ends it halfway, the next push goes on.
 *
 * @param names tags; the manifest's digest alone when there are none.
 * @throws OciError OCI_TAG_IMMUTABLE, before anything is sent if the registry's answer or `overwrite` tells.
 */
export async function pushManifest(
  session: Session,
  repository: string,
  manifest: Image | ImageIndex,
  names: readonly string[],
  options: PushOptions,
): Promise<PushResult> {
  const { signal } = options;
  const { digest } = manifest;
  const missing: string[] = [];
  for (const name of names.length > 0 ? names : [digest]) {
    const there = await headManifest(session, repository, name, { toPush: true, signal });
    if (there?.digest === digest) continue;
    if (there && options.overwrite === false)
      throw new OciError(
        "OCI_TAG_IMMUTABLE",
        `the tag ${name} of ${repository} is there already, for ${there.digest}`,
      );
    missing.push(name);
  }
  if (missing.length === 0) return { digest, uploaded: 0, isNew: false };
  const uploaded = await pushBlobs(session, repository, manifest, options);
  await pushChildren(session, repository, manifest, signal);
  for (const name of missing) await put(session, repository, name, manifest, signal);
  return { digest, uploaded, isNew: true };
}

/** All blobs of all images, each once. The bytes that were sent. */
async function pushBlobs(
  session: Session,
  repository: string,
  manifest: Image | ImageIndex,
  options: PushOptions,
): Promise<number> {
  const blobs = new Map<string, Blob>();
  for (const image of imagesOf(manifest))
    for (const blob of [...image.layers, image.config]) blobs.set(blob.digest, blob);
  // One failure ends the others: none of them is worth anything alone, and all of it is there at the next push.
  const failed = new AbortController();
  const signal = options.signal ? AbortSignal.any([options.signal, failed.signal]) : failed.signal;
  const waiting = [...blobs.values()];
  let uploaded = 0;
  const work = async (): Promise<void> => {
    for (let blob = waiting.shift(); blob; blob = waiting.shift()) {
      const { chunkSize, mountFrom } = options;
      const from = typeof mountFrom === "function" ? mountFrom(blob) : mountFrom;
      const early = options.early?.(blob);
      const how = { chunkSize, mountFrom: from, early, signal };
      const outcome = await pushBlob(session, repository, blob, how);
      if (outcome === "uploaded") uploaded += blob.size;
      options.onBlob?.(blob, outcome);
    }
  };
  let first: { error: unknown } | undefined;
  const workers = Array.from({ length: Math.max(1, options.parallel ?? 4) }, () =>
    work().catch((error: unknown) => {
      first ??= { error };
      failed.abort(error);
    }),
  );
  await Promise.all(workers);
  if (first) throw first.error;
  return uploaded;
}

async function pushChildren(
  session: Session,
  repository: string,
  manifest: Image | ImageIndex,
  signal: AbortSignal | undefined,
): Promise<void> {
  if (manifest.kind === "image") return;
  for (const child of manifest.manifests) {
    if (await headManifest(session, repository, child.digest, { toPush: true, signal })) continue;
    await pushChildren(session, repository, child, signal);
    await put(session, repository, child.digest, child, signal);
  }
}

async function put(
  session: Session,
  repository: string,
  name: string,
  manifest: Image | ImageIndex,
  signal: AbortSignal | undefined,
): Promise<void> {
  const isListed = await putManifest(session, repository, name, manifest, signal);
  if (manifest.subject && !isListed) await addReferrer(session, repository, manifest, signal);
}
