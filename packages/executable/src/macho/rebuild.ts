/** The runtime's __LINKEDIT and load commands, rebuilt around a payload that is still empty. */

import { alignUp, view, writeWord } from "../elf/fields.ts";
import { unsupported } from "../error.ts";
import { addSegmentToFixups } from "./chained-fixups.ts";
import type { LinkeditPart } from "./linkedit.ts";
import { commandType } from "./load-command.ts";
import type { MachoFile } from "./macho-file.ts";
import { type MachoSegment, segmentCommand, segmentFields } from "./segment.ts";
import type { StrippedSymbols } from "./symbols.ts";

const signatureCommandSize = 16;
const signatureAlignment = 16;
// Node's has 5 MB, or 45 MB with all symbols.
const maxLinkeditSize = 128 * 1024 * 1024;

/** __LINKEDIT without signature and gaps, and where each part is in it. The order stays, which dyld checks. */
export async function collectLinkedit(
  { source, segments, linkeditParts }: MachoFile,
  linkedit: MachoSegment,
  symbols: StrippedSymbols | undefined,
) {
  const places = new Map<LinkeditPart, { readonly offset: number; readonly size: number }>();
  const chunks: Uint8Array[] = [];
  let size = 0;
  for (const part of linkeditParts) {
    if (part.size === 0 || part.kind === "signature") continue;
    if (size + part.size > maxLinkeditSize && !symbols?.contents.has(part))
      throw unsupported(`more than ${maxLinkeditSize} bytes in __LINKEDIT`, part.offset);
    let bytes = symbols?.contents.get(part) ?? (await source.read(part.offset, part.size));
    if (part.kind === "fixups") bytes = addSegmentToFixups(bytes, segments.length, part.offset);
    const padding = alignUp(size, 8) - size;
    chunks.push(new Uint8Array(padding), bytes);
    places.set(part, { offset: linkedit.offset + size + padding, size: bytes.length });
    size += padding + bytes.length;
  }
  const end = alignUp(size, signatureAlignment);
  chunks.push(new Uint8Array(end - size));
  return { bytes: Buffer.concat(chunks), places };
}

interface Rewrite {
  readonly segment: string;
  readonly section: string;
  readonly places: ReadonlyMap<LinkeditPart, { readonly offset: number; readonly size: number }>;
  readonly symbols: StrippedSymbols | undefined;
}

/** The load commands with an empty payload segment before __LINKEDIT, and the new places of what is in __LINKEDIT. */
export function rewriteCommands(
  macho: MachoFile,
  linkedit: MachoSegment,
  { segment, section, places, symbols }: Rewrite,
): Uint8Array {
  let linkeditSize = 0;
  for (const { offset, size } of places.values())
    linkeditSize = Math.max(linkeditSize, alignUp(offset + size - linkedit.offset, signatureAlignment));
  const output: Uint8Array[] = [];
  for (const command of macho.commands) {
    const bytes = Uint8Array.from(command.bytes);
    const data = view(bytes);
    for (const part of macho.linkeditParts.filter((one) => one.command === command)) {
      const place = places.get(part) ?? { offset: part.offset === 0 ? 0 : linkedit.offset, size: 0 };
      data.setUint32(part.offsetField, place.offset, true);
      data.setUint32(part.sizeField, place.size / part.entrySize, true);
    }
    if (command.type === commandType.dynamicSymbolTable && symbols) {
      const { definedCount, undefinedCount } = symbols;
      const fields = [0, 0, 0, definedCount, definedCount, undefinedCount];
      for (const [index, value] of fields.entries()) data.setUint32(8 + 4 * index, value, true);
    }
    if (command === linkedit.command) {
      output.push(segmentCommand(segment, section, linkedit.offset, linkedit.address));
      writeWord(data, segmentFields.fileSize, linkeditSize);
      writeWord(data, segmentFields.memorySize, linkeditSize);
    }
    output.push(bytes);
  }
  if (!hasSignature(macho)) {
    const data = new DataView(new ArrayBuffer(signatureCommandSize));
    data.setUint32(0, commandType.codeSignature, true);
    data.setUint32(4, signatureCommandSize, true);
    data.setUint32(8, linkedit.offset, true);
    output.push(new Uint8Array(data.buffer));
  }
  return Buffer.concat(output);
}

/** Whether there is a load command for a signature already. */
export function hasSignature({ linkeditParts }: MachoFile): boolean {
  return linkeditParts.some(({ kind }) => kind === "signature");
}
