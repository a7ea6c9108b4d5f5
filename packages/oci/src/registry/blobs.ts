import type { Descriptor } from "../descriptor.ts";
import { isDigest } from "../digest.ts";
import { malformed, OciError } from "../error.ts";
import type { Scope } from "./authorizer.ts";
import type { Session } from "./session.ts";
import type { Answer } from "./transport.ts";

export const pullScope = (repository: string): Scope => ({ repository, actions: "pull" });
export const pushScope = (repository: string): Scope => ({ repository, actions: "pull,push" });

export const blobPath = (repository: string, digest: string) => `/v2/${repository}/blobs/${digest}`;

/** Whether a repository has a blob. */
export async function hasBlob(
  session: Session,
  repository: string,
  blob: Descriptor,
  signal?: AbortSignal,
): Promise<boolean> {
  const scopes = [pushScope(repository)];
  const answer = await session.call({
    method: "HEAD",
    url: blobPath(repository, blob.digest),
    scopes,
    signal,
  });
  await answer.discard();
  if (answer.status === 404) return false;
  if (answer.status !== 200) throw await session.failure(answer, `whether it has ${blob.digest}`);
  const length = answer.header("content-length");
  if (length !== undefined && Number(length) !== blob.size)
    throw new OciError(
      "OCI_DIGEST_MISMATCH",
      `${session.registry} has ${blob.digest} with a size of ${length} bytes`,
    );
  return true;
}

/** An upload that was begun. */
export interface StartedUpload {
  readonly location: URL;
  /** The fewest bytes of a chunk that is not the last. */
  readonly minimumChunk: number;
}

export async function startUpload(
  session: Session,
  repository: string,
  signal?: AbortSignal,
): Promise<StartedUpload> {
  const url = `/v2/${repository}/blobs/uploads/`;
  const answer = await session.call({ method: "POST", url, scopes: [pushScope(repository)], signal });
  if (answer.status !== 202) throw await session.failure(answer, `an upload to ${repository}`);
  await answer.discard();
  return startedOf(answer);
}

export function startedOf(answer: Answer): StartedUpload {
  const minimum = Number(answer.header("oci-chunk-min-length") ?? 0);
  return {
    location: locationOf(answer),
    minimumChunk: Number.isSafeInteger(minimum) && minimum > 0 ? minimum : 0,
  };
}

/** Where a registry wants an upload to go on: absolute or relative, and different after each request. */
export function locationOf(answer: Answer): URL {
  const location = answer.header("location");
  if (location === undefined || !URL.canParse(location, answer.url.href))
    throw malformed(`${answer.url.host} does not say where the upload goes on`);
  return new URL(location, answer.url);
}

/** That a registry names the digest that was meant, if it names one. */
export function checkNamedDigest(answer: Answer, digest: string): void {
  const named = answer.header("docker-content-digest");
  if (named === undefined || named === digest || !isDigest(named)) return;
  throw new OciError("OCI_DIGEST_MISMATCH", `${answer.url.host} names ${named} what should be ${digest}`);
}
