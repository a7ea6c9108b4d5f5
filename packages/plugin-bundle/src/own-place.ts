/*
 * `__dirname`, `__filename` and `import.meta` of bundled modules. One file has one of each, yet every source has its
 * own: a source in lib/ that reads join(__dirname, "views") means lib/views. esbuild writes a name that nothing declares
 * for each of them (shim.ts); the source map tells which source wrote it, and here it becomes
 *
 *   import.meta            of the main file, where that says the same
 *   __sbp_meta0000001      else one of the source's own, declared on the line of the marker relative to the main file
 *
 * The names are as long as what they replace (spaces fill up), which keeps the source map right.
 */
import path from "node:path";
import type { Metafile } from "esbuild";
import { type InputOfSource, positionInInput } from "./input-of-source.ts";
import { originalPositions, type Position } from "./original-position.ts";
import { fromPlace, type Places } from "./places.ts";

export type PlaceKind = "dirname" | "filename" | "meta" | "resolve";

/** One use of a place in the bundled code. */
export interface PlaceUse {
  readonly offset: number;
  readonly kind: PlaceKind;
  /** The name as it stands there. */
  readonly name: string;
  /** What is asked of import.meta; "" where that cannot be told. */
  readonly property: string;
  /** Where it was written. */
  readonly position: Position;
}

const uses =
  /\b__sbp_(?:dirname|filename|import_meta(?:\s*\.\s*(\w+))?)\b|\b(?:__require|require)\.resolve\b(?=\()/g;

/** All uses in the code, in its order; those of no source (helpers of esbuild) are left out. */
export function placeUses(
  code: string,
  map: () => Parameters<typeof originalPositions>[2],
  inputOf: InputOfSource,
): PlaceUse[] {
  const matches = [...code.matchAll(uses)];
  if (matches.length === 0) return [];
  const positions = originalPositions(
    code,
    matches.map(({ index }) => index),
    map(),
  );
  return matches.flatMap(({ 0: text, 1: property = "", index: offset }) => {
    const position = positionInInput(positions.get(offset), inputOf);
    if (!position) return [];
    const name = text.startsWith("__sbp_import_meta") ? "__sbp_import_meta" : text;
    const kind = name.endsWith("resolve")
      ? "resolve"
      : name === "__sbp_import_meta"
        ? "meta"
        : (name.slice("__sbp_".length) as "dirname" | "filename");
    return [{ offset, kind, name, property, position }];
  });
}

export interface OwnPlacesRequest {
  readonly format: "esm" | "cjs";
  readonly code: string;
  readonly uses: readonly PlaceUse[];
  readonly places: Places;
  /** The entry's path, as the metafile names it. */
  readonly entry: string;
  readonly metafile: Metafile;
}

export interface OwnPlaces {
  /** As long as before. */
  readonly code: string;
  /** What to declare on the first line. */
  readonly declarations: readonly string[];
}

/** Gives each use the place of its own source. */
export function ownPlaces({ format, code, uses, places, entry, metafile }: OwnPlacesRequest): OwnPlaces {
  const placeOf = (source: string) => places.of(path.resolve(places.projectDir, source));
  const entryPlace = placeOf(entry) ?? path.posix.basename(entry);
  const mainFolder = path.posix.dirname(entryPlace);
  const numbers = new Map<string, number>();
  const declarations = new Map<string, string>();
  const pieces: string[] = [];
  let end = 0;
  for (const { offset, kind, name, property, position } of uses) {
    const place = position.source in metafile.inputs ? placeOf(position.source) : undefined;
    const sharesFolder = place !== undefined && path.posix.dirname(place) === mainFolder;
    const isFolderEnough =
      kind === "dirname" || kind === "resolve" || /^(?:dirname|resolve|env)$/.test(property);
    let own: string;
    if (place === undefined || place === entryPlace || (sharesFolder && isFolderEnough))
      own = mainName(format, kind, name);
    else {
      if (!numbers.has(place)) numbers.set(place, numbers.size + 1);
      own = ownName(kind, name, numbers.get(place)!);
      const meta = `__sbp_place(${JSON.stringify(fromPlace(mainFolder, place))})`;
      declarations.set(own, `const ${own} = ${meta}${properties[kind]};`);
    }
    pieces.push(code.slice(end, offset), own.padEnd(name.length));
    end = offset + name.length;
  }
  pieces.push(code.slice(end));
  return { code: pieces.join(""), declarations: [...declarations.values()] };
}

const properties = {
  dirname: ".dirname",
  filename: ".filename",
  meta: "",
  resolve: ".require.resolve",
} as const;

function mainName(format: "esm" | "cjs", kind: PlaceKind, name: string): string {
  if (kind === "meta" && format === "esm") return "import.meta";
  if (kind === "dirname" && format === "cjs") return "__dirname";
  if (kind === "filename" && format === "cjs") return "__filename";
  return name;
}

function ownName(kind: PlaceKind, name: string, number: number): string {
  const start = { dirname: "__sbp_dir", filename: "__sbp_file", meta: "__sbp_meta", resolve: "__sbp_res" }[
    kind
  ];
  return start + number.toString(36).padStart(name.length - start.length, "0");
}
