import { exitCodes, SbpError } from "@sbp/core";

/** A database that is not what it has to be: never passed over in silence. */
export function databaseError(file: string, message: string, cause?: unknown): SbpError {
  return new SbpError("SBP_SCAN_DATABASE", `The database of vulnerabilities cannot be read: ${message}`, {
    location: { file },
    hint: "Fetch it anew (`sbp scan --update-db`), or name a folder of OSV records or the zip of an ecosystem with --db.",
    exitCode: exitCodes.badUsage,
    cause,
  });
}
