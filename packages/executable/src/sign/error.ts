/** Why something could not be signed. */
export type SigningErrorCode =
  /** The file is no PKCS #12 file, or one that contradicts itself. */
  | "SIGNING_IDENTITY_MALFORMED"
  /** The file is right, but uses an algorithm or a structure that is not handled. */
  | "SIGNING_IDENTITY_UNSUPPORTED"
  /** The file does not open with this password. */
  | "SIGNING_PASSWORD_WRONG"
  /** The file has no private key, several, or no certificate for its key. */
  | "SIGNING_IDENTITY_INCOMPLETE";

export class SigningError extends Error {
  override readonly name = "SigningError";
  readonly code: SigningErrorCode;

  constructor(code: SigningErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
