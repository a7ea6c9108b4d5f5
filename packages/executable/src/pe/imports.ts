/** The libraries that Windows loads with a file, and those that it loads when a function of theirs is called first. */

import type { ByteRange, ByteSource } from "../byte-source.ts";
import { terminatedText, view } from "../elf/fields.ts";
import { malformed, unsupported } from "../error.ts";
import { directoryIndex } from "./header.ts";
import type { PeFile } from "./pe-file.ts";
import { mappedRange } from "./section.ts";

/** A table of libraries, of which this reads the names. */
interface ImportTable {
  readonly directory: number;
  /** Of an entry, in bytes. The last entry is zeros. */
  readonly entrySize: number;
  /** Where an entry has the relative address of the name. */
  readonly nameField: number;
}

/** "PE Format", "Import Directory Table" and "Delay-Load Directory Table". */
const tables: readonly ImportTable[] = [
  { directory: directoryIndex.imports, entrySize: 20, nameField: 12 },
  { directory: directoryIndex.delayedImports, entrySize: 32, nameField: 4 },
];

// Node imports from some twenty, browsers from some forty.
const maxLibraries = 256;
// The longest names are those of API sets, with some fifty letters.
const maxNameLength = 128;

/**
 * The names of the libraries, as the file has them, in its order.
 *
 * @throws ExecutableError EXECUTABLE_MALFORMED or EXECUTABLE_UNSUPPORTED.
 */
export async function readImports({ source, header, sections }: PeFile): Promise<readonly string[]> {
  const names: string[] = [];
  for (const { directory, entrySize, nameField } of tables) {
    const { address, size } = header.directories[directory]!;
    if (address === 0 || size === 0) continue;
    const table = mappedRange(sections, address);
    // The directory's size is that of the table for some linkers, and of all that belongs to it for others.
    const bytes = await source.read(table.offset, Math.min(table.size, entrySize * (maxLibraries + 1)));
    const entries = view(bytes);
    for (let at = 0; ; at += entrySize) {
      if (at + entrySize > bytes.length)
        throw table.size > bytes.length
          ? unsupported(`the file imports from more than ${maxLibraries} libraries`, table.offset)
          : malformed("the table of imported libraries does not end", table.offset);
      const name = entries.getUint32(at + nameField, true);
      if (name === 0) break;
      names.push(await readName(source, mappedRange(sections, name)));
    }
  }
  return names;
}

async function readName(source: ByteSource, { offset, size }: ByteRange): Promise<string> {
  const name = terminatedText(await source.read(offset, Math.min(size, maxNameLength)));
  if (!name) throw malformed("an imported library has no name", offset);
  return name;
}
