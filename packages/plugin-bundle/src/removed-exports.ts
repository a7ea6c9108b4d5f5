/*
 * Which exports of a bundled ES module esbuild has removed. Its metafile says how many bytes are left of a file, not of what; but its
 * source map has a place for each declaration that is left. So an export is removed where nothing of the bundle comes from the line
 * on which it is declared. What cannot be told is left open: modules with source maps of their own, declarations that are
 * not at the start of a line or not to be found, exports that other modules' are passed on as.
 */
import { readFileSync } from "node:fs";
import path from "node:path";
import { init, parse } from "es-module-lexer";
import type { Metafile } from "esbuild";
import { eachMapping } from "./original-position.ts";
import { packageFolder } from "./packages.ts";

export interface RemovedExportsRequest {
  readonly projectDir: string;
  readonly bundles: readonly {
    readonly metafile: Metafile;
    readonly main: string;
    parsedMap(): {
      readonly sources: readonly string[];
      readonly sourcesContent?: readonly (string | null)[];
      readonly mappings: string;
    };
  }[];
}

interface Module {
  readonly text: string;
  /** The lines from which something is left, from 1. */
  readonly left: Set<number>;
}

/** By file of a package, as the metafile names it, the names of its removed exports, sorted; files without are left out. */
export async function removedExports(
  request: RemovedExportsRequest,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const removed = new Map<string, readonly string[]>();
  for (const [file, { text, left }] of modulesOf(request)) {
    const gone = goneDeclarations(text, left);
    // The lexer is asked about the few files that have lost something.
    if (gone.size === 0) continue;
    await init;
    const names = exportsOf(text).flatMap((one) =>
      one.type === "direct" && one.localName !== undefined && gone.has(one.localName) ? [one.name] : [],
    );
    if (names.length > 0) removed.set(file, names.sort());
  }
  return removed;
}

/** The ES modules of packages of which something is left, by file. */
function modulesOf({ projectDir, bundles }: RemovedExportsRequest): ReadonlyMap<string, Module> {
  const modules = new Map<string, Module>();
  for (const { metafile, main, parsedMap } of bundles) {
    const left = metafile.outputs[main]?.inputs ?? {};
    const isWanted = (input: string) =>
      metafile.inputs[input]?.format === "esm" &&
      packageFolder(input) !== undefined &&
      (left[input]?.bytesInOutput ?? 0) > 0;
    // Only some apps have ES modules in packages: the others need not pay for it.
    if (!Object.keys(metafile.inputs).some(isWanted)) continue;
    const map = parsedMap();
    const bySource = map.sources.map((source, index) => {
      if (!isWanted(source)) return undefined;
      const text = () =>
        map.sourcesContent?.[index] ?? readFileSync(path.resolve(projectDir, source), "utf8");
      const module = modules.get(source) ?? { text: text(), left: new Set() };
      modules.set(source, module);
      return module.left;
    });
    eachMapping(map, (source, line) => bySource[source]?.add(line));
  }
  return modules;
}

function exportsOf(text: string): ReturnType<typeof parse>[1] {
  try {
    return parse(text)[1];
  } catch {
    // TypeScript and JSX are no modules yet.
    return [];
  }
}

const declaration =
  /^(?:export\s+)?(?:default\s+)?(?:async\s+)?(?:function\b\s*\*?|class\b|const\b|let\b|var\b)\s*([\w$]+)/gm;

/** The names of top-level declarations from whose lines nothing is left; without those that are declared several times. */
function goneDeclarations(text: string, left: ReadonlySet<number>): ReadonlySet<string> {
  const gone = new Set<string>();
  const seen = new Set<string>();
  let line = 1;
  let at = 0;
  for (const { index, 1: name = "" } of text.matchAll(declaration)) {
    for (let end = text.indexOf("\n", at); end >= 0 && end < index; end = text.indexOf("\n", at)) {
      line++;
      at = end + 1;
    }
    if (seen.has(name)) gone.delete(name);
    else if (!left.has(line)) gone.add(name);
    seen.add(name);
  }
  return gone;
}
