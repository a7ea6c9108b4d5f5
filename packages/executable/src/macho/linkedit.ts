import { isInside } from "../byte-source.ts";
import { malformed } from "../error.ts";
import { commandData, commandType, type MachoCommand } from "./load-command.ts";
import type { MachoSegment } from "./segment.ts";

/** A run of bytes in __LINKEDIT that a load command points to. */
export interface LinkeditPart {
  readonly kind: LinkeditKind;
  readonly command: MachoCommand;
  /** The command's 32-bit field with the part's file offset, in bytes from the command's start. */
  readonly offsetField: number;
  /** The command's 32-bit field with the part's size, or number of entries. */
  readonly sizeField: number;
  readonly entrySize: number;
  /** In the file. */
  readonly offset: number;
  readonly size: number;
}

export type LinkeditKind = "symbols" | "strings" | "indirectSymbols" | "fixups" | "signature" | "other";

type Field = readonly [kind: LinkeditKind, offsetField: number, sizeField: number, entrySize: number];

const data = (kind: LinkeditKind): readonly Field[] => [[kind, 8, 12, 1]];

/** Every field of mach-o/loader.h that points into __LINKEDIT. */
const fields: Readonly<Record<number, readonly Field[]>> = {
  [commandType.symbolTable]: [
    ["symbols", 8, 12, 16],
    ["strings", 16, 20, 1],
  ],
  [commandType.dynamicSymbolTable]: [
    ["other", 32, 36, 8],
    ["other", 40, 44, 56],
    ["other", 48, 52, 4],
    ["indirectSymbols", 56, 60, 4],
    ["other", 64, 68, 8],
    ["other", 72, 76, 8],
  ],
  [commandType.linkerInfo]: linkerInfo(),
  [commandType.linkerInfoOnly]: linkerInfo(),
  [commandType.twoLevelHints]: [["other", 8, 12, 4]],
  [commandType.codeSignature]: data("signature"),
  [commandType.chainedFixups]: data("fixups"),
  [commandType.splitInfo]: data("other"),
  [commandType.functionStarts]: data("other"),
  [commandType.dataInCode]: data("other"),
  [commandType.signedRequirements]: data("other"),
  [commandType.optimizationHints]: data("other"),
  [commandType.exportsTrie]: data("other"),
  [commandType.atomInfo]: data("other"),
  [commandType.functionVariants]: data("other"),
  [commandType.functionVariantFixups]: data("other"),
};

function linkerInfo(): readonly Field[] {
  return [8, 16, 24, 32, 40].map((at): Field => ["other", at, at + 4, 1]);
}

/**
 * What the load commands say is in __LINKEDIT, by ascending offset; parts without bytes come last. Parts may overlap: pkg, which appends
 * an app, lengthens the strings to the file's end, over a signature that it has not replaced.
 */
export function readLinkeditParts(
  commands: readonly MachoCommand[],
  linkedit: Pick<MachoSegment, "offset" | "fileSize">,
): LinkeditPart[] {
  const parts: LinkeditPart[] = [];
  for (const command of commands) {
    const commandFields = fields[command.type] ?? [];
    for (const [kind, offsetField, sizeField, entrySize] of commandFields) {
      const words = commandData(command, sizeField + 4);
      const offset = words.getUint32(offsetField, true);
      const size = words.getUint32(sizeField, true) * entrySize;
      if (size > 0 && !isInside(linkedit.fileSize, offset - linkedit.offset, size))
        throw malformed(
          `load command 0x${command.type.toString(16)} points outside __LINKEDIT`,
          command.offset + offsetField,
        );
      parts.push({ kind, command, offsetField, sizeField, entrySize, offset, size });
    }
  }
  return parts.sort((a, b) => Number(a.size === 0) - Number(b.size === 0) || a.offset - b.offset);
}

/** The first part that begins before the one in front of it has ended; undefined where all are apart. */
export function overlappingPart(parts: readonly LinkeditPart[]): LinkeditPart | undefined {
  return parts.find((part, index) => {
    const previous = parts[index - 1];
    return previous && part.size > 0 && previous.offset + previous.size > part.offset;
  });
}
