import { createReadStream } from "node:fs";
import { malformed, tooLarge } from "./error.ts";

/** Bytes that can be read again and again, from any place, without being in memory. */
export interface Content {
  /** In bytes. */
  readonly size: number;
  /** The bytes from `start` to before `end` (all of them unless told otherwise), in chunks that must not be written to. */
  read(start?: number, end?: number): AsyncIterable<Uint8Array>;
}

export function bytesContent(bytes: Uint8Array): Content {
  return {
    size: bytes.length,
    async *read(start = 0, end = bytes.length) {
      checkRange(bytes.length, start, end);
      if (end > start) yield bytes.subarray(start, end);
    },
  };
}

/** A part of a file, which must stay as it is for as long as the content is used. */
export function fileContent(
  path: string,
  part: { readonly offset?: number; readonly size: number },
): Content {
  const { offset = 0, size } = part;
  return {
    size,
    async *read(start = 0, end = size) {
      checkRange(size, start, end);
      if (end === start) return;
      const stream = createReadStream(path, {
        start: offset + start,
        end: offset + end - 1,
        // Smaller pieces cost twice the processor time; with larger ones, reading and sending wait for each other.
        highWaterMark: 1 << 18,
      });
      let seen = 0;
      for await (const chunk of stream) {
        seen += (chunk as Uint8Array).length;
        yield chunk as Uint8Array;
      }
      if (seen !== end - start) throw malformed(`${path} became shorter while it was read`);
    },
  };
}

/** One after the other. */
export function joinedContent(parts: readonly Content[]): Content {
  const size = parts.reduce((sum, part) => sum + part.size, 0);
  return {
    size,
    async *read(start = 0, end = size) {
      checkRange(size, start, end);
      let at = 0;
      for (const part of parts) {
        const from = Math.max(start - at, 0);
        const to = Math.min(end - at, part.size);
        if (from < to) yield* part.read(from, to);
        at += part.size;
      }
    },
  };
}

/** @throws OciError OCI_TOO_LARGE for more than `limit` bytes. */
export async function readAll(
  chunks: AsyncIterable<Uint8Array>,
  limit: number,
  what: string,
): Promise<Buffer> {
  const kept: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of chunks) {
    size += chunk.length;
    if (size > limit) throw tooLarge(`${what} has more than the ${limit} bytes that are accepted`);
    kept.push(chunk);
  }
  return Buffer.concat(kept);
}

function checkRange(size: number, start: number, end: number): void {
  if (start >= 0 && start <= end && end <= size && Number.isSafeInteger(end)) return;
  throw new RangeError(`bytes ${start} to ${end} are outside of ${size}`);
}
