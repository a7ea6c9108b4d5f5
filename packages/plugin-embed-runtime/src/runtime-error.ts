import { SbpError } from "@sbp/core";
import type { ExecutableError } from "@sbp/executable";
import type { LoaderError } from "@sbp/loader";

/** What to tell the user of a runtime that no app can be added to. */
export function runtimeError(error: ExecutableError): SbpError {
  switch (error.code) {
    case "EXECUTABLE_PAYLOAD_EXISTS":
      return alreadyApp();
    case "EXECUTABLE_PATTERN_MISSING":
    case "EXECUTABLE_PATTERN_REPEATED":
      return new SbpError("SBP_RUNTIME_NO_SEA", "the runtime cannot carry an app", {
        hint: "It was built without support for single executable applications: use an official build of Node.",
        cause: error,
      });
    default:
      return new SbpError(
        "SBP_RUNTIME_INVALID",
        `the runtime is no executable to work with: ${error.message}`,
        {
          hint: "Use an official build of Node.",
          cause: error,
        },
      );
  }
}

/** Without loading the package, which only templates for Linux need. */
export function isLoaderError(error: unknown): error is LoaderError {
  return error instanceof Error && error.name === "LoaderError";
}

/** What to tell the user of a runtime that cannot carry its libraries. */
export function selfContainedError(error: LoaderError): SbpError {
  if (error.code === "LOADER_CLOSURE_INVALID")
    return new SbpError("SBP_LIBRARIES_INVALID", error.message, {
      hint: "Install @sbp/libs-linux-x64 and @sbp/libs-linux-arm64 again.",
      cause: error,
    });
  return new SbpError("SBP_RUNTIME_NOT_SELF_CONTAINED", error.message, {
    hint: 'Use an official build of Node, or set "selfContained": false in the step embed-runtime: then the executable needs the C and C++ libraries of the machine.',
    cause: error,
  });
}

export function alreadyApp(): SbpError {
  return new SbpError("SBP_RUNTIME_ALREADY_APP", "the runtime already carries an app", {
    hint: "Use the Node executable itself, not one that was made from it.",
  });
}
