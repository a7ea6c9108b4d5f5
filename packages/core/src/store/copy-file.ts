import { createHash } from "node:crypto";
import { constants } from "node:fs";
import { copyFile, open, rm } from "node:fs/promises";

/** A file's bytes as the copy of a base with some bytes replaced and a tail appended. Offsets are in bytes. */
export interface CopyRecipe {
  readonly base: string;
  readonly patches: readonly { readonly offset: number; readonly bytes: Uint8Array }[];
  /** Appended: bytes, or the path of a file. */
  readonly tail: readonly (Uint8Array | { readonly path: string })[];
}

/**
 * Copies in the kernel, shared with the original where the file system can, to a place where nothing is: Node would
 * truncate what it finds there, after which ext4 brings the whole copy to the disk at once. Leaves nothing behind on
 * failure.
 */
export async function copyByRecipe(recipe: CopyRecipe, destination: string, mode: number): Promise<void> {
  try {
    await copyFile(recipe.base, destination, constants.COPYFILE_FICLONE | constants.COPYFILE_EXCL);
    await finishCopy(recipe, destination, mode);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") await rm(destination, { force: true });
    throw error;
  }
}

/** Makes of a copy of the base, and of nothing but it, what the recipe says. */
export async function finishCopy(recipe: CopyRecipe, destination: string, mode: number): Promise<void> {
  // The copy has the mode of the store's file, which nobody may write.
  const handle = await openWritable(destination);
  try {
    for (const { offset, bytes } of recipe.patches) await writeFully(handle, bytes, offset);
    let position = (await handle.stat()).size;
    for (const part of recipe.tail) {
      position += await append(handle, part, position);
    }
    await handle.chmod(mode);
  } finally {
    await handle.close();
  }
}

/** SHA-256 of what a recipe makes, in hex digits, without making it. */
export async function hashByRecipe(
  { base, patches, tail }: CopyRecipe,
  signal: AbortSignal,
): Promise<string> {
  const hash = createHash("sha256");
  let start = 0;
  await readAll(base, (chunk) => {
    signal.throwIfAborted();
    for (const { offset, bytes } of patches) {
      const from = Math.max(offset, start);
      const to = Math.min(offset + bytes.length, start + chunk.length);
      if (from < to) chunk.set(bytes.subarray(from - offset, to - offset), from - start);
    }
    start += chunk.length;
    hash.update(chunk);
  });
  for (const part of tail) {
    if (part instanceof Uint8Array) hash.update(part);
    else await readAll(part.path, (chunk) => void hash.update(chunk));
  }
  return hash.digest("hex");
}

/** Reads a file from start to end. A chunk is the reader's until it returns. */
async function readAll(path: string, read: (chunk: Uint8Array) => void | Promise<void>): Promise<void> {
  const source = await open(path, "r");
  try {
    const buffer = Buffer.allocUnsafe(1 << 20);
    for (;;) {
      const { bytesRead } = await source.read(buffer, 0, buffer.length, null);
      if (bytesRead === 0) return;
      await read(buffer.subarray(0, bytesRead));
    }
  } finally {
    await source.close();
  }
}

async function openWritable(path: string) {
  const reader = await open(path, "r");
  try {
    await reader.chmod(0o600);
  } finally {
    await reader.close();
  }
  return open(path, "r+");
}

type Handle = Awaited<ReturnType<typeof open>>;

async function append(
  handle: Handle,
  part: Uint8Array | { readonly path: string },
  position: number,
): Promise<number> {
  if (part instanceof Uint8Array) {
    await writeFully(handle, part, position);
    return part.length;
  }
  let written = 0;
  await readAll(part.path, async (chunk) => {
    await writeFully(handle, chunk, position + written);
    written += chunk.length;
  });
  return written;
}

async function writeFully(handle: Handle, bytes: Uint8Array, position: number): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    const { bytesWritten } = await handle.write(bytes, done, bytes.length - done, position + done);
    done += bytesWritten;
  }
}
