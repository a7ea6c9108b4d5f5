import type { FileHandle } from "node:fs/promises";
import { malformed } from "./error.ts";

/** A run of bytes in a file, in bytes from its start. */
export interface ByteRange {
  readonly offset: number;
  readonly size: number;
}

/** Random access to the bytes of a file. */
export interface ByteSource {
  /** In bytes. */
  readonly size: number;
  /**
   * Exactly `length` bytes from `offset`; the caller must not write to them. They may be in `room`, which is as long or longer: for who
   * reads a file piece by piece, so that the pieces do not pile up in memory.
   *
   * @throws ExecutableError EXECUTABLE_MALFORMED when the range is not wholly inside the file.
   */
  read(offset: number, length: number, room?: Uint8Array): Promise<Uint8Array>;
}

/** The bytes of an open regular file, which stays the caller's to close. */
export async function fromFile(file: FileHandle): Promise<ByteSource> {
  const { size } = await file.stat();
  return {
    size,
    async read(offset, length, room) {
      checkRange(size, offset, length);
      const bytes = room?.subarray(0, length) ?? new Uint8Array(length);
      for (let done = 0; done < length; ) {
        const { bytesRead } = await file.read(bytes, done, length - done, offset + done);
        if (bytesRead === 0) throw malformed("the file became shorter while it was read", offset + done);
        done += bytesRead;
      }
      return bytes;
    },
  };
}

/** The bytes of a buffer, without a copy. */
export function fromBytes(bytes: Uint8Array): ByteSource {
  return {
    size: bytes.length,
    async read(offset, length) {
      checkRange(bytes.length, offset, length);
      return bytes.subarray(offset, offset + length);
    },
  };
}

/** True when the range is made of safe integers and lies inside a file of `size` bytes. */
export function isInside(size: number, offset: number, length: number): boolean {
  return (
    Number.isSafeInteger(offset) &&
    Number.isSafeInteger(length) &&
    offset >= 0 &&
    length >= 0 &&
    offset <= size &&
    length <= size - offset
  );
}

// Comes before every allocation, so that no length from a file is believed beyond the file's own size.
function checkRange(size: number, offset: number, length: number): void {
  if (isInside(size, offset, length)) return;
  throw malformed(`the file has ${size} bytes, too few for ${length} more`, offset);
}
