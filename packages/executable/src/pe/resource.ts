/**
 * The resource tree ("PE Format", "The .rsrc Section"). The format allows any depth; Windows looks things up by type,
 * name and language, so trees have three levels, and nothing else is read here: a tree cannot loop.
 */

import type { ByteRange, ByteSource } from "../byte-source.ts";
import { view } from "../elf/fields.ts";
import { malformed, unsupported } from "../error.ts";
import { directoryIndex, type PeHeader } from "./header.ts";
import { mappedRange, type PeSection } from "./section.ts";

export interface PeResource extends PeResourceKey {
  readonly codePage: number;
  /** Where its content is in the file. */
  readonly content: ByteRange;
}

/** What a resource is found by. */
export interface PeResourceKey {
  /** A number (`resourceType`) or a name. */
  readonly type: PeResourceId;
  readonly name: PeResourceId;
  /** A language identifier of Windows, such as 0x0409 for English (United States); 0 for neutral. */
  readonly language: number;
}

export type PeResourceId = number | string;

export const resourceType = { icon: 3, data: 10, iconGroup: 14, version: 16, manifest: 24 } as const;

export const directorySize = 16;
export const directoryEntrySize = 8;
export const dataEntrySize = 16;
/** Set in an entry's first field for a name, in its second for a directory. */
export const highBit = 0x8000_0000;

const levels = ["type", "name", "language"] as const;
// Far above what programs have: Node has 9 resources with 140 KB, browsers some hundred.
const maxEntries = 4096;
const maxNameLength = 256;

/** The resources in the order of the tree, without what they hold. */
export async function readResources(
  source: ByteSource,
  { directories }: PeHeader,
  sections: readonly PeSection[],
): Promise<readonly PeResource[]> {
  const directory = directories[directoryIndex.resources]!;
  if (directory.address === 0 || directory.size === 0) return [];
  const root = mappedRange(sections, directory.address);
  const resources: PeResource[] = [];
  const keys = new Set<string>();
  let entries = 0;

  async function readDirectory(offset: number, path: readonly PeResourceId[]): Promise<void> {
    const start = root.offset + offset;
    const header = view(await read(offset, directorySize));
    const count = header.getUint16(12, true) + header.getUint16(14, true);
    entries += count;
    if (entries > maxEntries) throw unsupported(`the file has more than ${maxEntries} resources`, start);
    const table = view(await read(offset + directorySize, count * directoryEntrySize));
    for (let at = 0; at < table.byteLength; at += directoryEntrySize) {
      const id = table.getUint32(at, true);
      const target = table.getUint32(at + 4, true);
      const key = [...path, id >= highBit ? await readName(id - highBit) : id];
      const isLast = key.length === levels.length;
      if (target >= highBit === isLast)
        throw unsupported(
          "the resource tree does not have the levels type, name and language",
          start + directorySize + at,
        );
      if (isLast) resources.push(await readResource(target, key));
      else await readDirectory(target - highBit, key);
    }
  }

  async function readResource(offset: number, [type, name, language]: PeResourceId[]): Promise<PeResource> {
    const at = root.offset + offset;
    if (typeof language !== "number" || language > 0xffff)
      throw malformed("the language of a resource is no number", at);
    const data = view(await read(offset, dataEntrySize));
    const size = data.getUint32(4, true);
    // Nothing may be anywhere, such as behind the section's last byte.
    const mapped = size === 0 ? { offset: at, size } : mappedRange(sections, data.getUint32(0, true));
    if (size > mapped.size) throw malformed(`a resource of ${size} bytes goes past its section`, at);
    const key = JSON.stringify([type, name, language]).toUpperCase();
    if (keys.has(key)) throw malformed(`there are two resources ${key}`, at);
    keys.add(key);
    const content = { offset: mapped.offset, size };
    return { type: type!, name: name!, language, codePage: data.getUint32(8, true), content };
  }

  async function readName(offset: number): Promise<string> {
    const length = view(await read(offset, 2)).getUint16(0, true);
    if (length === 0 || length > maxNameLength)
      throw malformed(`a resource has a name of ${length} letters`, root.offset + offset);
    return Buffer.from(await read(offset + 2, 2 * length)).toString("utf16le");
  }

  async function read(offset: number, length: number): Promise<Uint8Array> {
    if (offset + length > root.size)
      throw malformed("the resource tree goes past its section", root.offset + offset);
    return source.read(root.offset + offset, length);
  }

  await readDirectory(0, []);
  return resources;
}

/** Ascending as Windows' search wants it: names before numbers, whatever their letters' case. */
export function compareIds(left: PeResourceId, right: PeResourceId): number {
  if (typeof left === "number" && typeof right === "number") return left - right;
  if (typeof left === "number") return 1;
  if (typeof right === "number") return -1;
  const [a, b] = [left.toUpperCase(), right.toUpperCase()];
  return a < b ? -1 : a > b ? 1 : 0;
}
