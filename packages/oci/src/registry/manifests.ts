import { bytesContent } from "../content.ts";
import { type Descriptor, longestDocument } from "../descriptor.ts";
import { type Digest, digestOf, isDigest } from "../digest.ts";
import { malformed, OciError } from "../error.ts";
import type { ManifestBlob } from "../image.ts";
import { mediaTypes } from "../media-type.ts";
import { checkNamedDigest, pullScope, pushScope } from "./blobs.ts";
import type { Session } from "./session.ts";
import type { Answer } from "./transport.ts";

const accept = [
  mediaTypes.index,
  mediaTypes.manifest,
  mediaTypes.dockerIndex,
  mediaTypes.dockerManifest,
].join(", ");

const manifestPath = (repository: string, name: string) => `/v2/${repository}/manifests/${name}`;

/** What a tag or digest stands for, without fetching it where the registry allows that. Undefined when there is no such. */
export async function headManifest(
  session: Session,
  repository: string,
  name: string,
  options: { readonly toPush?: boolean; readonly signal?: AbortSignal | undefined } = {},
): Promise<Descriptor | undefined> {
  const scopes = [options.toPush ? pushScope(repository) : pullScope(repository)];
  const { signal } = options;
  const url = manifestPath(repository, name);
  const answer = await session.call({ method: "HEAD", url, headers: { accept }, scopes, signal });
  await answer.discard();
  if (answer.status === 404) return undefined;
  if (answer.status !== 200) throw await session.failure(answer, `a question for ${repository} ${name}`);
  const digest = answer.header("docker-content-digest");
  const size = Number(answer.header("content-length"));
  const mediaType = plainType(answer);
  if (!isDigest(digest) || !Number.isSafeInteger(size) || size <= 0 || !mediaType) {
    // Allowed to be missing; then the manifest itself tells.
    const found = await getManifest(session, repository, name, signal);
    return found && { mediaType: found.mediaType, digest: digestOf(found.bytes), size: found.bytes.length };
  }
  if (isDigest(name)) checkNamedDigest(answer, name);
  return { mediaType, digest, size };
}

/**
 * A manifest by tag or digest, with the digest that it has. Undefined when there is no such.
 *
 * @throws OciError OCI_DIGEST_MISMATCH when it is not what was asked for, or not what the registry calls it.
 */
export async function getManifest(
  session: Session,
  repository: string,
  name: string,
  signal?: AbortSignal,
): Promise<{ readonly mediaType: string; readonly bytes: Buffer; readonly digest: Digest } | undefined> {
  const scopes = [pullScope(repository)];
  const url = manifestPath(repository, name);
  const answer = await session.call({ method: "GET", url, headers: { accept }, scopes, signal });
  if (answer.status === 404) {
    await answer.discard();
    return undefined;
  }
  if (answer.status !== 200) throw await session.failure(answer, `a request for ${repository} ${name}`);
  const mediaType = plainType(answer);
  const bytes = await answer.bytes(longestDocument);
  const digest = digestOf(bytes);
  if (isDigest(name) && name !== digest)
    throw new OciError("OCI_DIGEST_MISMATCH", `${session.registry} sends ${digest} for ${name}`);
  checkNamedDigest(answer, digest);
  if (!mediaType) throw malformed(`${session.registry} does not say what ${repository} ${name} is`);
  return { mediaType, bytes, digest };
}

/** Puts a manifest under a tag or its digest. True when the registry keeps the list of its subject's referrers. */
export async function putManifest(
  session: Session,
  repository: string,
  name: string,
  manifest: ManifestBlob,
  signal?: AbortSignal,
): Promise<boolean> {
  const { bytes, mediaType, digest, subject } = manifest;
  const answer = await session.call({
    method: "PUT",
    url: manifestPath(repository, name),
    headers: { "content-type": mediaType },
    body: { content: bytesContent(bytes), start: 0, end: bytes.length },
    scopes: [pushScope(repository)],
    signal,
  });
  if (answer.status !== 201 && answer.status !== 200) {
    const error = await session.failure(answer, `the manifest ${repository} ${name}`);
    if (!isDigest(name) && isImmutability(error))
      throw new OciError(
        "OCI_TAG_IMMUTABLE",
        `the tag ${name} of ${repository} must stay: ${error.message}`,
        {
          status: answer.status,
        },
      );
    throw error;
  }
  await answer.discard();
  checkNamedDigest(answer, digest);
  return subject !== undefined && answer.header("oci-subject") === subject.digest;
}

/** There is no code for it in the specification; registries say it in words. */
function isImmutability({ status, message }: OciError): boolean {
  return (
    status === 409 ||
    ([400, 403, 405, 412, 422].includes(status ?? 0) && /immutable|already exists/i.test(message))
  );
}

function plainType(answer: Answer): string | undefined {
  return answer.header("content-type")?.split(";")[0]?.trim().toLowerCase();
}
