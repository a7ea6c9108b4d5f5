import { alignUp, view } from "../elf/fields.ts";
import {
  compareIds,
  dataEntrySize,
  directoryEntrySize,
  directorySize,
  highBit,
  type PeResourceId,
  type PeResourceKey,
} from "./resource.ts";

export interface NewResource extends PeResourceKey {
  readonly codePage: number;
  /** In any number of parts, which are not copied. */
  readonly content: readonly Uint8Array[];
}

// What runtimes may expect of a payload's first byte, whatever they overlay it with.
const contentAlignment = 16;

/**
 * The bytes of a resource section at the relative address `address`: directories, data entries and names, then what
 * the resources hold, in the given order. Directories are ascending, as Windows' search by halves wants them.
 */
export function resourceSection(
  resources: readonly NewResource[],
  address: number,
): { readonly parts: readonly Uint8Array[]; readonly size: number } {
  // Type, then name, then language: each directory of the first two levels has those of the next.
  const sorted = resources.toSorted(
    (a, b) => compareIds(a.type, b.type) || compareIds(a.name, b.name) || a.language - b.language,
  );
  const entryOffsets = new Map(sorted.map((resource, index) => [resource, dataEntrySize * index]));
  const types = groups(sorted, ({ type }) => type);
  const names = types.map(([, members]) => groups(members, ({ name }) => name));
  const allNames = names.flat();

  const entryCount = types.length + allNames.length + sorted.length;
  const dataEntries = directorySize * (1 + types.length + allNames.length) + directoryEntrySize * entryCount;
  const texts = new Map<string, number>();
  let end = dataEntries + dataEntrySize * sorted.length;
  for (const id of sorted.flatMap(({ type, name }) => [type, name])) {
    if (typeof id === "number" || texts.has(id)) continue;
    texts.set(id, end);
    end += 2 + 2 * id.length;
  }

  const head = new Uint8Array(alignUp(end, contentAlignment));
  const data = view(head);
  let next = 0;
  const writeDirectory = (entries: readonly (readonly [PeResourceId, target: number])[]) => {
    const named = entries.filter(([id]) => typeof id === "string").length;
    data.setUint16(next + 12, named, true);
    data.setUint16(next + 14, entries.length - named, true);
    next += directorySize;
    for (const [id, target] of entries) {
      data.setUint32(next, typeof id === "string" ? texts.get(id)! + highBit : id, true);
      data.setUint32(next + 4, target, true);
      next += directoryEntrySize;
    }
  };
  // Breadth first: where a directory's children are is known by adding up their sizes.
  const childOffsets = (start: number, sizes: readonly number[]) => {
    let offset = start;
    return sizes.map((count) => {
      const at = offset;
      offset += directorySize + directoryEntrySize * count;
      return at;
    });
  };
  const nameStart = directorySize + directoryEntrySize * types.length;
  const languageStart = nameStart + directorySize * types.length + directoryEntrySize * allNames.length;
  const nameOffsets = childOffsets(
    nameStart,
    names.map(({ length }) => length),
  );
  const languageOffsets = childOffsets(
    languageStart,
    allNames.map(([, { length }]) => length),
  );
  writeDirectory(types.map(([type], index) => [type, nameOffsets[index]! + highBit]));
  let index = 0;
  for (const members of names)
    writeDirectory(members.map(([name]) => [name, languageOffsets[index++]! + highBit]));
  for (const [, members] of allNames)
    writeDirectory(members.map((member) => [member.language, dataEntries + entryOffsets.get(member)!]));
  for (const [text, offset] of texts) {
    data.setUint16(offset, text.length, true);
    head.set(Buffer.from(text, "utf16le"), offset + 2);
  }

  const parts: Uint8Array[] = [head];
  let size = head.length;
  for (const resource of resources) {
    const start = alignUp(size, contentAlignment);
    if (start > size) parts.push(new Uint8Array(start - size));
    const length = resource.content.reduce((sum, part) => sum + part.length, 0);
    const entry = dataEntries + entryOffsets.get(resource)!;
    data.setUint32(entry, address + start, true);
    data.setUint32(entry + 4, length, true);
    data.setUint32(entry + 8, resource.codePage, true);
    parts.push(...resource.content);
    size = start + length;
  }
  return { parts, size };
}

/** Neighbours with the same key, together. */
function groups(
  items: readonly NewResource[],
  keyOf: (item: NewResource) => PeResourceId,
): [PeResourceId, NewResource[]][] {
  const result: [PeResourceId, NewResource[]][] = [];
  for (const item of items) {
    const last = result.at(-1);
    if (last && compareIds(last[0], keyOf(item)) === 0) last[1].push(item);
    else result.push([keyOf(item), [item]]);
  }
  return result;
}
