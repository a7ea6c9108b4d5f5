import type { Json } from "@sbp/core";
import type { ByteRange, ByteSource } from "@sbp/executable";
import {
  filesOf,
  headerLength,
  type IndexedFile,
  type PackLayout,
  PackVersionError,
  readPackFiles,
  readPackHeader,
  readPackLayout,
} from "@sbp/manifest";
import { readBuildFacts } from "./build-facts.ts";
import { allUses, type PackedSourceMap, type PackInfo } from "./pack.ts";

/** A file of a pack as `readPack` gives it. The arrays are views into the pack. */
export type PackedFile = Omit<IndexedFile, "content" | "codeCache"> & {
  readonly content: Buffer;
  readonly codeCache: Buffer | undefined;
};

export interface Pack {
  readonly info: PackInfo;
  /** In the order of the index. */
  readonly files: readonly PackedFile[];
}

export interface PackIndex {
  readonly info: PackInfo;
  readonly files: readonly IndexedFile[];
  readonly layout: PackLayout;
}

/** Bytes. */
const largestInfo = 64 * 1024 * 1024;

/**
 * Reads a pack from a file that anybody may have made: every field is checked, and the checks cost no more
 * than one look at each entry. Throws RangeError saying what is wrong.
 */
export function readPack(bytes: Uint8Array): Pack {
  const pack = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const layout = readPackLayout(pack.subarray(0, headerLength), pack.length);
  const part = ({ offset, size }: ByteRange) => pack.subarray(offset, offset + size);
  const files = filesOf(part(layout.entries), part(layout.names), pack.length);
  return {
    info: readInfo(part(layout.info)),
    files: files.map(({ content, codeCache, ...file }) => ({
      ...file,
      content: part(content),
      codeCache: codeCache && part(codeCache),
    })),
  };
}

/**
 * The same without the contents: reads the index only, however large the pack is. Throws RangeError, or
 * PackVersionError.
 */
export async function readPackIndex(pack: ByteSource): Promise<PackIndex> {
  const layout = await readPackHeader(pack);
  check(layout.info.size <= largestInfo, "length of the info");
  const files = await readPackFiles(pack, layout);
  const info = readInfo(Buffer.from(await pack.read(layout.info.offset, layout.info.size)));
  return { info, files, layout };
}

function readInfo(bytes: Buffer): PackInfo {
  let info: unknown;
  try {
    info = JSON.parse(bytes.toString());
  } catch {
    info = undefined;
  }
  const { main, build, sourceMap, scriptMaps, carried, links, uses, address, ...more } = (info ??
    {}) as Partial<PackInfo> & {
    build?: Json;
  };
  check(typeof main === "string", "info");
  check(uses === undefined || (Array.isArray(uses) && uses.every((use) => allUses.includes(use))), "info");
  for (const count of [carried, links])
    check(count === undefined || (Number.isSafeInteger(count) && count > 0), "info");
  // Of this very executable, and of no other that the pack may get into.
  check(address === undefined || (Number.isSafeInteger(address) && address > 0), "info");
  const [unknown] = Object.keys(more);
  if (unknown !== undefined) throw new PackVersionError(`damaged pack: info of unknown "${unknown}"`);
  const facts = readBuildFacts(build);
  return {
    main,
    ...(facts && { build: facts }),
    ...(carried !== undefined && { carried }),
    ...(links !== undefined && { links }),
    ...(uses !== undefined && { uses }),
    ...(sourceMap !== undefined && { sourceMap: readSourceMap(sourceMap) }),
    ...(scriptMaps !== undefined && { scriptMaps: readScriptMaps(scriptMaps) }),
  };
}

function readSourceMap(value: unknown): PackedSourceMap {
  const { map, content } = (value ?? {}) as Partial<PackedSourceMap>;
  check(typeof map === "string" && (content === undefined || typeof content === "string"), "info");
  return { map, content };
}

function readScriptMaps(value: unknown): Record<string, PackedSourceMap> {
  check(typeof value === "object" && value !== null && !Array.isArray(value), "info");
  return Object.fromEntries(Object.entries(value).map(([path, map]) => [path, readSourceMap(map)]));
}

function check(condition: boolean, what: string): asserts condition {
  if (!condition) throw new RangeError(`damaged pack: ${what}`);
}
