/*
 * Sources of the app that are both bundled and loaded as files: a plugin that is found by name imports ../state.ts, which
 * the main file imports, too. To node that is one module; in the bundle and beside it there would be two, each with a state
 * of its own. So the bundle leaves it out and imports the carried file, if node can load that and all that it imports.
 */
import { readFileSync, statSync } from "node:fs";
import path from "node:path";
import type { Metafile } from "esbuild";
import type { OutsideImport } from "./carried-packages.ts";
import { slashes } from "./entry.ts";
import type { Places } from "./places.ts";
import { isDependency } from "./run-time-files.ts";

export interface SharedSourcesRequest {
  readonly places: Places;
  readonly metafiles: readonly Metafile[];
  /** The entries of the bundles, relative to the project. */
  readonly entries: readonly string[];
  /** Scripts that are loaded by name at run time, absolute. */
  readonly scripts: readonly string[];
  /** What files load that are loaded themselves, with them; absolute. */
  readonly loadedBy: (files: readonly string[]) => Promise<readonly string[]>;
}

/** JSX is not. */
const loadable = /\.[cm]?[jt]s$/;
/** TypeScript whose types cannot just be taken out (node:typescript, "TypeScript features"). */
const notErasable =
  /^\s*(?:export\s+)?(?:const\s+)?enum\s|^\s*(?:export\s+)?(?:namespace|module)\s+\w|\bconstructor\s*\([^)]*\b(?:public|private|protected|readonly)\s|^\s*(?:export\s+)?import\s+\w+\s*=|^\s*@\w/m;

export interface SharedSources {
  /** Imports of bundles that have to lead to carried files, which are these imports' targets. */
  readonly imports: readonly OutsideImport[];
  /** Entries that carried scripts load, which are in the executable as bundles only. */
  readonly entries: readonly string[];
}

/** What bundles share with the scripts that are loaded by name. */
export async function sharedSources({
  places,
  metafiles,
  entries,
  scripts,
  loadedBy,
}: SharedSourcesRequest): Promise<SharedSources> {
  const { projectDir } = places;
  if (scripts.length === 0) return { imports: [], entries: [] };
  const bundled = new Set(
    metafiles
      .flatMap(({ inputs }) => Object.keys(inputs))
      .filter((input) => loadable.test(input) && !isDependency(input) && !entries.includes(input)),
  );
  const loaded = (await loadedBy(scripts)).map((file) => slashes(path.relative(projectDir, file)));
  const inputs = new Map(metafiles.flatMap(({ inputs }) => Object.entries(inputs)));
  // What lies outside of the workspace cannot be carried.
  const hasPlace = (file: string) => places.of(path.resolve(projectDir, file)) !== undefined;
  const shared = new Set(
    loaded.filter((file) => bundled.has(file) && hasPlace(file) && isLoadable(file, inputs, projectDir)),
  );
  const imports = metafiles.flatMap(({ inputs }) =>
    Object.entries(inputs).flatMap(([importer, { imports }]) =>
      shared.has(importer)
        ? []
        : imports.flatMap(({ path: target, original, kind, external }) =>
            !external && original !== undefined && shared.has(target)
              ? [{ importer, kind, specifier: original, target }]
              : [],
          ),
    ),
  );
  return { imports, entries: entries.filter((entry) => loaded.includes(entry)) };
}

/** Whether node can load a source as it is, with all of the app's that it imports. */
function isLoadable(
  source: string,
  inputs: ReadonlyMap<string, Metafile["inputs"][string]>,
  projectDir: string,
): boolean {
  const seen = new Set([source]);
  for (const file of seen) {
    if (!loadable.test(file)) return false;
    const absolute = path.resolve(projectDir, file);
    if (/ts$/.test(file) && notErasable.test(readFileSync(absolute, "utf8"))) return false;
    for (const { path: target, original, external } of inputs.get(file)?.imports ?? []) {
      if (external || original === undefined || isDependency(target)) continue;
      const found = /^\.{0,2}\//.test(original)
        ? path.resolve(path.dirname(absolute), original)
        : // Aliases are the bundler's; a package's own names are node's as well.
          original.startsWith("#") && path.resolve(projectDir, target);
      if (!found || !isFoundAs(found, path.resolve(projectDir, target))) return false;
      if (!/\.json$/.test(target)) seen.add(target);
    }
  }
  return true;
}

/** By node: `require` adds extensions, but none of TypeScript. */
function isFoundAs(written: string, target: string): boolean {
  const candidates = [written, `${written}.js`, `${written}.json`, path.join(written, "index.js")];
  const found = candidates.find((file) => statSync(file, { throwIfNoEntry: false })?.isFile());
  return found === target;
}
