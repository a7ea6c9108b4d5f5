import { resolve } from "node:path";
import { type BuildEvent, type Diagnostic, exitCodes, SbpError, type SourceLocation } from "@sbp/core";

// Steps name the project's files relative to the project, so that their results are the same everywhere. Whoever
// reads them may stand in another folder: before anything is shown, the places are made absolute.

/** The event with absolute places. */
export function placeEvent(event: BuildEvent, projectDir: string): BuildEvent {
  if (event.type === "diagnostic")
    return { ...event, diagnostic: placeDiagnostic(event.diagnostic, projectDir) };
  if (event.type === "action-failed") return { ...event, error: placeError(event.error, projectDir) };
  return event;
}

/** The error with absolute places. */
export function placeError(error: SbpError, projectDir: string): SbpError {
  // One that another copy of core made may know less.
  const { code, message, location, hint, diagnostics = [], exitCode = exitCodes.stepFailed, cause } = error;
  const placed = new SbpError(code, message, {
    ...(location && { location: placeLocation(location, projectDir) }),
    ...(hint !== undefined && { hint }),
    diagnostics: diagnostics.map((diagnostic) => placeDiagnostic(diagnostic, projectDir)),
    exitCode,
    cause,
  });
  placed.stack = error.stack ?? "";
  placed.plugin = error.plugin;
  placed.step = error.step;
  return placed;
}

export function placeDiagnostic(diagnostic: Diagnostic, projectDir: string): Diagnostic {
  const { location } = diagnostic;
  return location ? { ...diagnostic, location: placeLocation(location, projectDir) } : diagnostic;
}

function placeLocation(location: SourceLocation, projectDir: string): SourceLocation {
  return { ...location, file: resolve(projectDir, location.file) };
}
