import { constants } from "node:fs";
import { copyFile, open, rm } from "node:fs/promises";

/** A file's bytes as the copy of a base with some bytes replaced and a tail appended. Offsets are in bytes. */
export interface CopyRecipe {
  readonly base: string;
  readonly patches: readonly { readonly offset: number; readonly bytes: Uint8Array }[];
  /** Appended: bytes, or the path of a file. */
  readonly tail: readonly (Uint8Array | { readonly path: string })[];
}

/** Copies in the kernel, shared with the original where the file system can. Leaves nothing behind on failure. */
export async function copyByRecipe(recipe: CopyRecipe, destination: string, mode: number): Promise<void> {
  try {
    await copyFile(recipe.base, destination, constants.COPYFILE_FICLONE);
    await finishCopy(recipe, destination, mode);
  } catch (error) {
    await rm(destination, { force: true });
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
  const source = await open(part.path, "r");
  try {
    const buffer = Buffer.allocUnsafe(1 << 20);
    let written = 0;
    for (;;) {
      const { bytesRead } = await source.read(buffer, 0, buffer.length, null);
      if (bytesRead === 0) return written;
      await writeFully(handle, buffer.subarray(0, bytesRead), position + written);
      written += bytesRead;
    }
  } finally {
    await source.close();
  }
}

async function writeFully(handle: Handle, bytes: Uint8Array, position: number): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    const { bytesWritten } = await handle.write(bytes, done, bytes.length - done, position + done);
    done += bytesWritten;
  }
}
