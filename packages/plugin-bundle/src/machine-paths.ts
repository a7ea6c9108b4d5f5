import { readFileSync, statSync } from "node:fs";
import path from "node:path";
import type { Diagnostic } from "@sbp/core";
import type { Metafile } from "esbuild";
import { slashes } from "./entry.ts";
import { isDependency, locationOf } from "./run-time-files.ts";

/** So many are shown. */
const longestList = 3;

/**
 * Sources that hold paths of this machine, as outputs of other builds do (Astro's manifest, for one): folders of the project
 * that the code wants to read, and that nobody finds by following paths.
 */
export function machinePaths({
  code,
  metafile,
  projectDir,
}: {
  /** The bundle. */
  readonly code: string;
  readonly metafile: Metafile;
  readonly projectDir: string;
}): Diagnostic[] {
  const texts = [...new Set([projectDir, slashes(projectDir), projectDir.replaceAll("\\", "\\\\")])];
  // Most bundles have none, and then no source need be read. esbuild writes all but ASCII as escapes.
  const isAscii = /^[\x20-\x7e]*$/.test(projectDir);
  if (isAscii && !texts.some((text) => code.includes(text))) return [];
  const escaped = texts.map((text) => text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&"));
  const quoted = new RegExp(
    `(["'\`])(?:file:\\/\\/\\/?)?(?:${escaped.join("|")})((?:[\\\\/][^"'\`\\n]{0,300})?)\\1`,
    "g",
  );
  return Object.keys(metafile.inputs).flatMap((source): Diagnostic[] => {
    if (isDependency(source) || !/\.[cm]?[jt]sx?$/.test(source)) return [];
    const file = path.resolve(projectDir, source);
    const text = readFileSync(file, "utf8");
    const places = [...text.matchAll(quoted)].flatMap(({ 2: inside = "", index }) => {
      const place = slashes(inside.replaceAll("\\\\", "\\")).replace(/^\/+|\/+$/g, "");
      const isThere = place !== "" && statSync(path.join(projectDir, place), { throwIfNoEntry: false });
      return isThere && !place.includes("node_modules") ? [{ place, index }] : [];
    });
    if (!places[0]) return [];
    const names = [...new Set(places.map(({ place }) => `"${place}"`))];
    const more = names.length > longestList ? ` and ${names.length - longestList} more` : "";
    const before = text.slice(0, places[0].index);
    const position = {
      source,
      line: before.split("\n").length,
      column: before.length - before.lastIndexOf("\n"),
    };
    return [
      {
        severity: "warning",
        code: "SBP_BUNDLE_FILE",
        message: `Paths of this machine stand here, which the executable does not have: ${names.slice(0, longestList).join(", ")}${more}`,
        hint: 'Name what the app reads there in "assets" of the step bundle, such as "dist/client/**".',
        location: locationOf(projectDir, position),
      },
    ];
  });
}
