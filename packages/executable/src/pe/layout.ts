import type { Edit, Patch } from "../edit.ts";
import { alignUp } from "../elf/fields.ts";
import { unsupported } from "../error.ts";
import { directoryField, directoryIndex, headerFields, numberPatch, type PeHeader } from "./header.ts";
import type { PeFile } from "./pe-file.ts";
import { type PeSection, sectionEnd, sectionHeader, sectionHeaderSize } from "./section.ts";

// Node's have 220 KB.
const maxRelocationBytes = 16 * 1024 * 1024;

/** The sections of a template. */
export interface PeLayout extends Edit {
  readonly address: number;
  readonly sectionHeaderOffset: number;
  readonly initializedDataSize: number;
}

/** Plans where the sections of a template are; `end` is the end of those of the runtime. */
export async function planLayout(pe: PeFile, end: number): Promise<PeLayout> {
  const { header, sections } = pe;
  const { first, dropped, moved } = sectionsBehind(pe);
  const keep = dropped?.offset ?? end;
  const index = moved ? first + 1 : first;
  if (!dropped) await checkHeaderRoom(pe);

  const place: PeSection | undefined = moved && {
    ...moved,
    address: dropped!.address,
    offset: moved.size === 0 ? 0 : keep,
  };
  if (moved && moved.size > maxRelocationBytes)
    throw unsupported(`.reloc has ${moved.size} bytes`, moved.offset);
  const tableEntry = (entry: number) => header.sectionTableOffset + sectionHeaderSize * entry;
  const field = (at: number) => header.offset + at;
  const patches: Patch[] = [
    numberPatch(field(headerFields.sectionCount), [index + 1], 2),
    { offset: tableEntry(index), bytes: new Uint8Array(sectionHeaderSize) },
    ...tailFields.map(([at, length]) => ({ offset: field(at), bytes: new Uint8Array(length) })),
  ];
  if (moved && place) {
    patches.push(
      numberPatch(field(directoryField(directoryIndex.relocations)), [place.address]),
      { offset: tableEntry(first), bytes: sectionHeader(place) },
      { offset: keep, bytes: await pe.source.read(moved.offset, moved.size) },
    );
  }
  return {
    keep,
    size: alignUp(keep + (moved?.size ?? 0), header.fileAlignment),
    patches,
    address: alignUp(sectionEnd(place ?? sections[first - 1]!), header.sectionAlignment),
    sectionHeaderOffset: tableEntry(index),
    initializedDataSize: Math.max(0, header.initializedDataSize - (dropped?.size ?? 0)),
  };
}

/** The header fields that the tail brings, by offset from the signature and size. */
const tailFields: readonly (readonly [offset: number, size: number])[] = [
  [headerFields.initializedDataSize, 4],
  [headerFields.imageSize, 4],
  [headerFields.checksum, 4],
  [headerFields.subsystem, 2],
  [directoryField(directoryIndex.resources), 8],
  [directoryField(directoryIndex.certificates), 8],
];

/** How many sections stay in their place, and whether .rsrc can go and .reloc be moved there. */
function sectionsBehind({ header, sections }: PeFile): {
  readonly first: number;
  readonly dropped?: PeSection;
  readonly moved?: PeSection;
} {
  const all = { first: sections.length };
  const first = sections.findIndex((section) => isOnly(header, section, directoryIndex.resources));
  if (first <= 0 || first < sections.length - 2) return all;
  const dropped = sections[first]!;
  const moved = sections[first + 1];
  if (moved && !isOnly(header, moved, directoryIndex.relocations)) return all;
  // Both must be the file's last too, in this order.
  if (dropped.size === 0 || (moved && moved.size > 0 && moved.offset < dropped.offset)) return all;
  const before = sections.slice(0, first).every(({ offset }) => offset < dropped.offset);
  return before ? { first, dropped, ...(moved && { moved }) } : all;
}

/** Whether a section holds this directory, from its start, and nothing else that the headers point to. */
function isOnly({ directories, entry }: PeHeader, section: PeSection, only: number): boolean {
  const holds = (address: number) => address >= section.address && address < sectionEnd(section);
  return (
    directories[only]!.size > 0 &&
    directories[only]!.address === section.address &&
    !holds(entry) &&
    directories.every(
      // The certificates' address is a file offset.
      ({ address }, index) => index === only || index === directoryIndex.certificates || !holds(address),
    )
  );
}

async function checkHeaderRoom({ source, header, sections }: PeFile): Promise<void> {
  const start = header.sectionTableOffset + sectionHeaderSize * sections.length;
  const room = Math.min(sectionHeaderSize, header.headersSize - start);
  const bytes = room === sectionHeaderSize ? await source.read(start, room) : undefined;
  if (!bytes?.every((byte) => byte === 0))
    throw unsupported("there is no room for one more section header", start);
}
