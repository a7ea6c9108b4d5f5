import { realpathSync } from "node:fs";
import path from "node:path";
import { type Dependency, type Diagnostic, exitCodes, SbpError } from "@sbp/core";
import type { CarriedFiles } from "./carried-files.ts";
import { isFolder } from "./folders.ts";

/**
 * Carries the files that globs name, relative to the project; a folder's name stands for all in it. What is in packages
 * has to be named with its `node_modules`. A pattern that finds nothing is most likely a mistake: a warning for each.
 */
export async function carryGlobs(
  option: "assets" | "include",
  patterns: readonly string[] | undefined,
  exclude: readonly string[],
  carried: CarriedFiles,
): Promise<{ files: string[]; diagnostics: Diagnostic[] }> {
  const files: string[] = [];
  const diagnostics: Diagnostic[] = [];
  if (!patterns || patterns.length === 0) return { files, diagnostics };
  const { glob } = await import("tinyglobby");
  const { projectDir } = carried.places;
  for (const given of patterns) {
    const named = path.resolve(projectDir, given);
    const isOne = isFolder(named);
    // It may become one, or no longer be.
    if (isOne || !/[*?[{(!]/.test(given)) carried.depend({ file: named });
    const pattern = isOne ? `${given.replace(/\/+$/, "")}/**` : given;
    const ignore = [...exclude, ...(pattern.includes("node_modules") ? [] : ["**/node_modules/**"])];
    const dependency: Dependency = { glob: pattern, ignore };
    carried.depend(dependency);
    const found = await glob(pattern, { cwd: projectDir, ignore, absolute: true, expandDirectories: false });
    for (const match of found.sort()) {
      // A package that is reached by a link has the place of its real files.
      const file = match.includes("/node_modules/") ? realpathSync(match) : path.normalize(match);
      if (!carried.add(file) && carried.places.of(file) === undefined)
        throw new SbpError(
          "SBP_BUNDLE_ASSETS",
          `"${given}" of ${option} names a file outside of the workspace`,
          {
            hint: "Executables mirror the tree of the sources: move the file below the project or its workspace.",
            exitCode: exitCodes.badUsage,
          },
        );
      files.push(file);
    }
    if (found.length === 0)
      diagnostics.push({
        severity: "warning",
        code: "SBP_BUNDLE_FILE",
        message: `"${given}" of ${option} finds no file`,
        hint: "Globs are relative to the project.",
      });
  }
  return { files, diagnostics };
}
