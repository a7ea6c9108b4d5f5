/*
 * The bundle's source map, as its executable carries it. It is compressed, and read only when an error's stack is asked
 * for (bootstrap/parts/source-map.cjs): Brotli gives the same bytes on every processor, which zlib does not promise.
 */
import { basename } from "node:path/posix";
import { promisify } from "node:util";
import { brotliCompress, brotliCompressSync, constants } from "node:zlib";
import { type Artifact, type JsonObject, SbpError } from "@sbp/core";
import { ownFolder } from "@sbp/manifest";
import type { PackedSourceMap, PackFile } from "./pack.ts";

/** What a bundle's meta may say of its source map; `embedded` where it says nothing. */
export type SourceMapPlace = "none" | "external" | "embedded";

export interface BundleSourceMap {
  /** `none` as well where the bundle has no map. */
  readonly place: SourceMapPlace;
  /** As the bundle has it. */
  readonly bytes: Buffer;
  /** The file's name when it stands by itself. */
  readonly name: string;
}

/** The source map beside a bundle's main file, and where it goes. Throws SBP_BUNDLE_INVALID for an unknown place. */
export async function readSourceMap(bundle: Artifact, main: string): Promise<BundleSourceMap> {
  const file = `${main}.map`;
  const { sourceMap: place = "embedded" } = bundle.meta;
  if (place !== "none" && place !== "external" && place !== "embedded")
    throw new SbpError(
      "SBP_BUNDLE_INVALID",
      `the bundle's meta has sourceMap ${JSON.stringify(place)}, not none, external or embedded`,
    );
  const isThere = place !== "none" && bundle.files.some(({ path }) => path === file);
  return {
    place: isThere ? place : "none",
    bytes: isThere ? await bundle.read(file) : Buffer.alloc(0),
    name: basename(file),
  };
}

const mainMap: PackedSourceMap = {
  map: `${ownFolder}source-map.json.br`,
  content: `${ownFolder}sources-content.json.br`,
};

/** Where a bundle has the source maps of scripts that it carries, at their paths with `.map` behind. */
const scriptMapsFolder = "maps/";

/** The source maps of the scripts that a bundle carries, by their paths; none where the bundle's own is left out. */
export async function readScriptMaps(bundle: Artifact): Promise<ReadonlyMap<string, Buffer>> {
  const maps = new Map<string, Buffer>();
  if (bundle.meta["sourceMap"] === "none") return maps;
  for (const { path } of bundle.files)
    if (path.startsWith(scriptMapsFolder) && path.endsWith(".map"))
      maps.set(path.slice(scriptMapsFolder.length, -".map".length), await bundle.read(path));
  return maps;
}

/** The same maps as files beside the executable, named as their scripts. */
export function standingBeside(maps: ReadonlyMap<string, Buffer>): BundleSourceMap[] {
  return [...maps].map(([path, bytes]) => ({ place: "external", bytes, name: `${path}.map` }));
}

/** The files of the pack for these maps, and what its info says of them. Throws SBP_BUNDLE_INVALID as above. */
export async function packScriptMaps(
  maps: ReadonlyMap<string, Buffer>,
  meta: JsonObject,
): Promise<{ files: PackFile[]; info: Record<string, PackedSourceMap> | undefined }> {
  const files: PackFile[] = [];
  const info: Record<string, PackedSourceMap> = {};
  for (const [path, bytes] of maps) {
    const number = Object.keys(info).length;
    const packed = await packSourceMap(bytes, meta, {
      map: `${ownFolder}maps/${number}.json.br`,
      content: `${ownFolder}maps/${number}.content.json.br`,
    });
    files.push(...packed.files);
    info[path] = packed.info;
  }
  return { files, info: maps.size > 0 ? info : undefined };
}

/**
 * The files of the pack that make stack traces lead to the sources of a bundle with this meta. Throws
 * SBP_BUNDLE_INVALID for what is no source map.
 */
export async function packSourceMap(
  bytes: Buffer,
  { keepNames }: JsonObject,
  places: PackedSourceMap = mainMap,
): Promise<{ files: PackFile[]; info: PackedSourceMap }> {
  const { sources, names: allNames, mappings, sourcesContent } = parseSourceMap(bytes.toString());
  // Node prefers a name that it finds near a place in the map to the function's own, which is right where names are kept.
  const names = keepNames === true ? [] : allNames;
  const info: PackedSourceMap = { map: places.map, ...(sourcesContent && { content: places.content }) };
  const files = [
    { path: info.map, content: await compress({ sources, names, mappings }) },
    ...(info.content ? [{ path: info.content, content: await compress(sourcesContent) }] : []),
  ];
  return { files, info };
}

interface SourceMap {
  readonly sources: readonly string[];
  readonly names: readonly string[];
  readonly mappings: string;
  /** Undefined where no source's text is there. */
  readonly sourcesContent: readonly (string | null)[] | undefined;
}

function parseSourceMap(text: string): SourceMap {
  let map: Partial<Record<string, unknown>> | null;
  try {
    map = JSON.parse(text);
  } catch (error) {
    throw invalidMap((error as Error).message);
  }
  const { version, sources, sourceRoot = "", names = [], mappings, sourcesContent } = map ?? {};
  if (version !== 3) throw invalidMap("it is not of version 3");
  if (typeof mappings !== "string") throw invalidMap("it has no mappings");
  if (!isList(sources) || typeof sourceRoot !== "string") throw invalidMap("it has no sources");
  if (!isList(names)) throw invalidMap("its names are not a list");
  const hasContent = isList(sourcesContent) && sourcesContent.some((source) => typeof source === "string");
  return {
    sources: sources.map((source) => (typeof source === "string" ? sourceRoot + source : "")),
    names: names.map(String),
    mappings,
    sourcesContent: hasContent
      ? sourcesContent.map((source) => (typeof source === "string" ? source : null))
      : undefined,
  };
}

function isList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value);
}

function invalidMap(reason: string): SbpError {
  return new SbpError("SBP_BUNDLE_INVALID", `the bundle's source map cannot be used: ${reason}`, {
    hint: 'The plugin that makes the bundle must mend it; "sourceMap": "none" of the step strip does without.',
  });
}

/** Every lane of every build does this: level 9 makes 4 % less in twice the time. */
async function compress(value: unknown): Promise<Buffer> {
  const text = Buffer.from(JSON.stringify(value));
  const options = {
    params: {
      [constants.BROTLI_PARAM_MODE]: constants.BROTLI_MODE_TEXT,
      [constants.BROTLI_PARAM_QUALITY]: 7,
      [constants.BROTLI_PARAM_SIZE_HINT]: text.length,
      // A window of 4 MB, the default, would be made and filled for the smallest map as well.
      [constants.BROTLI_PARAM_LGWIN]: Math.min(22, Math.max(16, Math.ceil(Math.log2(text.length + 1)))),
    },
  };
  // Asking another thread takes longer than compressing a little.
  return text.length <= 8 << 10
    ? brotliCompressSync(text, options)
    : await promisify(brotliCompress)(text, options);
}
