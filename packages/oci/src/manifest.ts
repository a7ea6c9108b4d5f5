import type { Blob } from "./blob.ts";
import { parseConfig } from "./config.ts";
import { type Content, readAll } from "./content.ts";
import {
  type Descriptor,
  list,
  longestDocument,
  parseDescriptor,
  parseJson,
  parseTexts,
} from "./descriptor.ts";
import { verified } from "./digest.ts";
import { malformed, OciError, tooLarge, unsupported } from "./error.ts";
import type { Image, ImageIndex } from "./image.ts";
import { isIndexType, isManifestType, mediaTypes } from "./media-type.ts";
import { type Platform, platformFits, platformName } from "./platform.ts";

/** Where blobs come from: a layout, an archive, a registry. Their bytes are not believed. */
export interface BlobSource {
  /**
   * The content of a blob. Nothing has to be checked yet.
   *
   * @throws OciError OCI_NOT_FOUND
   */
  blob(descriptor: Descriptor): Promise<Content>;
  /** The same for manifests, where they are kept apart. */
  manifest?(descriptor: Descriptor): Promise<Content>;
}

const mostManifests = 256;
const mostLayers = 1024;
const deepest = 4;

/**
 * What a descriptor names, down to the configs: these documents are read and checked, layers only described. A layer's
 * content checks its size and digest whenever it is read from its start to its end.
 *
 * @throws OciError OCI_MALFORMED, OCI_DIGEST_MISMATCH, OCI_TOO_LARGE, OCI_UNSUPPORTED, OCI_NOT_FOUND
 */
export async function readManifest(source: BlobSource, descriptor: Descriptor): Promise<Image | ImageIndex> {
  return readAt(source, descriptor, 0, { left: mostManifests });
}

async function readAt(
  source: BlobSource,
  descriptor: Descriptor,
  depth: number,
  budget: { left: number },
): Promise<Image | ImageIndex> {
  if (depth > deepest) throw tooLarge(`${descriptor.digest} is below more than ${deepest} indexes`);
  if (--budget.left < 0) throw tooLarge(`an index with more than ${mostManifests} manifests`);
  const { mediaType } = descriptor;
  if (!isIndexType(mediaType) && !isManifestType(mediaType))
    throw unsupported(`${descriptor.digest} is neither image nor index but ${mediaType.slice(0, 100)}`);
  const content = await (source.manifest ?? source.blob).call(source, descriptor);
  const bytes = await readDocument(descriptor, content);
  const value = parseJson(bytes, descriptor.digest);
  if (value["schemaVersion"] !== 2) throw malformed(`${descriptor.digest} is not of schema version 2`);
  if (value["mediaType"] !== undefined && value["mediaType"] !== mediaType)
    throw malformed(`${descriptor.digest} says that it is something else than ${mediaType}`);
  const common = {
    mediaType,
    digest: descriptor.digest,
    size: descriptor.size,
    content,
    bytes,
    annotations: parseTexts(value["annotations"], "annotations of a manifest"),
    artifactType: typeof value["artifactType"] === "string" ? value["artifactType"] : undefined,
    subject:
      value["subject"] === undefined ? undefined : parseDescriptor(value["subject"], "subject of a manifest"),
  };
  if (isIndexType(mediaType)) {
    const listed = list(value["manifests"], "manifests of an index").map((item) =>
      parseDescriptor(item, "a manifest in an index"),
    );
    const manifests: (Image | ImageIndex)[] = [];
    for (const item of listed) manifests.push(await readAt(source, item, depth + 1, budget));
    return { ...common, kind: "index", manifests };
  }
  const layers = list(value["layers"], "layers of a manifest");
  if (layers.length > mostLayers) throw tooLarge(`${descriptor.digest} has more than ${mostLayers} layers`);
  const config = await checkedBlob(source, parseDescriptor(value["config"], "config of a manifest"));
  return {
    ...common,
    kind: "image",
    platform: await platformOf(config, layers.length),
    config,
    layers: await Promise.all(
      layers.map(async (layer) => checkedBlob(source, parseDescriptor(layer, "a layer of a manifest"))),
    ),
  };
}

/** A document in memory, checked. */
export async function readDocument(descriptor: Descriptor, content: Content): Promise<Buffer> {
  if (descriptor.size > longestDocument)
    throw tooLarge(`${descriptor.digest} has more than ${longestDocument} bytes`);
  return readAll(verified(content.read(), descriptor), longestDocument, descriptor.digest);
}

async function platformOf(config: Blob, layers: number): Promise<Platform | undefined> {
  const isConfig =
    config.mediaType === mediaTypes.config ||
    config.mediaType === "application/vnd.docker.container.image.v1+json";
  if (!isConfig) return undefined;
  const { platform, diffIds } = parseConfig(await readDocument(config, config.content));
  if (diffIds.length !== layers)
    throw malformed(`the config ${config.digest} is for ${diffIds.length} layers, the image has ${layers}`);
  return platform;
}

async function checkedBlob(source: BlobSource, descriptor: Descriptor): Promise<Blob> {
  const content = await source.blob(descriptor);
  const { mediaType, digest, size, annotations } = descriptor;
  if (content.size !== size)
    throw new OciError("OCI_DIGEST_MISMATCH", `${digest} has ${content.size} bytes instead of ${size}`);
  return {
    mediaType,
    digest,
    size,
    annotations,
    content: {
      size,
      read: (start = 0, end = size) =>
        start === 0 && end === size ? verified(content.read(), descriptor) : content.read(start, end),
    },
  };
}

/** Every image of an index, those of indexes in it included. */
export function imagesOf(manifest: Image | ImageIndex): Image[] {
  return manifest.kind === "image" ? [manifest] : manifest.manifests.flatMap(imagesOf);
}

/**
 * The first image for a platform.
 *
 * @throws OciError OCI_NOT_FOUND
 */
export function imageFor(manifest: Image | ImageIndex, platform: Platform): Image {
  const images = imagesOf(manifest).filter((image) => image.platform !== undefined);
  const found = images.find((image) => platformFits(image.platform!, platform));
  if (found) return found;
  const there = images.map((image) => platformName(image.platform!)).join(", ") || "none";
  throw new OciError(
    "OCI_NOT_FOUND",
    `${manifest.digest} has no image for ${platformName(platform)}; its platforms: ${there}`,
  );
}
