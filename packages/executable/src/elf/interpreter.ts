/**
 * An executable in two files: its runtime, which is the same for many, and its program, which is the app's alone. The kernel
 * knows such a pair: a program names an interpreter, both are mapped, and the interpreter is started with the program's headers
 * in its auxiliary vector (as ld.so is). So the runtime becomes an interpreter.
 *
 *     runtime   | template | program headers | zeros |
 *     program   | ELF header | program headers | path of the runtime | note: payload |
 *
 * The program has no code. It is mapped where the executable's tail would be, so that its payload is at the same address, and its
 * note is the last of its program headers, where the stub of a self-contained runtime (packages/loader) looks for it. To the
 * runtime nothing differs, and /proc/self/exe is the program.
 *
 * Kernels before 6.6 map of an interpreter what is in its file, and no zeros behind a segment but the last (load_elf_interp in
 * fs/binfmt_elf.c). So the zeros that its segments have in memory alone are in the file.
 */

import type { ByteSource } from "../byte-source.ts";
import { ExecutableError, unsupported } from "../error.ts";
import { alignUp, view, writeWord } from "./fields.ts";
import { type ElfMachine, headerFields, headerSize, machineNumber, programHeaderSize } from "./header.ts";
import { type ElfProgramHeader, maxTableSize, programHeaderBytes, segmentType } from "./program-header.ts";
import { sectionHeaderPatches } from "./strip.ts";
import { checkPayloadSize, tailLayout, writeNoteHead } from "./tail.ts";
import { type ElfTemplate, segmentPage, tableHeaderPatches, tailAlignment } from "./template.ts";

const flags = { read: 4, readWrite: 6 } as const;

/** What an interpreter has besides its template's bytes. */
export interface ElfInterpreter {
  /** In place of the template's first bytes. */
  readonly header: Uint8Array;
  /** What follows the template. */
  readonly tail: readonly Uint8Array[];
}

/**
 * What makes an interpreter of a template, which is `source`; little of it is read.
 *
 * @throws ExecutableError EXECUTABLE_UNSUPPORTED for a template that needs an interpreter itself, or whose segments are not
 *   apart from each other in the file.
 */
export async function elfInterpreter(source: ByteSource, template: ElfTemplate): Promise<ElfInterpreter> {
  const { programHeaders, size } = template;
  if (programHeaders.some(({ type }) => type === segmentType.interpreter))
    throw unsupported("a program that needs an interpreter cannot be one");
  // Room for the zeros of each segment.
  const mostHeaders =
    programHeaders.length + programHeaders.filter(({ type }) => type === segmentType.load).length;
  const zerosOffset = size + alignUp(mostHeaders * programHeaderSize, tailAlignment);
  const page = segmentPage(programHeaders);
  const last = programHeaders.findLast(({ type }) => type === segmentType.load);
  const headers: ElfProgramHeader[] = [];
  let zeros = 0;
  for (const header of programHeaders) {
    const { type, offset, address, fileSize, memorySize } = header;
    if (type === segmentType.table) continue;
    if (type !== segmentType.load || (memorySize === fileSize && header !== last)) {
      headers.push(header);
      continue;
    }
    // In whole pages, as what is in memory behind the file's bytes has to be zero. Behind the last segment kernels write zeros.
    const fileEnd = alignUp(offset + fileSize, page);
    if (!(await isZero(source, offset + fileSize, Math.min(fileEnd, size))))
      throw unsupported("something else follows a segment in its last page", offset + fileSize);
    const whole = fileEnd - offset;
    headers.push({ ...header, fileSize: whole, memorySize: whole });
    const rest = alignUp(address + memorySize, page) - (address + whole);
    if (rest <= 0) continue;
    const start = { offset: zerosOffset + zeros, address: address + whole, physicalAddress: address + whole };
    headers.push({ ...header, ...start, fileSize: rest, memorySize: rest });
    zeros += alignUp(rest, tailAlignment);
  }
  const table = programHeaderBytes(headers);
  if (table.length > maxTableSize) throw unsupported("its segments have zeros in too many places");
  const header = Uint8Array.from(await source.read(0, headerSize));
  // The template may have its section headers in its tail, as it has its program headers.
  for (const { offset, bytes } of [...tableHeaderPatches(size, headers.length), ...sectionHeaderPatches()])
    header.set(bytes, offset);
  return { header, tail: [table, new Uint8Array(zerosOffset - size - table.length + zeros)] };
}

