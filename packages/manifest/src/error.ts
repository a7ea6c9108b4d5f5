/** Why a manifest could not be read. */
export type ManifestErrorCode =
  /** There is none in this file. */
  | "MANIFEST_MISSING"
  /** It contradicts its format, or is cut short. */
  | "MANIFEST_MALFORMED"
  /** It is of a format that this version does not know. */
  | "MANIFEST_VERSION"
  /** It is larger than any that was ever made. */
  | "MANIFEST_TOO_LARGE";

export class ManifestError extends Error {
  override readonly name = "ManifestError";
  readonly code: ManifestErrorCode;

  constructor(code: ManifestErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

export const malformed = (message: string, cause?: unknown) =>
  new ManifestError("MANIFEST_MALFORMED", `the manifest is damaged: ${message}`, { cause });
