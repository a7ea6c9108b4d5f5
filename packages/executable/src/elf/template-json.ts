import { ExecutableError } from "../error.ts";
import { programHeaderSize } from "./header.ts";
import { type ElfProgramHeader, maxTableSize, segmentProblem } from "./program-header.ts";
import {
  addedHeaders,
  type ElfTemplate,
  isGap,
  isNoteName,
  layoutProblem,
  maxTailAddress,
  memoryEnd,
  type TailPlace,
  tailAlignment,
  tailDistance,
} from "./template.ts";

const words = ["offset", "address", "physicalAddress", "fileSize", "memorySize", "alignment"] as const;
const halfWords = ["type", "flags"] as const;

/**
 * Checks a template description that was kept as JSON, by the same rules as those that made it.
 *
 * @throws ExecutableError EXECUTABLE_TEMPLATE_INVALID.
 */
export function parseElfTemplate(value: unknown): ElfTemplate {
  if (!isRecord(value) || value["format"] !== "elf") throw invalid("it is not one of format elf");
  const { size, address, noteAddress, noteName, packageNote, programHeaders: entries } = value;
  if (packageNote !== undefined && packageNote !== true) throw invalid("its note for other tools is unknown");
  if (!isWord(size) || !isWord(address)) throw invalid("size or address are missing");
  if (typeof noteName !== "string" || !isNoteName(noteName)) throw invalid("the name of the note is missing");
  if (!Array.isArray(entries)) throw invalid("the program headers are missing");
  const programHeaders = entries.map(parseProgramHeader);
  const problem = segmentProblem(programHeaders, size) ?? layoutProblem(programHeaders, packageNote === true);
  if (problem !== undefined) throw invalid(problem);
  if (size === 0 || size % tailAlignment !== 0) throw invalid("the size is no multiple of 64 KiB");
  const place = {
    size,
    address,
    ...(isWord(noteAddress) && { noteAddress }),
    ...(packageNote === true && { packageNote: true as const }),
  };
  if (place.noteAddress !== noteAddress || !isPlace(place, programHeaders))
    throw invalid("the addresses do not fit the segments");
  return { format: "elf", ...place, noteName, programHeaders };
}

function isPlace(place: TailPlace, headers: readonly ElfProgramHeader[]): boolean {
  const { size, address, noteAddress } = place;
  if (address !== size + tailDistance(headers)) return false;
  const last = noteAddress ?? address;
  if (last % tailAlignment !== 0 || last < memoryEnd(headers) || last > maxTailAddress) return false;
  if (noteAddress === undefined) return true;
  return (
    isGap(headers, address) && (headers.length + addedHeaders(place)) * programHeaderSize <= maxTableSize
  );
}

function parseProgramHeader(entry: unknown): ElfProgramHeader {
  if (
    !isRecord(entry) ||
    !words.every((field) => isWord(entry[field])) ||
    !halfWords.every((field) => isWord(entry[field]) && (entry[field] as number) < 2 ** 32)
  )
    throw invalid("a program header is not complete");
  const { type, flags, offset, address, physicalAddress, fileSize, memorySize, alignment } =
    entry as unknown as ElfProgramHeader;
  return { type, flags, offset, address, physicalAddress, fileSize, memorySize, alignment };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isWord(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function invalid(reason: string): ExecutableError {
  return new ExecutableError(
    "EXECUTABLE_TEMPLATE_INVALID",
    `this is no description of a template: ${reason}`,
  );
}
