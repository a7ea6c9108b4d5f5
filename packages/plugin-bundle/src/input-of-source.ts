import { readFileSync } from "node:fs";
import path from "node:path";
import type { Metafile } from "esbuild";
import { slashes } from "./entry.ts";
import type { Position } from "./original-position.ts";
import { packageFolder } from "./packages.ts";

/**
 * Which file of the bundle a source is part of. Mostly it is that file; but what a compiler or another bundler has written may
 * bring a source map, and then esbuild's map names what it was made from. `name` is as the map and the metafile name files.
 */
export type InputOfSource = (name: string) => string | undefined;

export function inputsOfSources(projectDir: string, metafile: Metafile, main: string): InputOfSource {
  const found = new Map<string, string | undefined>();
  const read = new Map<string, readonly string[]>();
  const inputs = Object.entries(metafile.outputs[main]?.inputs ?? {})
    .filter(([, { bytesInOutput }]) => bytesInOutput > 0)
    .map(([input]) => input);
  return (name) => {
    if (name in metafile.inputs) return name;
    if (!found.has(name)) {
      // Most often it lies in the package, or is the app's as what was made of it.
      const folder = packageFolder(name);
      const near = inputs.filter((input) => packageFolder(input) === folder);
      const others = inputs.filter((input) => packageFolder(input) !== folder);
      const isMadeOf = (input: string) => {
        if (!read.has(input)) read.set(input, sourcesOf(projectDir, input));
        return read.get(input)!.includes(name);
      };
      found.set(name, near.find(isMadeOf) ?? others.find(isMadeOf));
    }
    return found.get(name);
  };
}

/** A position in a file of the bundle, by where its source is. */
export function positionInInput(
  position: Position | undefined,
  inputOf: InputOfSource,
): Position | undefined {
  const source = position && inputOf(position.source);
  if (source === undefined || source === position?.source) return source === undefined ? undefined : position;
  return { ...position!, source, written: position!.source };
}

/** What webpack calls sources, `webpack://name/./src/a.js`, is no path; esbuild writes it as a URL. */
const isAddress = /^[a-z][a-z0-9+.-]+:/i;

/** The sources that the map of a file names, relative to the project; none where there is no map (ECMA-426, "sources"). */
function sourcesOf(projectDir: string, input: string): readonly string[] {
  try {
    const file = path.resolve(projectDir, input);
    const text = readFileSync(file, "utf8");
    const url = [...text.matchAll(/[#@] ?sourceMappingURL=([^\s'"]+)/g)].at(-1)?.[1];
    if (url === undefined) return [];
    const data = /^data:[^,]*?(;base64)?,(.*)$/s.exec(url);
    const mapFile = data ? file : path.resolve(path.dirname(file), decodeURIComponent(url));
    const json = data
      ? Buffer.from(decodeURIComponent(data[2]!), data[1] ? "base64" : "utf8").toString("utf8")
      : readFileSync(mapFile, "utf8");
    const { sources, sourceRoot = "" } = JSON.parse(json) as {
      sources: readonly (string | null)[];
      sourceRoot?: string;
    };
    return sources.flatMap((source) =>
      source === null
        ? []
        : isAddress.test(source)
          ? [URL.canParse(source) ? new URL(source).href : source]
          : [slashes(path.relative(projectDir, path.resolve(path.dirname(mapFile), sourceRoot, source)))],
    );
  } catch {
    return [];
  }
}
