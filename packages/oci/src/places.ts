/* Where an image that somebody names is. An entry of its own: who asks whether something is an image at all loads nothing else for it. */
import { open, stat } from "node:fs/promises";
import { join } from "node:path";

export type ImagePlace = "layout" | "tar" | "registry";

/** Whether a folder is an OCI layout. */
export async function isLayout(folder: string): Promise<boolean> {
  return stat(join(folder, "oci-layout")).then(
    (found) => found.isFile(),
    () => false,
  );
}

/** Whether a file is an uncompressed tar, by the magic of ustar, which pax and GNU have too. False for one that cannot be read. */
export async function isTar(path: string): Promise<boolean> {
  const file = await open(path).catch(() => undefined);
  if (!file) return false;
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(262), 0, 262, 0);
    return bytesRead === 262 && buffer.toString("latin1", 257, 262) === "ustar";
  } finally {
    await file.close();
  }
}

/** Whether a name begins with a registry, as `registry.example/acme/health:1.2.0` does: whatever else is named is a path. */
export function namesRegistry(name: string): boolean {
  return /^(?:localhost|[\w-]+(?:\.[\w-]+)+|[\w.-]+:\d+)\/[^/]/.test(name);
}
