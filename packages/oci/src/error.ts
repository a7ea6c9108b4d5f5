/** Why something about an image or a registry did not work. */
export type OciErrorCode =
  /** What was read contradicts its format: cut short, of the wrong shape, or with parts that are missing. */
  | "OCI_MALFORMED"
  /** It may be right, but it is of a kind that this package does not handle. */
  | "OCI_UNSUPPORTED"
  /** It is larger than what is accepted of its kind. */
  | "OCI_TOO_LARGE"
  /** The bytes are not those that their digest names. */
  | "OCI_DIGEST_MISMATCH"
  /** The path of a file cannot be in a layer: absolute, with `..`, or there twice. */
  | "OCI_PATH_INVALID"
  /** The text is no image reference. */
  | "OCI_REFERENCE_INVALID"
  /** There is no such image, manifest, blob or platform. */
  | "OCI_NOT_FOUND"
  /** A file with credentials cannot be read, or a credential helper failed. */
  | "OCI_CREDENTIALS_INVALID"
  /** The registry wants to be spoken to over plain HTTP, or to send credentials over it, and this was not allowed. */
  | "OCI_INSECURE"
  /** The registry does not know the credentials, or wants some. */
  | "OCI_UNAUTHORIZED"
  /** The registry knows who asks and says no. */
  | "OCI_DENIED"
  /** The tag is there already, for another digest, and must stay. */
  | "OCI_TAG_IMMUTABLE"
  /** No connection, or one that broke again and again. */
  | "OCI_UNREACHABLE"
  /** The registry refused the request or failed, also when asked again. */
  | "OCI_REGISTRY_FAILED";

export class OciError extends Error {
  override readonly name = "OciError";
  readonly code: OciErrorCode;
  /** The HTTP status of the registry's answer, if there was one. */
  readonly status: number | undefined;

  constructor(
    code: OciErrorCode,
    message: string,
    options: { readonly status?: number | undefined; readonly cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? {} : { cause: options.cause });
    this.code = code;
    this.status = options.status;
  }
}

export const malformed = (message: string) => new OciError("OCI_MALFORMED", message);
export const unsupported = (message: string) => new OciError("OCI_UNSUPPORTED", message);
export const tooLarge = (message: string) => new OciError("OCI_TOO_LARGE", message);
