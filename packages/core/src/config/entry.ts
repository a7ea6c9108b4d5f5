import { join, relative, resolve, sep } from "node:path";
import { exitCodes, SbpError, type SourceLocation } from "../error.ts";
import type { JsonObject } from "../json.ts";
import { isFile } from "./config-file.ts";
import { didYouMeanFile } from "./file-guess.ts";
import type { PackageFile } from "./package-file.ts";
import { isInside } from "./paths.ts";
import { typeOf } from "./union.ts";

const extensions = ["ts", "mts", "cts", "tsx", "js", "mjs", "cjs", "jsx"];
const usualPlaces = ["src/main", "src/index", "main", "index"];

/** The form in which a step's options name an entry: relative to the project, with forward slashes. */
function asOption(dir: string, file: string): string {
  return relative(dir, file).split(sep).join("/");
}

/**
 * The entry that the user names, on the command line (relative to `base`, the current folder) or in the config
 * (relative to the project). Throws SBP_ENTRY_MISSING when there is no such file.
 */
export function namedEntry(dir: string, base: string, entry: string, location?: SourceLocation): string {
  const file = resolve(base, entry);
  if (isFile(file)) return asOption(dir, file);
  throw new SbpError("SBP_ENTRY_MISSING", `The entry ${JSON.stringify(entry)} is not a file`, {
    ...(location && { location }),
    hint: `${didYouMeanFile(entry, file)}There is no file ${file}.`,
    exitCode: exitCodes.badUsage,
  });
}

/**
 * The entry of a project that names none: what package.json calls `source`, `bin` (when there is one), `module` or
 * `main`, else a file in a usual place. Throws SBP_ENTRY_MISSING with everything that was looked for.
 */
export function foundEntry(dir: string, packageFile: PackageFile | undefined): string {
  const lookedFor: string[] = [];
  for (const [field, path] of entriesOf(packageFile)) {
    lookedFor.push(`${field} of package.json (${path})`);
    // Nothing but the command line and the config leads out of the project.
    const file = resolve(dir, path);
    if (!isInside(file, dir)) continue;
    const existing = [file, `${file}.js`, join(file, "index.js")].find(isFile);
    if (existing !== undefined) return asOption(dir, existing);
  }
  for (const place of usualPlaces) {
    for (const extension of extensions) {
      if (isFile(join(dir, `${place}.${extension}`))) return `${place}.${extension}`;
    }
  }
  lookedFor.push(...usualPlaces.map((place) => `${place}.{${extensions.join(",")}}`));
  throw new SbpError("SBP_ENTRY_MISSING", `No entry of the app was found in ${dir}`, {
    hint: `Name it: "sbp build FILE", or "entry" of the bundle step in sbp.config.json. Looked for ${lookedFor.join(", ")}.`,
    exitCode: exitCodes.badUsage,
  });
}

/** The fields of package.json that name an entry, the most telling first. */
function entriesOf(packageFile: PackageFile | undefined): [field: string, path: string][] {
  const { source, bin, module, main } = packageFile?.value ?? {};
  const bins = typeOf(bin) === "object" ? Object.values(bin as JsonObject) : [bin];
  const fields = { source, bin: bins.length === 1 ? bins[0] : undefined, module, main };
  return Object.entries(fields).flatMap(([field, path]) =>
    typeof path === "string" && path !== "" ? [[field, path] as [string, string]] : [],
  );
}
