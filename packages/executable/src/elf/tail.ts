import { ExecutableError } from "../error.ts";
import { alignUp, view } from "./fields.ts";
import { programHeaderSize } from "./header.ts";
import { noteHeaderSize } from "./note.ts";
import { type ElfProgramHeader, segmentType, writeProgramHeader } from "./program-header.ts";
import { addedHeaders, type ElfTemplate, tailAlignment } from "./template.ts";

const noteType = 1;
const readable = 4;
// What runtimes may expect of the payload's first byte, whatever they overlay it with.
const descriptionAlignment = 16;
const tailEndAlignment = 8;

/**
 * The bytes that make an executable of a template when they follow it: program headers, then the note with the
 * payload. The payload is given in any number of parts, which come back as they are, without a copy.
 *
 * @throws ExecutableError EXECUTABLE_PAYLOAD_TOO_LARGE from 2^32 bytes on.
 */
export function elfTail(template: ElfTemplate, description: readonly Uint8Array[]): Uint8Array[] {
  const size = description.reduce((sum, part) => sum + part.length, 0);
  if (size >= 2 ** 32)
    throw new ExecutableError(
      "EXECUTABLE_PAYLOAD_TOO_LARGE",
      `the payload has ${size} bytes; a note of an ELF file holds less than ${2 ** 32}`,
    );
  const { noteOffset, descriptionOffset, nameSize } = tailLayout(template);
  const end = alignUp(descriptionOffset + size, tailEndAlignment);

  const head = new Uint8Array(descriptionOffset);
  const data = view(head);
  const note = tailSegment(template, segmentType.note, noteOffset, alignUp(descriptionOffset + size, 4), 4);
  const load = tailSegment(template, segmentType.load, 0, end, tailAlignment);
  for (const [index, header] of tailTable(template, load, note).entries())
    writeProgramHeader(data, index * programHeaderSize, header);
  data.setUint32(noteOffset, nameSize, true);
  data.setUint32(noteOffset + 4, size, true);
  data.setUint32(noteOffset + 8, noteType, true);
  head.set(Buffer.from(template.noteName, "latin1"), noteOffset + noteHeaderSize);

  return [head, ...description, new Uint8Array(end - descriptionOffset - size)];
}

/** The virtual address of the payload's first byte, a multiple of 16: known before there is a payload. */
export function elfDescriptionAddress(template: ElfTemplate): number {
  return template.address + tailLayout(template).descriptionOffset;
}

/** Offsets from the start of the tail, which is aligned as strictly as anything in it. */
function tailLayout({ programHeaders, noteName }: ElfTemplate) {
  const tableEnd = (programHeaders.length + addedHeaders) * programHeaderSize;
  const nameSize = noteName.length + 1;
  const noteStart = noteHeaderSize + alignUp(nameSize, 4);
  const descriptionOffset = alignUp(tableEnd + noteStart, descriptionAlignment);
  return { noteOffset: descriptionOffset - noteStart, descriptionOffset, nameSize };
}

/** The runtime's table with the new segments: kernels want PT_LOADs by ascending address, so that one has its place. */
function tailTable(
  template: ElfTemplate,
  load: ElfProgramHeader,
  note: ElfProgramHeader,
): readonly ElfProgramHeader[] {
  const tableSize = (template.programHeaders.length + addedHeaders) * programHeaderSize;
  const table = template.programHeaders.map((header) =>
    header.type === segmentType.table ? tailSegment(template, header.type, 0, tableSize, 8) : header,
  );
  const lastLoad = table.findLastIndex(({ type }) => type === segmentType.load);
  return [...table.slice(0, lastLoad + 1), load, ...table.slice(lastLoad + 1), note];
}

function tailSegment(
  { size: tailOffset, address }: ElfTemplate,
  type: number,
  start: number,
  end: number,
  alignment: number,
): ElfProgramHeader {
  return {
    type,
    flags: readable,
    offset: tailOffset + start,
    address: address + start,
    physicalAddress: address + start,
    fileSize: end - start,
    memorySize: end - start,
    alignment,
  };
}
