/** Why an executable could not be read or edited. */
export type ExecutableErrorCode =
  /** The file is not in the format that was asked for. */
  | "EXECUTABLE_UNRECOGNIZED"
  /** The file contradicts its format: cut short, or with parts that cannot be where they are said to be. */
  | "EXECUTABLE_MALFORMED"
  /** The file may be right, but it is of a kind that this package does not handle. */
  | "EXECUTABLE_UNSUPPORTED"
  /** The file already carries a payload of that name. */
  | "EXECUTABLE_PAYLOAD_EXISTS"
  /** The payload is larger than the format can hold. */
  | "EXECUTABLE_PAYLOAD_TOO_LARGE"
  /** A template description, for instance one from a cache, is not one that this package wrote. */
  | "EXECUTABLE_TEMPLATE_INVALID"
  /** The icon is no .ico file. */
  | "EXECUTABLE_ICON_INVALID"
  /** The bytes that had to be there once are not there. */
  | "EXECUTABLE_PATTERN_MISSING"
  /** The bytes that had to be there once are there several times. */
  | "EXECUTABLE_PATTERN_REPEATED"
  /** The ICU data has nothing for a locale that should be kept. */
  | "EXECUTABLE_LOCALE_UNKNOWN"
  /** An encoding that should be kept is none of the Encoding Standard. */
  | "EXECUTABLE_ENCODING_UNKNOWN";

export class ExecutableError extends Error {
  override readonly name = "ExecutableError";
  readonly code: ExecutableErrorCode;
  /** Where in the file, in bytes from its start, if one place can be named. */
  readonly offset: number | undefined;

  constructor(code: ExecutableErrorCode, message: string, offset?: number) {
    super(offset === undefined ? message : `${message} (at byte ${offset})`);
    this.code = code;
    this.offset = offset;
  }
}

export const malformed = (message: string, offset?: number) =>
  new ExecutableError("EXECUTABLE_MALFORMED", message, offset);

export const unsupported = (message: string, offset?: number) =>
  new ExecutableError("EXECUTABLE_UNSUPPORTED", message, offset);
