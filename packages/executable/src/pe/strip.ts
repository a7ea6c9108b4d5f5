import { type ByteRange, isInside } from "../byte-source.ts";
import type { Edit, Patch } from "../edit.ts";
import { view } from "../elf/fields.ts";
import { malformed, unsupported } from "../error.ts";
import { computePeChecksum } from "./checksum.ts";
import { debugEntrySize, readDebug } from "./debug.ts";
import { editedSource } from "./edited-source.ts";
import { directoryField, directoryIndex, headerFields, numberPatch } from "./header.ts";
import type { PeFile } from "./pe-file.ts";
import { sectionsEnd } from "./section.ts";

/** An edit that removes what the running program cannot see, and what that is. */
export interface PeStrip extends Edit {
  readonly removedBytes: number;
  readonly removed: readonly PePart[];
}

/** Parts of a PE file that are in none of its sections. */
export type PePart = "signature" | "symbols" | "debug information";

const symbolSize = 18;
// Linkers may fill up to the alignment of what follows, which is then gone.
const maxPadding = 16;

/**
 * Plans the removal of everything behind the sections: Authenticode signature, COFF symbols and debug information.
 * What is inside sections stays, such as the debug directory that crash reports need. Reads the whole file once, for
 * its checksum.
 *
 * @throws ExecutableError EXECUTABLE_UNSUPPORTED when there are other bytes behind the sections: the program may
 *   read them (archives that extract themselves do).
 */
export async function planPeStrip(pe: PeFile): Promise<PeStrip> {
  const strip = await planRemoval(pe);
  const checksum = await computePeChecksum({ ...pe, source: editedSource(pe.source, strip) });
  const patch = numberPatch(pe.header.offset + headerFields.checksum, [checksum]);
  return { ...strip, patches: [...strip.patches, patch] };
}

/** The same without the checksum. */
export async function planRemoval(pe: PeFile): Promise<PeStrip> {
  const { source, header, sections, certificates } = pe;
  const keep = sectionsEnd(header, sections);
  const patches: Patch[] = [];
  const removed: PePart[] = [];
  const ranges: ByteRange[] = [];

  if (header.symbols.offset !== 0) {
    if (header.symbols.offset < keep) throw unsupported("the COFF symbols are inside a section");
    const named = sections.find(({ name }) => name.startsWith("/"));
    if (named) throw unsupported(`section ${named.name} has its name in the table of COFF symbols`);
    const offset = header.symbols.offset;
    const stringsOffset = offset + symbolSize * header.symbols.count;
    const stringsSize = view(await source.read(stringsOffset, 4)).getUint32(0, true);
    ranges.push({ offset, size: stringsOffset + Math.max(stringsSize, 4) - offset });
    removed.push("symbols");
  }
  patches.push({ offset: header.offset + headerFields.symbolsOffset, bytes: new Uint8Array(8) });

  for (const { content, entryOffset } of await readDebug(pe)) {
    if (content.offset < keep) continue;
    ranges.push(content);
    // An entry of unknown type without content.
    patches.push({ offset: entryOffset, bytes: new Uint8Array(debugEntrySize) });
    if (!removed.includes("debug information")) removed.push("debug information");
  }

  if (certificates.length > 0) {
    const { address, size } = header.directories[directoryIndex.certificates]!;
    ranges.push({ offset: address, size });
    removed.push("signature");
  }
  patches.push({
    offset: header.offset + directoryField(directoryIndex.certificates),
    bytes: new Uint8Array(8),
  });

  let end = keep;
  for (const { offset, size } of ranges.sort((a, b) => a.offset - b.offset)) {
    if (!isInside(source.size, offset, size))
      throw malformed(`symbols or debug information of ${size} bytes go past the end of the file`, offset);
    if (offset > end) await checkPadding(pe, end, offset);
    end = Math.max(end, offset + size);
  }
  if (end < source.size) await checkPadding(pe, end, source.size);
  return { keep, size: keep, patches, removedBytes: source.size - keep, removed };
}

async function checkPadding({ source }: PeFile, start: number, end: number): Promise<void> {
  if (end - start < maxPadding && (await source.read(start, end - start)).every((byte) => byte === 0)) return;
  throw unsupported(`no section accounts for ${end - start} bytes`, start);
}
