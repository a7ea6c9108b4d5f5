/** What the process exits with; design: one number per kind of ending. */
export const exitCodes = { done: 0, stepFailed: 1, badUsage: 2, policy: 3, interrupted: 130 } as const;

/** A place in a file. Lines and columns count from 1, columns in UTF-16 units. */
export interface SourceLocation {
  readonly file: string;
  readonly line?: number;
  readonly column?: number;
  /** Length of the offending text in UTF-16 units, on that line. */
  readonly length?: number;
  /** The whole source line, without its line break. */
  readonly lineText?: string;
}

/** One finding with a place and a cure: an error's details, or a warning of a step. */
export interface Diagnostic {
  readonly severity: "error" | "warning" | "info";
  /** Documented in docs/errors.md. */
  readonly code: string;
  readonly message: string;
  readonly location?: SourceLocation;
  /** What to do next, as one sentence. */
  readonly hint?: string;
}

export interface SbpErrorDetails {
  readonly location?: SourceLocation;
  readonly hint?: string;
  /** Every single finding, where one error stands for several. */
  readonly diagnostics?: readonly Diagnostic[];
  readonly exitCode?: number;
  readonly cause?: unknown;
}

/**
 * A failure that its reader can act on: coded, with place and cure. Everything else that is thrown is a bug
 * of sbp or of a plugin, and is shown as one.
 */
export class SbpError extends Error {
  override readonly name = "SbpError";
  readonly code: string;
  readonly location: SourceLocation | undefined;
  readonly hint: string | undefined;
  readonly diagnostics: readonly Diagnostic[];
  readonly exitCode: number;
  /** Set by the engine: the plugin and step that failed. */
  plugin: string | undefined;
  step: string | undefined;

  constructor(code: string, message: string, details: SbpErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.location = details.location;
    this.hint = details.hint;
    this.diagnostics = details.diagnostics ?? [];
    this.exitCode = details.exitCode ?? exitCodes.stepFailed;
  }
}

/** True for errors of this class, also when another copy of @sbp/core made them. */
export function isSbpError(error: unknown): error is SbpError {
  return error instanceof Error && error.name === "SbpError" && "code" in error;
}
