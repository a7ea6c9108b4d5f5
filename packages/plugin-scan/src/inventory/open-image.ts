/* Images wherever they are: a layout's folder, a tar, a registry; of several the one that is asked for. */
import { exitCodes, SbpError } from "@sbp/core";
import type { Image, ImageIndex, OciErrorCode } from "@sbp/oci";
import type { ImagePlace } from "@sbp/oci/places";

export interface ChosenImage {
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

/** @param name a path, or of a registry a reference. Throws SBP_SCAN_IMAGE. */
export async function openNamedImage(
  name: string,
  place: ImagePlace,
  request: ImageRequest,
): Promise<ChosenImage> {
  const oci = await import("@sbp/oci");
  return await told(name, async () => {
    const { manifest, close } = await oci.openPlace(name, place, request);
    try {
      return { image: choose(manifest, request, oci), close };
    } catch (error) {
      await close();
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
