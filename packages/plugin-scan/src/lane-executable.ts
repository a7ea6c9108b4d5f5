import { exitCodes, type RunContext, SbpError } from "@sbp/core";

/** What a lane has made: the artifact, and its file. Throws SBP_SCAN_FILE where a plugin has left it empty. */
export function laneExecutable({ artifacts, target }: Pick<RunContext, "artifacts" | "target">) {
  const executable = artifacts["executable"]!;
  const [file] = executable.files;
  if (!file) {
    throw new SbpError(
      "SBP_SCAN_FILE",
      `There is no executable for ${target} to scan: its artifact is empty`,
      {
        hint: "Let the step that makes executables write one.",
        exitCode: exitCodes.badUsage,
      },
    );
  }
  return { executable, file };
}
