/*
 * Packages that only a text names, for somebody's computed `require` or `import()`:
 *
 *   app.set("view engine", "ejs")        in the app's own sources: express requires it
 *   this._loadDialectModule("pg")        in a package that requires what the project declares
 */
import { readFileSync } from "node:fs";
import { isBuiltin } from "node:module";
import path from "node:path";
import type { Built } from "./build.ts";
import { installedFolder, packageName } from "./carried-packages.ts";
import { readPackageJson } from "./entry.ts";
import { packageFolder } from "./packages.ts";
import type { Places } from "./places.ts";
import { isDependency } from "./run-time-files.ts";
import { upwards } from "./workspace.ts";

const computedLoads = new Set(["unsupported-require-call", "unsupported-dynamic-import", "indirect-require"]);

/** Where modules are loaded by names that only show at run time: sources relative to the project. */
export function computingSources(builts: readonly Built[]): Set<string> {
  return new Set(
    builts.flatMap(({ warnings }) =>
      warnings.flatMap(({ id, location }) => (computedLoads.has(id) && location ? [location.file] : [])),
    ),
  );
}

/**
 * The names, with the source that has them. In the app's own sources: packages that a package.json from the project up declares,
 * that are installed and that are named otherwise than to import them. In packages of `computing` (folders relative to the
 * project): what the project declares for its run time and the bundle does not hold.
 */
export function packagesNamedInText(
  builts: readonly Built[],
  places: Places,
  computing: ReadonlySet<string>,
): Map<string, string> {
  const { projectDir } = places;
  const declared = new Set<string>();
  const forRunTime = new Set<string>();
  for (const folder of upwards(projectDir)) {
    const manifest = readPackageJson(folder);
    for (const field of ["dependencies", "devDependencies", "optionalDependencies"])
      for (const name of Object.keys((manifest?.[field] as object | null | undefined) ?? {})) {
        declared.add(name);
        if (field !== "devDependencies") forRunTime.add(name);
      }
    if (folder === places.root) break;
  }
  // A project without any dependency of its own uses what is there.
  const declaresNone = declared.size === 0;
  const inputs = [...new Set(builts.flatMap(({ metafile }) => Object.keys(metafile.inputs)))];
  const bundled = new Set(
    inputs.map(packageFolder).map((folder) => folder?.slice(folder.lastIndexOf("node_modules/") + 13)),
  );
  const isMeant = (name: string) =>
    (declared.has(name) || (declaresNone && !bundled.has(name))) &&
    !isBuiltin(name) &&
    installedFolder(places, name) !== undefined;
  const ownImports = isObject(readPackageJson(projectDir)?.["imports"]);
  const names = new Map<string, string>();
  for (const input of inputs.filter((name) => !isDependency(name)))
    for (const text of texts(projectDir, input))
      if (text in ownImports) names.set(text, `${input} names it`);
      else if (text.includes("/") && !text.startsWith("@")) continue;
      else if (!names.has(text) && isMeant(text)) names.set(text, `${input} names it`);

  for (const name of bundled) if (name) forRunTime.delete(name);
  if (forRunTime.size > 0)
    for (const input of inputs.filter((name) => computing.has(packageFolder(name) ?? "")))
      for (const text of texts(projectDir, input)) {
        const name = packageName(text);
        if (name !== undefined && forRunTime.has(name) && !names.has(text) && isMeant(name))
          names.set(text, `${input} names it`);
      }
  return names;
}

/** What a source says in quotes and could name a package, except to import it. */
function texts(projectDir: string, input: string): string[] {
  if (!/\.[cm]?[jt]sx?$/.test(input)) return [];
  let source: string;
  try {
    source = readFileSync(path.resolve(projectDir, input), "utf8");
  } catch {
    return [];
  }
  const quoted =
    /((?<![\w$.])(?:require|import)\s*\(\s*|\b(?:from|import)\s*)?(["'`])((?:#|@[\w.-]+\/)?[\w.-]+(?:\/[\w./-]+)?)\2/g;
  return [...source.matchAll(quoted)].flatMap(([, isImport, , text = ""]) =>
    isImport && !text.startsWith("#") ? [] : [text],
  );
}

function isObject(value: unknown): object {
  return typeof value === "object" && value !== null ? value : {};
}
