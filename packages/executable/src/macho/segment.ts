import { isInside } from "../byte-source.ts";
import { readWord, writeWord } from "../elf/fields.ts";
import { malformed, unsupported } from "../error.ts";
import { commandData, commandType, type MachoCommand } from "./load-command.ts";

/** A part of the file that is mapped together (`struct segment_command_64`). */
export interface MachoSegment {
  readonly name: string;
  /** Virtual. */
  readonly address: number;
  readonly memorySize: number;
  readonly offset: number;
  readonly fileSize: number;
  /** Most that it may ever have: 1 readable, 2 writable, 4 executable. */
  readonly maximumProtection: number;
  readonly initialProtection: number;
  readonly sections: readonly MachoSection[];
  /** Its load command. */
  readonly command: MachoCommand;
}

/** A named part of a segment (`struct section_64`). */
export interface MachoSection {
  readonly name: string;
  readonly address: number;
  readonly size: number;
  /** 0 for sections without bytes in the file. */
  readonly offset: number;
  /** S_… type and attributes. */
  readonly flags: number;
}

export const segmentCommandSize = 72;
export const sectionSize = 80;
/** Fields of a segment command, in bytes from its start. */
export const segmentFields = { address: 24, memorySize: 32, offset: 40, fileSize: 48 } as const;
export const sectionFields = { address: 32, size: 40, offset: 48 } as const;

const nameSize = 16;
const maxSegments = 64;
// Section types without bytes in the file: S_ZEROFILL, S_GB_ZEROFILL, S_THREAD_LOCAL_ZEROFILL.
const emptyTypes: readonly number[] = [0x1, 0xc, 0x12];
// User space ends at 2^47 on both machines.
const maxAddress = 2 ** 47;

/** Reads the segments of a file of `fileSize` bytes and checks that none lies outside it or on another. */
export function readSegments(commands: readonly MachoCommand[], fileSize: number): MachoSegment[] {
  const segments: MachoSegment[] = [];
  for (const command of commands) {
    if (command.type !== commandType.segment) continue;
    if (segments.length === maxSegments) throw unsupported("more than 64 segments", command.offset);
    segments.push(readSegment(command, fileSize));
  }
  checkOverlaps(
    segments,
    ({ offset }) => offset,
    (segment) => segment.fileSize,
    "the file",
  );
  checkOverlaps(
    segments,
    ({ address }) => address,
    (segment) => segment.memorySize,
    "memory",
  );
  return segments;
}

function readSegment(command: MachoCommand, fileSize: number): MachoSegment {
  const data = commandData(command, segmentCommandSize);
  const { bytes, offset: at } = command;
  const word = (field: number, what: string) => readWord(data, field, what, at);
  const name = fixedText(bytes, 8);
  const segment = {
    name,
    address: word(segmentFields.address, "a segment's address"),
    memorySize: word(segmentFields.memorySize, "a segment's size"),
    offset: word(segmentFields.offset, "a segment's offset"),
    fileSize: word(segmentFields.fileSize, "a segment's size"),
    maximumProtection: data.getUint32(56, true),
    initialProtection: data.getUint32(60, true),
  };
  if (!isInside(fileSize, segment.offset, segment.fileSize))
    throw malformed(`segment ${name} is outside the file`, at);
  if (segment.address + segment.memorySize > maxAddress)
    throw malformed(`segment ${name} is above the address space`, at);
  // Go's linker keeps debug information in a segment of no memory, which nobody maps.
  const isMapped = segment.memorySize > 0;
  if (isMapped && segment.fileSize > segment.memorySize)
    throw malformed(`segment ${name} is larger in the file than in memory`, at);
  const count = data.getUint32(64, true);
  if (bytes.length !== segmentCommandSize + count * sectionSize)
    throw malformed(`segment ${name} has a wrong number of sections, ${count}`, at);
  const sections = Array.from({ length: count }, (_, index) =>
    readSection(command, segmentCommandSize + index * sectionSize),
  );
  for (const section of sections) {
    const inMemory =
      !isMapped || isInside(segment.memorySize, section.address - segment.address, section.size);
    const inFile =
      section.offset === 0 || isInside(segment.fileSize, section.offset - segment.offset, section.size);
    if (!inMemory || !inFile) throw malformed(`section ${section.name} is outside segment ${name}`, at);
  }
  return { ...segment, sections, command };
}

function readSection({ bytes, offset }: MachoCommand, at: number): MachoSection {
  const data = new DataView(bytes.buffer, bytes.byteOffset + at, sectionSize);
  const flags = data.getUint32(64, true);
  return {
    name: fixedText(bytes, at),
    address: readWord(data, sectionFields.address, "a section's address", offset + at),
    size: readWord(data, sectionFields.size, "a section's size", offset + at),
    offset: emptyTypes.includes(flags & 0xff) ? 0 : data.getUint32(sectionFields.offset, true),
    flags,
  };
}

function checkOverlaps(
  segments: readonly MachoSegment[],
  start: (segment: MachoSegment) => number,
  size: (segment: MachoSegment) => number,
  where: string,
): void {
  const ordered = segments.filter((segment) => size(segment) > 0).toSorted((a, b) => start(a) - start(b));
  for (let index = 1; index < ordered.length; index++) {
    const [previous, segment] = [ordered[index - 1]!, ordered[index]!];
    if (start(previous) + size(previous) > start(segment))
      throw malformed(
        `segments ${previous.name} and ${segment.name} overlap in ${where}`,
        segment.command.offset,
      );
  }
}

/** A load command for a readable segment of one section, both still empty, which come at `offset` and `address`. */
export function segmentCommand(
  name: string,
  sectionName: string,
  offset: number,
  address: number,
): Uint8Array {
  const bytes = new Uint8Array(segmentCommandSize + sectionSize);
  const data = new DataView(bytes.buffer);
  const readable = 1;
  data.setUint32(0, commandType.segment, true);
  data.setUint32(4, bytes.length, true);
  bytes.set(Buffer.from(name, "latin1"), 8);
  writeWord(data, segmentFields.address, address);
  writeWord(data, segmentFields.offset, offset);
  data.setUint32(56, readable, true);
  data.setUint32(60, readable, true);
  data.setUint32(64, 1, true);
  bytes.set(Buffer.from(sectionName, "latin1"), segmentCommandSize);
  bytes.set(Buffer.from(name, "latin1"), segmentCommandSize + nameSize);
  writeWord(data, segmentCommandSize + sectionFields.address, address);
  data.setUint32(segmentCommandSize + sectionFields.offset, offset, true);
  // 2^4: what runtimes may expect of the payload's first byte, whatever they overlay it with.
  data.setUint32(segmentCommandSize + 52, 4, true);
  return bytes;
}

/** Whether a segment or section can have this name. */
export function isMachoName(name: string): boolean {
  return /^[\x21-\x7e]{1,16}$/.test(name);
}

function fixedText(bytes: Uint8Array, at: number): string {
  const field = bytes.subarray(at, at + nameSize);
  const end = field.indexOf(0);
  return Buffer.from(end < 0 ? field : field.subarray(0, end)).toString("latin1");
}
