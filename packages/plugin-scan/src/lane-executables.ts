import { type ArtifactFile, exitCodes, isSbpError, type RunContext, SbpError } from "@sbp/core";
import { type ExecutableOptions, type ScannedExecutable, scanExecutable } from "./inventory/of-executable.ts";

export interface LaneExecutable extends ScannedExecutable {
  readonly file: ArtifactFile;
}

/**
 * What a lane has made: each file of its artifact that is an executable. Throws SBP_SCAN_FILE where none is, and SBP_SCAN_MANIFEST.
 */
export async function scanLane(
  { artifacts, target }: Pick<RunContext, "artifacts" | "target">,
  options: Pick<ExecutableOptions, "emptyRoot" | "texts"> = {},
): Promise<readonly [LaneExecutable, ...LaneExecutable[]]> {
  const artifact = artifacts["executable"]!;
  const scans: LaneExecutable[] = [];
  let noExecutable: SbpError | undefined;
  for (const file of artifact.files)
    try {
      const facts = { ...options, name: file.path, sha256: file.sha256 };
      scans.push({ ...(await scanExecutable(await artifact.path(file.path), facts)), file });
    } catch (error) {
      if (!isSbpError(error) || error.code !== "SBP_SCAN_FILE") throw error;
      noExecutable ??= error;
    }
  const [first, ...others] = scans;
  if (first) return [first, ...others];
  if (noExecutable) throw noExecutable;
  // A plugin has left it empty.
  throw new SbpError("SBP_SCAN_FILE", `There is no executable for ${target} to scan: its artifact is empty`, {
    hint: "Let the step that makes executables write one.",
    exitCode: exitCodes.badUsage,
  });
}
