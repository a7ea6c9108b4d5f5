/*
 * What other tools read of an executable: a note with its name and version, as distributions put it into their packages
 * (https://systemd.io/ELF_PACKAGE_METADATA), and a small section table that names it, since most tools look for sections. No
 * kernel or loader reads sections: they are in the file behind the program headers, and not in memory.
 *
 *     | program headers | section headers | their names | note: payload | note: package |
 *
 * The payload is left out of the sections: tools print the content of notes that they do not know.
 *
 * strip, of GNU and of LLVM, refuses files without sections, but would throw away what none of a few sections has: all of the
 * program. So the note is linked to a section that strip always removes, and it refuses again.
 */

import type { Patch } from "../edit.ts";
import { view, writeWord } from "./fields.ts";
import { headerFields, sectionHeaderSize } from "./header.ts";
import { noteHeaderSize } from "./note.ts";
import { type ElfProgramHeader, segmentType } from "./program-header.ts";

/** The owner and the type that the specification gives the note. */
const owner = "FDO\0";
const noteType = 0xcafe1a7e;
const wordSize = 4;
const dynamicEntrySize = 16;

const types = { data: 1, strings: 3, dynamic: 6, note: 7 } as const;
/** SHF_WRITE, SHF_ALLOC, SHF_LINK_ORDER. */
const flags = { writable: 1, inMemory: 2, linked: 0x80 } as const;
const names = "\0.note\0.dynamic\0.note.package\0.debug_do_not_strip\0.shstrtab\0";

/** What the runtime has that tools look for in sections as soon as there are some. */
function ownSections(headers: readonly ElfProgramHeader[]) {
  return headers
    .filter(({ type }) => type === segmentType.note || type === segmentType.dynamic)
    .map((header) =>
      header.type === segmentType.note
        ? { header, name: ".note", type: types.note, writable: 0 }
        : { header, name: ".dynamic", type: types.dynamic, writable: flags.writable },
    );
}

/** The null section, the runtime's own, the package's note, what it is linked to, and the names. */
function sectionCount(headers: readonly ElfProgramHeader[]): number {
  return ownSections(headers).length + 4;
}

/** Of the section headers and the names. */
export function sectionsSize(headers: readonly ElfProgramHeader[]): number {
  return sectionCount(headers) * sectionHeaderSize + names.length;
}

/** The changes to the ELF header that say where the section headers will be. */
export function sectionPatches(tableOffset: number, headers: readonly ElfProgramHeader[]): readonly Patch[] {
  const offset = new Uint8Array(8);
  writeWord(view(offset), 0, tableOffset);
  const counts = new Uint8Array(6);
  const data = view(counts);
  data.setUint16(0, sectionHeaderSize, true);
  data.setUint16(2, sectionCount(headers), true);
  data.setUint16(4, sectionCount(headers) - 1, true);
  return [
    { offset: headerFields.sectionHeaderOffset, bytes: offset },
    { offset: headerFields.sectionHeaderEntrySize, bytes: counts },
  ];
}

/** The note, for a JSON text: a multiple of 4 bytes. */
export function packageNote(json: string): Uint8Array {
  const description = Buffer.from(`${json}\0`);
  const end = noteHeaderSize + owner.length + description.length;
  const note = new Uint8Array(Math.ceil(end / wordSize) * wordSize);
  const data = view(note);
  data.setUint32(0, owner.length, true);
  data.setUint32(4, description.length, true);
  data.setUint32(8, noteType, true);
  note.set(Buffer.from(owner, "latin1"), noteHeaderSize);
  note.set(description, noteHeaderSize + owner.length);
  return note;
}

/** The section headers, at an offset of the file, and the names behind them. `note` is the package's segment. */
export function sectionBytes(
  tableOffset: number,
  headers: readonly ElfProgramHeader[],
  note: ElfProgramHeader,
): Uint8Array {
  const count = sectionCount(headers);
  const bytes = new Uint8Array(sectionsSize(headers));
  const data = view(bytes);
  const namesOffset = tableOffset + count * sectionHeaderSize;
  const ofSegment = ({ address, offset, fileSize, alignment }: ElfProgramHeader) => ({
    ...{ flags: flags.inMemory, link: 0, address, offset, size: fileSize, alignment },
  });
  const ofFile = (name: string, type: number, size: number) => ({
    ...{ name, type, flags: 0, link: 0, address: 0, offset: namesOffset, size, alignment: 1 },
  });
  const sections = [
    ...ownSections(headers).map(({ header, name, type, writable }) => ({
      ...{ ...ofSegment(header), name, type, flags: flags.inMemory | writable },
    })),
    {
      ...{ ...ofSegment(note), name: ".note.package", type: types.note },
      ...{ flags: flags.inMemory | flags.linked, link: count - 2 },
    },
    ofFile(".debug_do_not_strip", types.data, 0),
    ofFile(".shstrtab", types.strings, names.length),
  ];
  for (const [index, section] of sections.entries()) {
    // The first entry is none.
    const at = (index + 1) * sectionHeaderSize;
    data.setUint32(at, names.indexOf(`\0${section.name}\0`) + 1, true);
    data.setUint32(at + 4, section.type, true);
    writeWord(data, at + 8, section.flags);
    writeWord(data, at + 16, section.address);
    writeWord(data, at + 24, section.offset);
    writeWord(data, at + 32, section.size);
    data.setUint32(at + 40, section.link, true);
    writeWord(data, at + 48, section.alignment);
    if (section.type === types.dynamic) writeWord(data, at + 56, dynamicEntrySize);
  }
  bytes.set(Buffer.from(names, "latin1"), count * sectionHeaderSize);
  return bytes;
}
