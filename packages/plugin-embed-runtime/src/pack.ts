/* Writes packs: everything an app carries, as one asset of the executable. Their layout: pack-format.ts of @sbp/manifest. */
import { isAscii } from "node:buffer";
import { canonicalJson, type JsonObject } from "@sbp/core";
import {
  directoryMode,
  type EncodedManifest,
  entryLength,
  executableFileMode,
  fileMode,
  headerLength,
  isPlainName,
  linkMode,
  packFlags,
  packMagic,
  packVersion,
} from "@sbp/manifest";
import type { BuildFacts } from "./build-facts.ts";
import type { ScriptText } from "./script.ts";

/** What the bootstrap must know before it looks at any file, and what tells people and `sbp rebase` where it is from. */
export interface PackInfo {
  /** Path of the main file in the pack. */
  readonly main: string;
  /** How the executable was made. */
  readonly build?: BuildFacts;
  /** How many files the app carries besides its main file, for which the bootstrap mounts a file system; absent for none. */
  readonly carried?: number | undefined;
  /** How many links to directories are among them; absent for none. */
  readonly links?: number | undefined;
  /** What of an app that carries files the bootstrap must know from the start on. */
  readonly uses?: readonly Use[] | undefined;
  /** Where the pack is in memory, in a self-contained executable with native addons. */
  readonly address?: number | undefined;
  /** Absent where the app carries no source map. */
  readonly sourceMap?: PackedSourceMap | undefined;
  /** Those of carried scripts, by their paths; absent for none. */
  readonly scriptMaps?: Readonly<Record<string, PackedSourceMap>> | undefined;
}

/**
 * `workers`: it may start threads. `children`: it may start programs, and hand them what it carries. `plugins`: it may look for
 * packages on the disk by itself. `addons`: some of it is native code.
 */
export const allUses = ["workers", "children", "plugins", "addons", "extensions"] as const;
export type Use = (typeof allUses)[number];

/** Paths of the source map's files in the pack, both compressed (source-map.ts). */
export interface PackedSourceMap {
  /** JSON with `sources`, `names` and `mappings` of the main file's map. */
  readonly map: string;
  /** JSON of the sources' texts, a list beside `sources`; absent where they are not carried. */
  readonly content?: string | undefined;
}

export interface PackFile {
  /** Relative, with forward slashes. */
  readonly path: string;
  readonly executable?: boolean;
  /** It leads to a directory: the content is the path of that. */
  readonly isLink?: boolean;
  /** The bytes of the file, or a script to be compiled (then with the code cache V8 made for it, if any). */
  readonly content: Uint8Array | PackScript;
  readonly codeCache?: Uint8Array | undefined;
}

/** The body as it was read, for a script whose text need not be looked at. */
export type PackScript = ScriptText | (Omit<ScriptText, "body"> & { readonly body: Uint8Array });

interface Node {
  readonly name: Buffer;
  readonly file?: PackFile;
  readonly children: Map<string, Node>;
}

/**
 * The bytes of a pack, in parts to be written one after the other. `address` is where its first byte will
 * lie in memory (only its remainder by 8 matters). Throws TypeError for a path that is not plain.
 */
