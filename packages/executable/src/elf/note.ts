import type { ByteRange, ByteSource } from "../byte-source.ts";
import { malformed, unsupported } from "../error.ts";
import { alignUp, view } from "./fields.ts";
import { type ElfProgramHeader, segmentType } from "./program-header.ts";

/** A note in a PT_NOTE segment (System V gABI, chapter 5 "Note Section"). */
export interface ElfNote {
  /** Who defines the type, without its final NUL. */
  readonly name: string;
  readonly type: number;
  /** Where its content is in the file. */
  readonly description: ByteRange;
}

/** namesz, descsz and type, 4 bytes each. */
export const noteHeaderSize = 12;

// Above what real files have: a handful of notes, each with a name of a few letters.
const maxNotes = 64;
const maxNameSize = 256;

/** The notes of all PT_NOTE segments, without reading what they hold. */
export async function readNotes(
  source: ByteSource,
  headers: readonly ElfProgramHeader[],
): Promise<readonly ElfNote[]> {
  const notes: ElfNote[] = [];
  for (const segment of headers) {
    if (segment.type !== segmentType.note) continue;
    // The gABI says 8 for 64-bit files, toolchains use 4 unless the segment says 8.
    const alignment = segment.alignment === 8 ? 8 : 4;
    const end = segment.offset + segment.fileSize;
    for (let at = segment.offset; at + noteHeaderSize <= end; ) {
      if (notes.length === maxNotes) throw unsupported(`the file has more than ${maxNotes} notes`, at);
      const data = view(await source.read(at, noteHeaderSize));
      const nameSize = data.getUint32(0, true);
      const size = data.getUint32(4, true);
      if (nameSize > maxNameSize) throw malformed(`a note has a name of ${nameSize} bytes`, at);
      const offset = segment.offset + alignUp(at - segment.offset + noteHeaderSize + nameSize, alignment);
      if (offset + size > end) throw malformed("a note goes past the end of its segment", at);
      const name = Buffer.from(await source.read(at + noteHeaderSize, nameSize)).toString("latin1");
      notes.push({
        name: name.replace(/\0.*$/s, ""),
        type: data.getUint32(8, true),
        description: { offset, size },
      });
      at = segment.offset + alignUp(offset - segment.offset + size, alignment);
    }
  }
  return notes;
}
