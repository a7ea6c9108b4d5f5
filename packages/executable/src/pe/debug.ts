import type { ByteRange } from "../byte-source.ts";
import { terminatedText, view } from "../elf/fields.ts";
import { malformed, unsupported } from "../error.ts";
import { directoryIndex } from "./header.ts";
import type { PeFile } from "./pe-file.ts";
import { mappedRange } from "./section.ts";

/** An entry of the debug directory ("PE Format", "The .debug Section"). */
export interface PeDebug {
  /** 2 CodeView, 13 POGO, 16 reproducible build, 20 flags for the loader, … */
  readonly type: number;
  /** Where the entry itself is in the file. */
  readonly entryOffset: number;
  /** Where what it describes is in the file. */
  readonly content: ByteRange;
}

/** What connects a file to its debug information (CodeView's RSDS record). */
export interface PeDebugLink {
  /** As the linker was told: may be a path on the machine that linked. */
  readonly path: string;
  /** GUID and age in the form symbol servers use. */
  readonly id: string;
}

export const debugEntrySize = 28;
const codeView = 2;
// Linkers write up to six.
const maxEntries = 32;
const maxPathSize = 1024;

export async function readDebug({ source, header, sections }: PeFile): Promise<readonly PeDebug[]> {
  const { address, size } = header.directories[directoryIndex.debug]!;
  if (address === 0 || size === 0) return [];
  const start = mappedRange(sections, address);
  if (size > start.size) throw malformed("the debug directory goes past its section", start.offset);
  if (size > maxEntries * debugEntrySize)
    throw unsupported(`the debug directory has ${size} bytes`, start.offset);
  const data = view(await source.read(start.offset, size));
  const entries: PeDebug[] = [];
  for (let at = 0; at + debugEntrySize <= size; at += debugEntrySize) {
    entries.push({
      type: data.getUint32(at + 12, true),
      entryOffset: start.offset + at,
      content: { offset: data.getUint32(at + 24, true), size: data.getUint32(at + 16, true) },
    });
  }
  return entries;
}

export async function readDebugLink(
  { source }: PeFile,
  entries: readonly PeDebug[],
): Promise<PeDebugLink | undefined> {
  const entry = entries.find(({ type, content }) => type === codeView && content.size > 24);
  if (!entry) return undefined;
  const size = Math.min(entry.content.size, 24 + maxPathSize);
  const bytes = Buffer.from(await source.read(entry.content.offset, size));
  if (bytes.toString("latin1", 0, 4) !== "RSDS") return undefined;
  const path = terminatedText(bytes.subarray(24));
  if (path === undefined)
    throw malformed("the path of the debug information does not end", entry.content.offset);
  // The GUID's first three fields are little-endian.
  const guid = [bytes.readUInt32LE(4), bytes.readUInt16LE(8), bytes.readUInt16LE(10)]
    .map((field, index) => field.toString(16).padStart(index === 0 ? 8 : 4, "0"))
    .join("");
  const id = guid + bytes.toString("hex", 12, 20) + bytes.readUInt32LE(20).toString(16);
  return { path, id: id.toUpperCase() };
}
