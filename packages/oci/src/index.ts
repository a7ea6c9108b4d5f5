export { describedBy, type ImageDescription } from "./annotations.ts";
export { openArchive, writeArchive } from "./archive.ts";
export { type Blob, blobOf, descriptorOf } from "./blob.ts";
export { type Compression, type CompressionName, compressionOf } from "./compression.ts";
export type { Healthcheck, ImageConfig, RunSettings } from "./config.ts";
export { bytesContent, type Content, fileContent, joinedContent } from "./content.ts";
export type { Descriptor } from "./descriptor.ts";
export { type Digest, digestHex, digestOf, isDigest, verified } from "./digest.ts";
export { OciError, type OciErrorCode } from "./error.ts";
export {
  createArtifact,
  createImage,
  createIndex,
  type Image,
  type ImageIndex,
  type ImageOptions,
  type ManifestBlob,
  readConfig,
  withAnnotations,
} from "./image.ts";
export { buildLayer, type Layer, type LayerOptions } from "./layer.ts";
export { LayerCache } from "./layer-cache.ts";
export { type ResumableHash, resumableHash } from "./layer-hash.ts";
export {
  buildLayerPrefix,
  completeLayer,
  compressShared,
  type LayerPrefix,
  type PrefixFile,
} from "./layer-prefix.ts";
export { readLayer } from "./layer-read.ts";
export {
  blobsOf,
  encodeLayoutIndex,
  type ImageStore,
  layoutFile,
  type NamedManifest,
  openImage,
  openLayout,
  writeLayout,
} from "./layout.ts";
export { type BlobSource, imageFor, imagesOf, readManifest } from "./manifest.ts";
export { layerCompression, mediaTypes } from "./media-type.ts";
export { type OpenedImage, openPlace } from "./open-place.ts";
export { type Platform, platformFits, platformName } from "./platform.ts";
export { parseReference, type Reference, referenceName } from "./reference.ts";
export { RegistryClient } from "./registry/client.ts";
export { type CredentialSource, type Credentials, dockerCredentials } from "./registry/credentials.ts";
export type { EarlyUpload } from "./registry/early-upload.ts";
export type { PushOptions, PushResult } from "./registry/push.ts";
export type { BlobOutcome } from "./registry/push-blob.ts";
export type { Wait } from "./registry/retry.ts";
export type { SessionOptions } from "./registry/session.ts";
export type { TransportOptions } from "./registry/transport.ts";
export type { FilePart, KeyedContent, TarDirectory, TarEntry, TarFile, TarSymlink } from "./tar-entry.ts";
export { readTar, type TarBody, type TarMember } from "./tar-read.ts";
export { writeTar } from "./tar-write.ts";
