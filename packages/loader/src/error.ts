/** Why an executable cannot be made self-contained. */
export type LoaderErrorCode =
  /** The runtime has a layout, or needs libraries, that are not handled. */
  | "LOADER_RUNTIME_UNSUPPORTED"
  /** The libraries are for another machine than the runtime. */
  | "LOADER_MACHINE_MISMATCH"
  /** The libraries are damaged: not what their description says, or no libraries. */
  | "LOADER_CLOSURE_INVALID"
  /** The libraries may be right, but ld.so or one of them is of a kind that is not handled. */
  | "LOADER_CLOSURE_UNSUPPORTED";

export class LoaderError extends Error {
  override readonly name = "LoaderError";
  readonly code: LoaderErrorCode;

  constructor(code: LoaderErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
