import { type Blob, blobOf, descriptorOf, sorted } from "./blob.ts";
import { encodeConfig, type ImageConfig, parseConfig, type RunSettings } from "./config.ts";
import type { Descriptor } from "./descriptor.ts";
import type { Layer } from "./layer.ts";
import { mediaTypes } from "./media-type.ts";
import type { Platform } from "./platform.ts";

/** A manifest: a blob that names others. It never changes; whoever wants another image makes one. */
export interface ManifestBlob extends Blob {
  /** The document itself: at most 4 MiB. */
  readonly bytes: Uint8Array;
  readonly artifactType?: string | undefined;
  /** What this says something about. */
  readonly subject?: Descriptor | undefined;
}

/** An image for one platform, or an artifact such as an SBOM: a config and blobs. */
export interface Image extends ManifestBlob {
  readonly kind: "image";
  /** Undefined for artifacts. */
  readonly platform: Platform | undefined;
  readonly config: Blob;
  /** From the lowest up. */
  readonly layers: readonly Blob[];
}

/** Several images, each for its platform. */
export interface ImageIndex extends ManifestBlob {
  readonly kind: "index";
  readonly manifests: readonly (Image | ImageIndex)[];
}

export interface ImageOptions {
  readonly platform: Platform;
  readonly layers: readonly Layer[];
  readonly settings?: RunSettings;
  /** When it was made, in seconds since 1970; 0 unless given, so that the same content has the same digest. */
  readonly created?: number;
  readonly annotations?: Readonly<Record<string, string>>;
  /** What made each layer, as `docker history` shows it. */
  readonly history?: readonly string[];
}

export function createImage(options: ImageOptions): Image {
  const { platform, layers, settings = {}, created = 0, annotations, history } = options;
  const config = blobOf(
    mediaTypes.config,
    encodeConfig({
      platform,
      created,
      settings,
      diffIds: layers.map(({ diffId }) => diffId),
      history: history ?? layers.map(() => ""),
    }),
  );
  return imageOf({ config, layers, annotations, platform });
}

/** Something that belongs to an image and is found by asking for its referrers: SBOM, provenance, scan. */
export function createArtifact(options: {
  /** The media type of what it is. */
  readonly artifactType: string;
  readonly blobs: readonly Blob[];
  readonly subject?: Blob;
  readonly annotations?: Readonly<Record<string, string>>;
}): Image {
  const config = blobOf(mediaTypes.empty, Buffer.from("{}"));
  const { artifactType, blobs, subject, annotations } = options;
  // A manifest has at least one layer: image-spec, "Guidelines for Artifact Usage".
  return imageOf({
    artifactType,
    config,
    layers: blobs.length > 0 ? blobs : [config],
    subject: subject && descriptorOf({ ...subject, annotations: undefined }),
    annotations,
  });
}

/** The same image with these annotations instead of its own. Its config and layers stay. */
export function withAnnotations(image: Image, annotations: Readonly<Record<string, string>>): Image {
  return imageOf({ ...image, annotations });
}

function imageOf(parts: {
  readonly artifactType?: string | undefined;
  readonly config: Blob;
  readonly layers: readonly Blob[];
  readonly subject?: Descriptor | undefined;
  readonly annotations?: Readonly<Record<string, string>> | undefined;
  readonly platform?: Platform | undefined;
}): Image {
  const { artifactType, config, layers, subject, annotations, platform } = parts;
  const bytes = encode({
    schemaVersion: 2,
    mediaType: mediaTypes.manifest,
    artifactType,
    config: descriptorOf(config),
    layers: layers.map(descriptorOf),
    subject,
    annotations: annotations && sorted(annotations),
  });
  const blob = blobOf(mediaTypes.manifest, bytes, annotations);
  return { ...blob, kind: "image", bytes, platform, artifactType, subject, config, layers };
}

/** Images under one name; who pulls it gets the one for its platform. The order is kept: some take the first that fits. */
export function createIndex(options: {
  readonly manifests: readonly (Image | ImageIndex)[];
  readonly annotations?: Readonly<Record<string, string>>;
}): ImageIndex {
  const { manifests, annotations } = options;
  const bytes = encode({
    schemaVersion: 2,
    mediaType: mediaTypes.index,
    manifests: manifests.map(manifestDescriptor),
    annotations: annotations && sorted(annotations),
  });
  return { ...blobOf(mediaTypes.index, bytes, annotations), kind: "index", bytes, manifests };
}

/** How lists of manifests name one: with its platform or artifact type, and without its annotations. */
export function manifestDescriptor(manifest: Image | ImageIndex): Descriptor {
  const { mediaType, digest, size, artifactType } = manifest;
  const platform = manifest.kind === "image" ? manifest.platform : undefined;
  return { mediaType, digest, size, artifactType, platform };
}

/** What an image's config says. @throws OciError OCI_MALFORMED */
export async function readConfig(image: Image): Promise<ImageConfig> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of image.config.content.read()) chunks.push(chunk);
  return parseConfig(Buffer.concat(chunks));
}

const encode = (value: unknown) => Buffer.from(JSON.stringify(value));
