import type { Content } from "../content.ts";
import type { Descriptor } from "../descriptor.ts";
import { OciError } from "../error.ts";
import { blobPath, pullScope } from "./blobs.ts";
import { attempts, isPassingError } from "./retry.ts";
import type { Session } from "./session.ts";
import type { Answer } from "./transport.ts";

/** A blob of a registry. Connections that break while it is read are taken up where they broke. */
export function remoteBlob(
  session: Session,
  repository: string,
  { digest, size }: Descriptor,
  signal?: AbortSignal,
): Content {
  const scopes = [pullScope(repository)];
  const part = async (at: number, end: number): Promise<{ answer: Answer; skip: number }> => {
    const headers: Record<string, string> = at > 0 || end < size ? { range: `bytes=${at}-${end - 1}` } : {};
    const answer = await session.call({
      method: "GET",
      url: blobPath(repository, digest),
      headers,
      scopes,
      signal,
    });
    if (answer.status === 206 && answer.header("content-range")?.startsWith(`bytes ${at}-`))
      return { answer, skip: 0 };
    // Ranges are no duty of registries: then it is read from its start.
    if (answer.status === 200) return { answer, skip: at };
    throw await session.failure(answer, `a request for ${digest}`);
  };
  return {
    size,
    async *read(start = 0, end = size) {
      let at = start;
      for (let count = 0; at < end; ) {
        const before = at;
        try {
          let { answer, skip } = await part(at, end);
          for await (const chunk of answer.body()) {
            const rest = chunk.subarray(Math.min(skip, chunk.length));
            skip -= chunk.length - rest.length;
            const wanted = rest.subarray(0, end - at);
            at += wanted.length;
            if (wanted.length > 0) yield wanted;
            if (rest.length > wanted.length) {
              if (end === size)
                throw new OciError("OCI_DIGEST_MISMATCH", `${digest} is longer than its ${size} bytes`);
              return;
            }
          }
          if (at < end) throw new OciError("OCI_UNREACHABLE", `${session.registry} ends ${digest} too early`);
        } catch (error) {
          // Progress counts: a connection that breaks every hundred megabytes still ends.
          count = at > before ? 0 : count + 1;
          if (!isPassingError(error) || count >= attempts) throw error;
          await session.pause(count, undefined, signal);
        }
      }
    },
  };
}