async function isZero(source: ByteSource, start: number, end: number): Promise<boolean> {
  return start >= end || (await source.read(start, end - start)).every((byte) => byte === 0);
}

/**
 * The program that belongs to the template's interpreter at `interpreter`, an absolute path. The payload is given in any number of
 * parts, which come back as they are.
 *
 * @throws ExecutableError EXECUTABLE_PAYLOAD_TOO_LARGE from 2^32 bytes on; RangeError for a path that is too long.
 */
export function elfProgram(
  template: ElfTemplate,
  description: readonly Uint8Array[],
  { machine, interpreter }: { readonly machine: ElfMachine; readonly interpreter: string },
): Uint8Array[] {
  const size = description.reduce((sum, part) => sum + part.length, 0);
  checkPayloadSize(size);
  const { noteOffset, descriptionOffset } = tailLayout(template);
  const base = template.noteAddress ?? template.address;
  const path = Buffer.from(`${interpreter}\0`);
  const tableEnd = headerSize + 4 * programHeaderSize;
  const pathEnd = tableEnd + path.length;
  if (pathEnd > noteOffset) throw new RangeError(`the interpreter's path is too long: ${interpreter}`);

  const end = descriptionOffset + size;
  const segment = (type: number, start: number, stop: number, alignment: number): ElfProgramHeader => ({
    type,
    flags: flags.read,
    offset: start,
    address: base + start,
    physicalAddress: base + start,
    fileSize: stop - start,
    memorySize: stop - start,
    alignment,
  });
  const headers = [
    segment(segmentType.interpreter, tableEnd, pathEnd, 1),
    segment(segmentType.load, 0, alignUp(end, 8), tailAlignment),
    // Else the stack would be executable.
    { ...segment(segmentType.stack, 0, 0, 16), flags: flags.readWrite, address: 0, physicalAddress: 0 },
    segment(segmentType.note, noteOffset, alignUp(end, 4), 4),
  ];

  const head = new Uint8Array(descriptionOffset);
  const data = view(head);
  // System V gABI, chapter 4 "ELF Header": 64 bits, little-endian, version 1; ET_EXEC.
  head.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
  data.setUint16(0x10, 2, true);
  data.setUint16(0x12, machineNumber(machine), true);
  data.setUint32(0x14, 1, true);
  // Never jumped to: the stub starts the runtime.
  writeWord(data, headerFields.entry, base + noteOffset);
  writeWord(data, headerFields.programHeaderOffset, headerSize);
  data.setUint16(0x34, headerSize, true);
  data.setUint16(0x36, programHeaderSize, true);
  data.setUint16(headerFields.programHeaderCount, headers.length, true);
  head.set(programHeaderBytes(headers), headerSize);
  head.set(path, tableEnd);
  writeNoteHead(head, template, size);
  return [head, ...description, new Uint8Array(alignUp(end, 8) - end)];
}

/**
 * The payload in a tail that `elfTail` made for this template.
 *
 * @throws ExecutableError EXECUTABLE_MALFORMED for any other.
 */
export function elfTailDescription(template: ElfTemplate, tail: Uint8Array): Uint8Array {
  const { noteOffset, descriptionOffset } = tailLayout(template);
  const size = tail.length < descriptionOffset ? -1 : view(tail).getUint32(noteOffset + 4, true);
  const expected = new Uint8Array(descriptionOffset);
  if (size >= 0) writeNoteHead(expected, template, size);
  const isOurs =
    size >= 0 &&
    descriptionOffset + size <= tail.length &&
    Buffer.compare(tail.subarray(noteOffset, descriptionOffset), expected.subarray(noteOffset)) === 0;
  if (!isOurs)
    throw new ExecutableError("EXECUTABLE_MALFORMED", "what follows the template is no payload of it");
  return tail.subarray(descriptionOffset, descriptionOffset + size);
}
