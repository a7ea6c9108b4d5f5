export { ManifestError, type ManifestErrorCode } from "./error.ts";
export type * from "./identified.ts";
export * from "./manifest.ts";
export { libraryPurlOf, purlOf } from "./purl.ts";
