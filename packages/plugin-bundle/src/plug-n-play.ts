import { existsSync } from "node:fs";
import path from "node:path";
import { exitCodes, SbpError } from "@sbp/core";

import { upwards, workspaceRoot } from "./workspace.ts";

/**
 * Throws SBP_BUNDLE_PNP where Yarn has installed the project's packages as archives (Plug'n'Play): what reads files of its
 * own could not be carried, and no change in an archive would be seen.
 */
export function checkNoPlugnplay(projectDir: string): void {
  const root = workspaceRoot(projectDir);
  for (const folder of upwards(projectDir)) {
    if (existsSync(path.join(folder, "node_modules"))) return;
    const file = [".pnp.cjs", ".pnp.js"]
      .map((name) => path.join(folder, name))
      .find((name) => existsSync(name));
    if (file)
      throw new SbpError(
        "SBP_BUNDLE_PNP",
        "Yarn keeps the packages of this project in archives (Plug'n'Play), which cannot be bundled",
        {
          location: { file },
          hint: 'Write "nodeLinker: node-modules" into .yarnrc.yml and run yarn install.',
          exitCode: exitCodes.badUsage,
        },
      );
    if (folder === root) return;
  }
}
