export { decodeManifest, type EncodedManifest, encodeManifest } from "./encoding.ts";
export { ManifestError, type ManifestErrorCode } from "./error.ts";
export type * from "./identified.ts";
export { identify } from "./identify.ts";
export * from "./manifest.ts";
export * from "./pack-format.ts";
export {
  filesOf,
  type IndexedFile,
  type PackLayout,
  PackVersionError,
  readPackFiles,
  readPackHeader,
  readPackLayout,
} from "./pack-index.ts";
export { type LocatedPayload, locatePayload, payloadNames } from "./payload.ts";
export { libraryPurlOf, purlOf } from "./purl.ts";
export { readBundleManifest } from "./read-json.ts";
export {
  type OpenedPack,
  openPack,
  readManifest,
  readPackedFiles,
  readPackManifest,
  within,
} from "./read-manifest.ts";
export { findPack, lengthSize, mainName, packName } from "./sea-blob.ts";
