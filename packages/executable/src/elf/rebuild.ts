import type { Edit, Patch } from "../edit.ts";
import { unsupported } from "../error.ts";
import type { ElfFile } from "./elf-file.ts";
import { view, writeWord } from "./fields.ts";
import { headerFields, headerSize } from "./header.ts";
import { type ElfProgramHeader, maxTableSize, programHeaderBytes, segmentProblem } from "./program-header.ts";
import { planElfStrip } from "./strip.ts";
import { tableHeaderPatches } from "./template.ts";

/** What a program becomes. */
export interface ElfRebuild {
  /** Virtual address of its first instruction. */
  readonly entry: number;
  /** All of its program headers. */
  readonly programHeaders: readonly ElfProgramHeader[];
  /** Where its program headers are in the file. */
  readonly tableOffset: number;
  /** Of the file. Bytes that no patch writes behind those of the stripped program are zeros. */
  readonly size: number;
  readonly patches: readonly Patch[];
}

/**
 * Plans a program with other program headers, another entry and more bytes than the given one, which is stripped.
 *
 * @throws ExecutableError EXECUTABLE_UNSUPPORTED for more headers than kernels read, for segments that do not fit the file
 *   or each other, or as `planElfStrip`.
 */
export function planElfRebuild(elf: ElfFile, rebuild: ElfRebuild): Edit {
  const { entry, programHeaders, tableOffset, size, patches } = rebuild;
  const { keep, patches: strip } = planElfStrip(elf);
  const table = programHeaderBytes(programHeaders);
  if (table.length > maxTableSize) throw unsupported(`${programHeaders.length} program headers are too many`);
  if (tableOffset < headerSize || tableOffset + table.length > size || keep > size)
    throw new RangeError(`the program headers at ${tableOffset} do not fit a file of ${size} bytes`);
  const problem = segmentProblem(programHeaders, size);
  if (problem !== undefined) throw unsupported(problem);
  const start = new Uint8Array(8);
  writeWord(view(start), 0, entry);
  return {
    keep,
    size,
    patches: [
      ...strip,
      { offset: headerFields.entry, bytes: start },
      ...tableHeaderPatches(tableOffset, programHeaders.length),
      ...patches,
      { offset: tableOffset, bytes: table },
    ],
  };
}
