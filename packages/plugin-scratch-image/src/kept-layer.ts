import type { Artifact, JsonObject } from "@sbp/core";
import { type Digest, fileContent, isDigest, type Layer } from "@sbp/oci";

/** The file of an artifact that is a whole layer. */
export const layerFile = "layer";

/** A layer that the store has as a file of an artifact. */
export interface KeptLayer {
  readonly layer: Layer;
  readonly artifact: Artifact;
}

/** What an artifact's meta says of its layer. */
export function layerMeta({ mediaType, digest, diffId, size }: Layer): JsonObject {
  return { layer: { mediaType, digest, diffId, size } };
}

/** The layer in an artifact; undefined if it has none. */
export async function keptLayer(artifact: Artifact | undefined): Promise<KeptLayer | undefined> {
  const { mediaType, digest, diffId, size } = (artifact?.meta["layer"] ?? {}) as Record<string, unknown>;
  if (!artifact || typeof mediaType !== "string" || typeof size !== "number") return undefined;
  if (!isDigest(digest) || !isDigest(diffId)) return undefined;
  const content = fileContent(await artifact.path(layerFile), { size });
  return { artifact, layer: { mediaType, digest: digest as Digest, diffId, size, content } };
}
