import type { Blob } from "../blob.ts";
import { verified } from "../digest.ts";
import { malformed, OciError } from "../error.ts";
import {
  checkNamedDigest,
  hasBlob,
  locationOf,
  pushScope,
  type StartedUpload,
  startUpload,
} from "./blobs.ts";
import { attempts, isPassing, isPassingError } from "./retry.ts";
import type { Session } from "./session.ts";
import type { Answer } from "./transport.ts";

export interface BlobUpload {
  /** A repository of the same registry that may have the blob. */
  readonly mountFrom?: string | undefined;
  /** In bytes: larger blobs go in several requests. One, unless given; a registry's own minimum is obeyed. */
  readonly chunkSize?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/*
 * distribution-spec, "Pushing a blob monolithically" and "in chunks":
 *
 *   small   POST ─► PUT ?digest= with all bytes
 *   large   POST ─► PATCH bytes ─► … ─► PUT ?digest=
 *                     │ broken, or 416
 *                     └► GET ─► 204 with the range that arrived: go on behind it
 *                            └► anything else: from POST again
 *
 * Nothing is in the repository before PUT, and that carries the digest.
 */

/** In bytes. Not worth asking what arrived. */
const wholeSize = 1024 * 1024;

/** @throws OciError OCI_DIGEST_MISMATCH, also when the content is not what it was; what the session throws. */
export async function uploadBytes(
  session: Session,
  repository: string,
  blob: Blob,
  start: StartedUpload,
  options: BlobUpload,
): Promise<void> {
  let upload: StartedUpload | undefined = start;
  for (let count = 0; ; count++) {
    try {
      upload ??= await startUpload(session, repository, options.signal);
      if (blob.size <= wholeSize && options.chunkSize === undefined)
        await putWhole(session, repository, blob, upload.location, options);
      else await patchAndPut(session, repository, blob, upload, options);
      return;
    } catch (error) {
      if (!mayRestart(error) || count + 1 >= attempts) throw error;
      await session.pause(count, undefined, options.signal);
      upload = undefined;
      // The answer to the last request may have been what got lost.
      if (await hasBlob(session, repository, blob, options.signal)) return;
    }
  }
}

/** An upload that the registry gave up is begun anew, like one that failed in passing. */
const mayRestart = (error: unknown) =>
  isPassingError(error) ||
  (error instanceof OciError && (error.code === "OCI_NOT_FOUND" || error.status === 416));

async function putWhole(
  session: Session,
  repository: string,
  blob: Blob,
  location: URL,
  { signal }: BlobUpload,
): Promise<void> {
  const content = { size: blob.size, read: () => verified(blob.content.read(), blob) };
  const answer = await session.callOnce({
    method: "PUT",
    url: withDigest(location, blob.digest),
    headers: { "content-type": "application/octet-stream" },
    body: { content, start: 0, end: blob.size },
    scopes: [pushScope(repository)],
    signal,
  });
  await finish(session, answer, blob);
}

async function patchAndPut(
  session: Session,
  repository: string,
  blob: Blob,
  { location: start, minimumChunk }: StartedUpload,
  { chunkSize, signal }: BlobUpload,
): Promise<void> {
  const scopes = [pushScope(repository)];
  let location = start;
  let failures = 0;
  for (let at = 0; at < blob.size; ) {
    const end = Math.min(blob.size, at + Math.max(chunkSize ?? blob.size, minimumChunk));
    let answer: Answer | undefined;
    try {
      answer = await session.callOnce({
        method: "PATCH",
        url: location,
        headers: { "content-type": "application/octet-stream", "content-range": `${at}-${end - 1}` },
        body: { content: blob.content, start: at, end },
        scopes,
        signal,
      });
      if (answer.status === 202) {
        await answer.discard();
        location = locationOf(answer);
        const arrived = arrivedOf(answer) ?? end;
        failures = arrived > at ? 0 : failures + 1;
        if (arrived > end || failures >= attempts)
          throw malformed(`${session.registry} has ${arrived} of the ${end} bytes that it was sent`);
        at = arrived;
        continue;
      }
      if (!isPassing(answer.status) && answer.status !== 416)
        throw await session.failure(answer, `a part of ${blob.digest}`);
    } catch (error) {
      if (!isPassingError(error)) throw error;
    }
    if (++failures >= attempts)
      throw answer
        ? await session.failure(answer, `a part of ${blob.digest}`)
        : new OciError(
            "OCI_UNREACHABLE",
            `the connection to ${session.registry} breaks at byte ${at} of ${blob.digest}`,
          );
    await session.pause(failures - 1, answer, signal);
    await answer?.discard();
    const status = await session.call({ method: "GET", url: location, scopes, signal });
    if (status.status !== 204) {
      // Not known any more, or never in a state to go on from.
      await status.discard();
      throw new OciError("OCI_NOT_FOUND", `${session.registry} gave up the upload of ${blob.digest}`, {
        status: status.status,
      });
    }
    await status.discard();
    if (status.header("location") !== undefined) location = locationOf(status);
    const arrived = arrivedOf(status) ?? 0;
    if (arrived > blob.size) throw malformed(`${session.registry} has more of ${blob.digest} than there is`);
    // Some say 0-0 for nothing at all; what is one byte too few then is refused by its range, and begun anew.
    at = arrived === 1 ? 0 : arrived;
  }
  await endUpload(session, repository, blob, location, signal);
}

/** Makes a blob of what has arrived. @throws OciError OCI_DIGEST_MISMATCH and what the session throws. */
export async function endUpload(
  session: Session,
  repository: string,
  blob: Blob,
  location: URL,
  signal: AbortSignal | undefined,
): Promise<void> {
  const url = withDigest(location, blob.digest);
  const scopes = [pushScope(repository)];
  await finish(session, await session.callOnce({ method: "PUT", url, scopes, signal }), blob);
}

async function finish(session: Session, answer: Answer, blob: Blob): Promise<void> {
  if (answer.status === 201 || answer.status === 204) {
    await answer.discard();
    return checkNamedDigest(answer, blob.digest);
  }
  const error = await session.failure(answer, `the end of ${blob.digest}`);
  if (!error.message.includes("DIGEST_INVALID")) throw error;
  // Whose fault it is can be told from here.
  for await (const _ of verified(blob.content.read(), blob));
  throw new OciError("OCI_DIGEST_MISMATCH", error.message, { status: answer.status });
}

/** `0-1023` in `Range`: that 1024 bytes arrived. Undefined where nothing is said. */
export function arrivedOf(answer: Answer): number | undefined {
  const range = answer.header("range");
  if (range === undefined) return undefined;
  const last = /^(?:bytes=)?0-(\d{1,15})$/.exec(range)?.[1];
  if (last === undefined) throw malformed(`${answer.url.host} names a range that is none`);
  return Number(last) + 1;
}

/** The rest of the query stays as it is, to the letter: it may be signed. */
function withDigest(location: URL, digest: string): URL {
  const url = new URL(location);
  url.search += `${url.search === "" ? "?" : "&"}digest=${encodeURIComponent(digest)}`;
  return url;
}