export function makePack(
  files: readonly PackFile[],
  info: PackInfo,
  address: number,
  documents?: EncodedManifest,
): Uint8Array[] {
  const nodes = breadthFirst(treeOf(files));
  const entries = Buffer.alloc(nodes.length * entryLength);
  const names = Buffer.concat(nodes.map((node) => node.name));
  const infoBytes = Buffer.from(canonicalJson(info as unknown as JsonObject));
  const namesOffset = headerLength + entries.length;
  const infoOffset = namesOffset + names.length;
  const header = Buffer.alloc(headerLength);
  const { manifest = empty, details = empty } = documents ?? {};
  const parts: Uint8Array[] = [header, entries, names, infoBytes, manifest, details];
  const manifestOffset = infoOffset + infoBytes.length;
  const detailsOffset = manifestOffset + manifest.length;
  let length = detailsOffset + details.length;
  /** Appends content at the next aligned place and returns its offset. */
  const append = (...content: readonly Uint8Array[]): number => {
    const padding = (8 - ((address + length) % 8)) % 8;
    parts.push(Buffer.alloc(padding), ...content);
    const offset = length + padding;
    length = offset + sizeOf(content);
    if (length > 0xffff_ffff) throw new RangeError("the files of the app are larger than 4 GiB");
    return offset;
  };

  let nameOffset = 0;
  let firstChild = 1;
  for (const [index, { name, file, children }] of nodes.entries()) {
    const entry = entries.subarray(index * entryLength);
    entry.writeUInt32LE(nameOffset, 0);
    entry.writeUInt16LE(name.length, 4);
    nameOffset += name.length;
    if (file) {
      writeFile(entry, file, append);
    } else {
      entry.writeUInt16LE(directoryMode, 6);
      entry.writeUInt32LE(firstChild, 8);
      entry.writeUInt32LE(children.size, 12);
      firstChild += children.size;
    }
  }

  header.write(packMagic, 0, "latin1");
  const fields = [packVersion, nodes.length, headerLength, namesOffset, names.length, infoOffset];
  fields.push(infoBytes.length, length);
  if (documents) fields.push(manifestOffset, manifest.length, detailsOffset, details.length);
  for (const [index, field] of fields.entries()) header.writeUInt32LE(field, 8 + 4 * index);
  return parts.filter((part) => part.length > 0);
}

const empty = new Uint8Array(0);

function writeFile(
  entry: Buffer,
  file: PackFile,
  append: (...content: readonly Uint8Array[]) => number,
): void {
  entry.writeUInt16LE(file.isLink ? linkMode : file.executable ? executableFileMode : fileMode, 6);
  const script = "body" in file.content ? file.content : undefined;
  // In parts, because there may be a hundred megabytes of them.
  const content = script
    ? [script.head, script.body, script.foot].map((part) =>
        typeof part === "string" ? Buffer.from(part) : part,
      )
    : [file.content as Uint8Array];
  let flags = content.every((part) => isAscii(part)) ? packFlags.ascii : 0;
  if (script) {
    flags |= packFlags.script | (script.module ? packFlags.module : 0);
    entry.writeUInt16LE(Buffer.byteLength(script.foot), 26);
    entry.writeUInt32LE(Buffer.byteLength(script.head), 28);
  }
  entry.writeUInt32LE(append(...content), 8);
  entry.writeUInt32LE(sizeOf(content), 12);
  if (file.codeCache) {
    entry.writeUInt32LE(append(file.codeCache), 16);
    entry.writeUInt32LE(file.codeCache.length, 20);
  }
  entry.writeUInt16LE(flags, 24);
}

function sizeOf(parts: readonly Uint8Array[]): number {
  return parts.reduce((sum, part) => sum + part.length, 0);
}

function treeOf(files: readonly PackFile[]): Node {
  const root: Node = { name: Buffer.alloc(0), children: new Map() };
  for (const file of files) {
    const segments = file.path.split("/");
    const last = segments.pop()!;
    let directory = root;
    for (const segment of segments) {
      let child = directory.children.get(segment);
      if (child?.file) throw new TypeError(`"${file.path}" lies below a file`);
      child ??= { name: nameOf(segment, file.path), children: new Map() };
      directory.children.set(segment, child);
      directory = child;
    }
    if (directory.children.has(last)) throw new TypeError(`"${file.path}" is there twice`);
    directory.children.set(last, { name: nameOf(last, file.path), file, children: new Map() });
  }
  return root;
}

function nameOf(segment: string, path: string): Buffer {
  const name = Buffer.from(segment);
  if (!isPlainName(segment) || name.length > 255)
    throw new TypeError(`"${path}" is not a plain relative path`);
  return name;
}

function breadthFirst(root: Node): Node[] {
  const nodes = [root];
  for (const node of nodes) {
    for (const child of [...node.children.values()].sort((a, b) => Buffer.compare(a.name, b.name)))
      nodes.push(child);
  }
  return nodes;
}
