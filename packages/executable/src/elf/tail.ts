import { ExecutableError } from "../error.ts";
import { alignUp, view } from "./fields.ts";
import { programHeaderSize } from "./header.ts";
import { noteHeaderSize } from "./note.ts";
import { packageNote, sectionBytes, sectionsSize } from "./package-note.ts";
import { type ElfProgramHeader, segmentType, writeProgramHeader } from "./program-header.ts";
import { addedHeaders, type ElfTemplate, tailAlignment } from "./template.ts";

const noteType = 1;
const readable = 4;
// What runtimes may expect of the payload's first byte, whatever they overlay it with.
const descriptionAlignment = 16;
// A file's size stands in an image's layer before its bytes: an executable whose size is the same after a change of the app
// costs no new hash of the runtime. So sizes go in steps.
const tailEndAlignment = tailAlignment;

/**
 * The bytes that make an executable of a template when they follow it: program headers, then the note with the
 * payload. The payload is given in any number of parts, which come back as they are, without a copy. A template with a note for
 * other tools takes its JSON as `metadata`.
 *
 * @throws ExecutableError EXECUTABLE_PAYLOAD_TOO_LARGE from 2^32 bytes on.
 */
export function elfTail(
  template: ElfTemplate,
  description: readonly Uint8Array[],
  metadata?: string,
): Uint8Array[] {
  if ((metadata !== undefined) !== (template.packageNote === true))
    throw new RangeError("metadata is for templates that were made with a note for it, and for all of them");
  const size = description.reduce((sum, part) => sum + part.length, 0);
  checkPayloadSize(size);
  const { tableEnd, noteOffset, descriptionOffset } = tailLayout(template);
  const metadataOffset = alignUp(descriptionOffset + size, descriptionAlignment);
  const metadataNote = metadata === undefined ? new Uint8Array(0) : packageNote(metadata);
  const end = alignUp(metadataOffset + metadataNote.length, tailEndAlignment);

  const head = new Uint8Array(descriptionOffset);
  const data = view(head);
  const split = template.noteAddress !== undefined;
  const loads = split
    ? [
        tailSegment(template, segmentType.load, 0, tableEnd, tailAlignment),
        tailSegment(template, segmentType.load, noteOffset, end, tailAlignment),
      ]
    : [tailSegment(template, segmentType.load, 0, end, tailAlignment)];
  const note = tailSegment(template, segmentType.note, noteOffset, alignUp(descriptionOffset + size, 4), 4);
  const notes = [note];
  if (metadata !== undefined) {
    const noteEnd = metadataOffset + metadataNote.length;
    const segment = tailSegment(template, segmentType.note, metadataOffset, noteEnd, 4);
    notes.unshift(segment);
    head.set(sectionBytes(template.size + tableEnd, template.programHeaders, segment), tableEnd);
  }
  for (const [index, header] of tailTable(template, loads, notes).entries())
    writeProgramHeader(data, index * programHeaderSize, header);
  writeNoteHead(head, template, size);

  const foot = new Uint8Array(end - descriptionOffset - size);
  foot.set(metadataNote, metadataOffset - descriptionOffset - size);
  return [head, ...description, foot];
}

/** The virtual address of the payload's first byte, a multiple of 16: known before there is a payload. */
export function elfDescriptionAddress(template: ElfTemplate): number {
  return (template.noteAddress ?? template.address) + tailLayout(template).descriptionOffset;
}

/** @throws ExecutableError EXECUTABLE_PAYLOAD_TOO_LARGE */
export function checkPayloadSize(size: number): void {
  if (size >= 2 ** 32)
    throw new ExecutableError(
      "EXECUTABLE_PAYLOAD_TOO_LARGE",
      `the payload has ${size} bytes; a note of an ELF file holds less than ${2 ** 32}`,
    );
}

/** Writes what comes before a payload of `size` bytes, at its place. */
export function writeNoteHead(head: Uint8Array, template: ElfTemplate, size: number): void {
  const { noteOffset, nameSize } = tailLayout(template);
  const data = view(head);
  data.setUint32(noteOffset, nameSize, true);
  data.setUint32(noteOffset + 4, size, true);
  data.setUint32(noteOffset + 8, noteType, true);
  head.set(Buffer.from(template.noteName, "latin1"), noteOffset + noteHeaderSize);
}

/** Offsets from the start of the tail, which is aligned as strictly as anything in it. */
export function tailLayout(template: ElfTemplate) {
  const { programHeaders, noteName } = template;
  const tableEnd = (programHeaders.length + addedHeaders(template)) * programHeaderSize;
  const nameSize = noteName.length + 1;
  const noteStart = noteHeaderSize + alignUp(nameSize, 4);
  const sectionsEnd = tableEnd + (template.packageNote ? sectionsSize(programHeaders) : 0);
  const descriptionOffset = alignUp(sectionsEnd + noteStart, descriptionAlignment);
  return { tableEnd, noteOffset: descriptionOffset - noteStart, descriptionOffset, nameSize };
}

/** The runtime's table with the new segments: kernels want PT_LOADs by ascending address, so those have their places. */
function tailTable(
  template: ElfTemplate,
  loads: readonly ElfProgramHeader[],
  notes: readonly ElfProgramHeader[],
): readonly ElfProgramHeader[] {
  const { tableEnd } = tailLayout(template);
  const table = template.programHeaders.map((header) =>
    header.type === segmentType.table ? tailSegment(template, header.type, 0, tableEnd, 8) : header,
  );
  for (const load of loads) {
    const below = table.findLastIndex(
      ({ type, address }) => type === segmentType.load && address < load.address,
    );
    table.splice(below + 1, 0, load);
  }
  // The payload's is the last: the stub of a self-contained executable (packages/loader) looks for it there.
  return [...table, ...notes];
}

/** A segment from `start` to `end` in the tail: one from its start on is at its address, any other with the note. */
function tailSegment(
  { size: tailOffset, address: tableAddress, noteAddress = tableAddress }: ElfTemplate,
  type: number,
  start: number,
  end: number,
  alignment: number,
): ElfProgramHeader {
  const address = (start === 0 ? tableAddress : noteAddress) + start;
  return {
    type,
    flags: readable,
    offset: tailOffset + start,
    address,
    physicalAddress: address,
    fileSize: end - start,
    memorySize: end - start,
    alignment,
  };
}
