export {
  type CmsAttribute,
  contentType,
  makeSignedData,
  type SignedDataOptions,
  signDetached,
} from "./cms.ts";
export * as der from "./der.ts";
export { SigningError, type SigningErrorCode } from "./error.ts";
export { readPkcs12, type SigningIdentity } from "./pkcs12.ts";
