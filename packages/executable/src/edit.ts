import { randomUUID } from "node:crypto";
import { constants } from "node:fs";
import { chmod, copyFile, type FileHandle, open, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { isInside } from "./byte-source.ts";

/** Bytes that replace those at `offset`. */
export interface Patch {
  readonly offset: number;
  readonly bytes: Uint8Array;
}

/** How one file becomes another: its first `keep` bytes, then zeros up to `size`, then the patches in order. */
export interface Edit {
  readonly keep: number;
  readonly size: number;
  readonly patches: readonly Patch[];
}

/** The edit that puts `parts` after a file of `size` bytes. */
export function appendEdit(size: number, parts: readonly Uint8Array[]): Edit {
  const patches: Patch[] = [];
  let offset = size;
  for (const bytes of parts) {
    patches.push({ offset, bytes });
    offset += bytes.length;
  }
  return { keep: size, size: offset, patches };
}

/** The edit that does what `second` does with the result of `first`, of which it keeps all. */
export function joinEdits(first: Edit, second: Edit): Edit {
  if (second.keep !== first.size)
    throw new RangeError(`the second edit keeps ${second.keep} bytes, the first makes ${first.size}`);
  return { keep: first.keep, size: second.size, patches: [...first.patches, ...second.patches] };
}

// Small enough to notice an abort soon, and below the 2 GiB limit of one write.
const writeSize = 64 * 1024 * 1024;

/**
 * Writes to `outputPath` what `edit` makes of the file at `inputPath` (the two may be the same), executable for
 * everybody whatever the input's mode and the umask are. The kernel copies; on file systems with copy on write
 * nothing is copied. Zeros that the edit adds are a hole. The output appears by a rename when it is complete:
 * after a failure or an abort, what was there before is still there.
 *
 * @throws RangeError for an edit that does not fit the input; the file system's own errors; the signal's reason.
 */
export async function applyEdit(
  inputPath: string,
  outputPath: string,
  edit: Edit,
  { signal }: { readonly signal?: AbortSignal } = {},
): Promise<void> {
  checkEdit(edit);
  signal?.throwIfAborted();
  // In the same folder, because a rename does not cross file systems.
  const work = join(dirname(outputPath), `.${basename(outputPath).slice(0, 64)}.${randomUUID()}.tmp`);
  try {
    await copyFile(inputPath, work, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
    // The copy has the input's mode, which may not allow writing.
    await chmod(work, 0o755);
    const file = await open(work, "r+");
    try {
      const { size } = await file.stat();
      if (size < edit.keep) throw new RangeError(`cannot keep ${edit.keep} bytes of a file of ${size}`);
      signal?.throwIfAborted();
      if (size !== edit.keep) await file.truncate(edit.keep);
      if (edit.size !== edit.keep) await file.truncate(edit.size);
      for (const patch of edit.patches) await write(file, patch, signal);
    } finally {
      await file.close();
    }
    signal?.throwIfAborted();
    await rename(work, outputPath);
  } catch (error) {
    await rm(work, { force: true });
    throw error;
  }
}

async function write(file: FileHandle, { offset, bytes }: Patch, signal?: AbortSignal): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    signal?.throwIfAborted();
    const length = Math.min(writeSize, bytes.length - done);
    done += (await file.write(bytes, done, length, offset + done)).bytesWritten;
  }
}

function checkEdit({ keep, size, patches }: Edit): void {
  if (!isInside(size, 0, keep)) throw new RangeError(`cannot keep ${keep} bytes in a file of ${size}`);
  for (const { offset, bytes } of patches) {
    if (!isInside(size, offset, bytes.length))
      throw new RangeError(`${bytes.length} bytes at ${offset} are outside a file of ${size}`);
  }
}
