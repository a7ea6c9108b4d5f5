import type { Blob } from "../blob.ts";
import { OciError } from "../error.ts";
import { hasBlob, pullScope, pushScope, type StartedUpload, startedOf, startUpload } from "./blobs.ts";
import type { EarlyUpload } from "./early-upload.ts";
import type { Session } from "./session.ts";
import type { Answer } from "./transport.ts";
import { type BlobUpload, uploadBytes } from "./upload.ts";

/** How a blob came to be in a repository. */
export type BlobOutcome = "exists" | "mounted" | "uploaded";

/** distribution-spec, "Pushing blobs": asks first, then mounts, then uploads. `early`: its upload has begun. */
export async function pushBlob(
  session: Session,
  repository: string,
  blob: Blob,
  { early, ...options }: BlobUpload & { readonly early?: EarlyUpload | undefined },
): Promise<BlobOutcome> {
  if (await hasBlob(session, repository, blob, options.signal)) {
    early?.abandon();
    return "exists";
  }
  if (await early?.finish(blob, options.signal)) return "uploaded";
  const start = await mountOrStart(session, repository, blob, options);
  if (start === "mounted") return "mounted";
  await uploadBytes(session, repository, blob, start, options);
  return "uploaded";
}

/** The place where the upload goes on, or that there is none needed. */
async function mountOrStart(
  session: Session,
  repository: string,
  blob: Blob,
  { mountFrom, signal }: BlobUpload,
): Promise<StartedUpload | "mounted"> {
  if (mountFrom === undefined || mountFrom === repository) return startUpload(session, repository, signal);
  const query = new URLSearchParams({ mount: blob.digest, from: mountFrom });
  let answer: Answer;
  try {
    const url = `/v2/${repository}/blobs/uploads/?${query}`;
    const scopes = [pushScope(repository), pullScope(mountFrom)];
    answer = await session.call({ method: "POST", url, scopes, signal });
  } catch (error) {
    // Who must not read the other repository can still upload to this one.
    if (error instanceof OciError && error.code === "OCI_UNAUTHORIZED")
      return startUpload(session, repository, signal);
    throw error;
  }
  await answer.discard();
  if (answer.status === 201) return "mounted";
  if (answer.status === 202) return startedOf(answer);
  return startUpload(session, repository, signal);
}
