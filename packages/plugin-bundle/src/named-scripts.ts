/*
 * Scripts that the app's own sources name in text, for somebody who starts or loads them when the app runs:
 *
 *   new FixedThreadPool(4, "./worker.js")        found from the current folder, where an executable has no sources
 *
 * Those that lie there and are neither carried nor part of the bundle will be missed.
 */
import path from "node:path";
import type { Diagnostic } from "@sbp/core";
import type { Built } from "./build.ts";
import type { CarriedFiles } from "./carried-files.ts";
import { slashes } from "./entry.ts";
import { scriptsNamedFrom } from "./own-texts.ts";
import { isDependency, locationOf } from "./run-time-files.ts";

/** In a bundle, whose imports are resolved. */
const namesScript = /["'`]\.{1,2}\/[\w@./-]*\.[cm]?[jt]sx?["'`]/;

export interface NamedScriptsRequest {
  readonly bundles: readonly Pick<Built, "text" | "metafile">[];
  readonly carried: CarriedFiles;
  readonly isExcluded: (file: string) => boolean;
}

export function namedScripts({ bundles, carried, isExcluded }: NamedScriptsRequest): Diagnostic[] {
  // Sources are read again to tell where: most apps have no such text, and some a thousand sources.
  if (!bundles.some(({ text }) => namesScript.test(text))) return [];
  const { projectDir } = carried.places;
  const inputs = new Set(bundles.flatMap(({ metafile }) => Object.keys(metafile.inputs)));
  const isPart = (file: string) =>
    inputs.has(slashes(path.relative(projectDir, file))) || carried.has(file) || isExcluded(file);
  const own = [...inputs].filter((input) => !isDependency(input) && /\.[cm]?[jt]sx?$/.test(input));
  return own.flatMap((source) =>
    scriptsNamedFrom(path.resolve(projectDir, source), projectDir).flatMap(({ text, line, files }) =>
      files.some(isPart)
        ? []
        : [
            {
              severity: "warning" as const,
              code: "SBP_BUNDLE_SCRIPT",
              message: `"${text}" is named here and not in the executable: who looks for it at run time does not find it`,
              hint: `Name it by the place of its source, which is carried then: new URL("${text}", import.meta.url). Or name it in "assets" of the step bundle.`,
              location: locationOf(projectDir, { source, line, column: 1 }),
            },
          ],
    ),
  );
}
