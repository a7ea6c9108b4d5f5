import { blobOf, sorted } from "../blob.ts";
import { type Descriptor, list, parseDescriptor, parseJson } from "../descriptor.ts";
import type { Digest } from "../digest.ts";
import { OciError } from "../error.ts";
import type { Image, ImageIndex } from "../image.ts";
import { mediaTypes } from "../media-type.ts";
import { pullScope } from "./blobs.ts";
import { getManifest, putManifest } from "./manifests.ts";
import { readPages } from "./pages.ts";
import type { Session } from "./session.ts";

/** distribution-spec, "Referrers Tag Schema": where registries without the referrers API keep the list. */
const referrersTag = (digest: Digest) => digest.replace(":", "-");

/** What refers to a manifest: SBOMs, signatures, … Empty where nothing does. */
export async function listReferrers(
  session: Session,
  repository: string,
  digest: Digest,
  {
    artifactType,
    signal,
  }: { readonly artifactType?: string | undefined; readonly signal?: AbortSignal | undefined },
): Promise<Descriptor[]> {
  const query = artifactType === undefined ? "" : `?${new URLSearchParams({ artifactType })}`;
  const start = `/v2/${repository}/referrers/${digest}${query}`;
  const pages = await readPages(session, start, [pullScope(repository)], signal);
  const found = pages
    ? pages.flatMap(({ manifests }) => parseList(manifests))
    : ((await readTagged(session, repository, digest, signal)) ?? []);
  // Filtering is no duty of registries.
  return found.filter((descriptor) => artifactType === undefined || descriptor.artifactType === artifactType);
}

/**
 * Adds a manifest to its subject's list, on registries that do not. The list has no lock: after writing it is read, and
 * written again when somebody else's was faster.
 */
export async function addReferrer(
  session: Session,
  repository: string,
  manifest: Image | ImageIndex,
  signal?: AbortSignal,
): Promise<void> {
  const subject = manifest.subject!.digest;
  const { mediaType, digest, size, annotations } = manifest;
  const config = manifest.kind === "image" ? manifest.config.mediaType : undefined;
  const descriptor: Descriptor = {
    mediaType,
    digest,
    size,
    ...(annotations && { annotations: sorted(annotations) }),
    artifactType: manifest.artifactType ?? config,
  };
  for (let count = 0; count < 5; count++) {
    const known = (await readTagged(session, repository, subject, signal)) ?? [];
    if (known.some((other) => other.digest === digest)) return;
    const manifests = [...known, descriptor];
    const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: mediaTypes.index, manifests }));
    const index = { ...blobOf(mediaTypes.index, bytes), bytes };
    await putManifest(session, repository, referrersTag(subject), index, signal);
  }
  const after = (await readTagged(session, repository, subject, signal)) ?? [];
  if (!after.some((other) => other.digest === digest))
    throw new OciError(
      "OCI_REGISTRY_FAILED",
      `the list of what refers to ${subject} changes faster than it can be added to`,
    );
}

async function readTagged(
  session: Session,
  repository: string,
  digest: Digest,
  signal?: AbortSignal,
): Promise<Descriptor[] | undefined> {
  const found = await getManifest(session, repository, referrersTag(digest), signal);
  if (!found || found.mediaType !== mediaTypes.index) return undefined;
  return parseList(parseJson(found.bytes, "a list of referrers")["manifests"]);
}

const parseList = (manifests: unknown): Descriptor[] =>
  list(manifests ?? [], "a list of referrers").map((item) => parseDescriptor(item, "a referrer"));
