/** Media types of image-spec 1.1, and Docker's own for the same things, which many registries still hold. */
export const mediaTypes = {
  index: "application/vnd.oci.image.index.v1+json",
  manifest: "application/vnd.oci.image.manifest.v1+json",
  config: "application/vnd.oci.image.config.v1+json",
  /** The content of a field that must be there and has nothing to say: `{}`. */
  empty: "application/vnd.oci.empty.v1+json",
  layer: {
    none: "application/vnd.oci.image.layer.v1.tar",
    gzip: "application/vnd.oci.image.layer.v1.tar+gzip",
    zstd: "application/vnd.oci.image.layer.v1.tar+zstd",
  },
  dockerIndex: "application/vnd.docker.distribution.manifest.list.v2+json",
  dockerManifest: "application/vnd.docker.distribution.manifest.v2+json",
} as const;

const dockerLayer = "application/vnd.docker.image.rootfs.diff.tar.gzip";

export const isIndexType = (type: string): boolean =>
  type === mediaTypes.index || type === mediaTypes.dockerIndex;

export const isManifestType = (type: string): boolean =>
  type === mediaTypes.manifest || type === mediaTypes.dockerManifest;

/** How a layer of this media type is compressed; undefined for other blobs. */
export function layerCompression(type: string): "none" | "gzip" | "zstd" | undefined {
  if (type === mediaTypes.layer.none) return "none";
  if (type === mediaTypes.layer.gzip || type === dockerLayer) return "gzip";
  if (type === mediaTypes.layer.zstd) return "zstd";
  return undefined;
}
