import { SbpError } from "@sbp/core";
import type { ExecutableError } from "@sbp/executable";

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

export function alreadyApp(): SbpError {
  return new SbpError("SBP_RUNTIME_ALREADY_APP", "the runtime already carries an app", {
    hint: "Use the Node executable itself, not one that was made from it.",
  });
}
