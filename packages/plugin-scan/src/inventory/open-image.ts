/* Images wherever they are: a layout's folder, a tar, a registry. */
import { open, stat } from "node:fs/promises";
import { join } from "node:path";
import { exitCodes, SbpError } from "@sbp/core";
import type { Image, ImageIndex, OciErrorCode } from "@sbp/oci";

export interface OpenedImage {
  readonly image: Image;
  close(): Promise<void>;
}

export interface ImageRequest {
  /** `linux-arm64`: which of several images; the first without. */
  readonly target?: string | undefined;
  /** Speak to the registry without TLS. */
  readonly plainHttp?: boolean | undefined;
  readonly signal: AbortSignal;
}

export async function isLayout(folder: string): Promise<boolean> {
  return stat(join(folder, "oci-layout")).then(
    (found) => found.isFile(),
    () => false,
  );
}

/** By the magic of ustar, which pax and GNU have too. */
export async function isTar(path: string): Promise<boolean> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(262), 0, 262, 0);
    return bytesRead === 262 && buffer.toString("latin1", 257, 262) === "ustar";
  } finally {
    await file.close();
  }
}

/** Throws SBP_SCAN_IMAGE. */
export async function openStoredImage(
  path: string,
  kind: "layout" | "tar",
  request: ImageRequest,
): Promise<OpenedImage> {
  const oci = await import("@sbp/oci");
  return await told(path, async () => {
    const store = kind === "layout" ? await oci.openLayout(path) : await oci.openArchive(path);
    return { image: choose(await oci.openImage(store), request, oci), async close() {} };
  });
}

/** Throws SBP_SCAN_IMAGE. */
export async function pullImage(reference: string, request: ImageRequest): Promise<OpenedImage> {
  const oci = await import("@sbp/oci");
  return await told(reference, async () => {
    const client = new oci.RegistryClient({
      credentials: oci.dockerCredentials(),
      ...(request.plainHttp && { plainHttp: [oci.parseReference(reference).registry] }),
    });
    try {
      const manifest = await client.pull(reference, { signal: request.signal });
      return { image: choose(manifest, request, oci), close: () => client.close() };
    } catch (error) {
      await client.close();
      throw error;
    }
  });
}

function choose(
  manifest: Image | ImageIndex,
  { target }: ImageRequest,
  oci: typeof import("@sbp/oci"),
): Image {
  if (target === undefined) {
    const [first] = oci.imagesOf(manifest).filter(({ platform }) => platform !== undefined);
    if (!first) throw new oci.OciError("OCI_NOT_FOUND", "there is no image of a platform in it");
    return first;
  }
  const [os = "", processor = ""] = target.split("-");
  return oci.imageFor(manifest, { os, architecture: processor === "x64" ? "amd64" : processor });
}

export async function told<T>(name: string, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    const { name: kind, message, code } = error as Error & { readonly code?: OciErrorCode };
    if (kind !== "OciError" && !(error instanceof RangeError)) throw error;
    throw new SbpError("SBP_SCAN_IMAGE", `The image ${name} cannot be read: ${message}`, {
      hint:
        code === "OCI_UNAUTHORIZED" || code === "OCI_DENIED"
          ? "Log in with `docker login` or `podman login`."
          : "Name a folder with an OCI layout, an uncompressed tar of one, or an image of a registry; --target chooses of several.",
      exitCode: exitCodes.badUsage,
      cause: error,
    });
  }
}
