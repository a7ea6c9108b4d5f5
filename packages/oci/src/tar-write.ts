import type { Content } from "./content.ts";
import { type KeyedContent, type PlannedEntry, planEntries, type TarEntry } from "./tar-entry.ts";
import { encodeHeader, endOfArchive, padding } from "./tar-header.ts";

/** The contents that, one after the other, are the archive: headers, files' parts, padding. Keyed parts stay apart. */
export function* tarParts(
  entries: readonly TarEntry[],
  modified: number,
): Generator<Uint8Array | Content | KeyedContent> {
  if (!Number.isSafeInteger(modified) || modified < 0)
    throw new RangeError(`no seconds since 1970: ${modified}`);
  for (const entry of planEntries(entries)) yield* entryParts(entry, modified);
  yield endOfArchive;
}

function* entryParts(entry: PlannedEntry, modified: number): Generator<Uint8Array | Content> {
  yield encodeHeader(entry, modified);
  yield* entry.parts;
  const fill = padding(entry.size);
  if (fill.length > 0) yield fill;
}

/** A whole archive as chunks. */
export async function* writeTar(
  entries: readonly TarEntry[],
  { modified = 0 }: { readonly modified?: number } = {},
): AsyncGenerator<Uint8Array> {
  for (const part of tarParts(entries, modified)) {
    if (part instanceof Uint8Array) yield part;
    else yield* part.read();
  }
}
