/** What a runtime's layout must be like, so that a payload can go before its __LINKEDIT. */

import { ExecutableError, malformed, unsupported } from "../error.ts";
import { headerSize } from "./header.ts";
import { overlappingPart } from "./linkedit.ts";
import { commandData, commandType, type MachoCommand, singleCommand } from "./load-command.ts";
import { linkeditSegment, type MachoFile } from "./macho-file.ts";
import { type MachoSegment, sectionSize, segmentCommandSize } from "./segment.ts";

// Commands without file offsets, or with offsets to what stays where it is.
const movableCommands: readonly number[] = [
  commandType.segment,
  commandType.loadLibrary,
  commandType.loadWeakLibrary,
  commandType.reexportLibrary,
  commandType.lazyLibrary,
  commandType.upwardLibrary,
  commandType.loadLinker,
  commandType.linkerEnvironment,
  commandType.linkerOption,
  commandType.uuid,
  commandType.runPath,
  commandType.minimumMacos,
  commandType.buildVersion,
  commandType.sourceVersion,
  commandType.main,
  commandType.thread,
  commandType.targetTriple,
];

const singleTypes: readonly (readonly number[])[] = [
  [commandType.symbolTable],
  [commandType.dynamicSymbolTable],
  [commandType.chainedFixups, commandType.linkerInfo, commandType.linkerInfoOnly],
  [commandType.codeSignature],
];
/** Refuses what a tail cannot be added to; gives the __LINKEDIT segment, which is the last. */
export function checkLayout(macho: MachoFile, name: string): MachoSegment {
  const { header, commands, segments, linkeditParts, source } = macho;
  if (header.type !== "executable") throw unsupported("only executables can be templates", 12);
  const existing = segments.find((segment) => segment.name === name);
  if (existing)
    throw new ExecutableError(
      "EXECUTABLE_PAYLOAD_EXISTS",
      `the file already holds a segment ${name}`,
      existing.command.offset,
    );
  const linkedit = linkeditSegment(macho);
  if (!linkedit) throw unsupported("the file has no segment __LINKEDIT");
  const last = segments.every(
    (segment) =>
      segment === linkedit ||
      (segment.command.offset < linkedit.command.offset &&
        segment.offset + segment.fileSize <= linkedit.offset &&
        segment.address + segment.memorySize <= linkedit.address),
  );
  if (!last || linkedit.sections.length > 0)
    throw unsupported("__LINKEDIT is not the last segment", linkedit.command.offset);
  if (linkedit.offset + linkedit.fileSize !== source.size)
    throw unsupported("the file has bytes after __LINKEDIT", linkedit.offset + linkedit.fileSize);
  for (const types of singleTypes) singleCommand(commands, ...types);
  const pointing = new Set(linkeditParts.map(({ command }) => command));
  for (const command of commands) checkCommand(command, pointing.has(command));
  const overlapping = overlappingPart(linkeditParts);
  if (overlapping)
    throw malformed(
      "two load commands point to the same bytes",
      overlapping.command.offset + overlapping.offsetField,
    );
  const signature = linkeditParts.find(({ kind }) => kind === "signature");
  if (signature && linkeditParts.some((part) => part.size > 0 && part.offset > signature.offset))
    throw unsupported("the code signature is not the last of __LINKEDIT", signature.offset);
  return linkedit;
}

function checkCommand(command: MachoCommand, isPointing: boolean): void {
  if (isPointing || movableCommands.includes(command.type)) return;
  if (command.type === commandType.encryption && commandData(command, 24).getUint32(16, true) === 0) return;
  throw unsupported(
    `load command 0x${command.type.toString(16)} is not known to survive a move of __LINKEDIT`,
    command.offset,
  );
}

/** The load commands may grow up to the first section's bytes, over nothing but zeros. */
export async function checkRoom({ source, header, segments }: MachoFile, commandsEnd: number): Promise<void> {
  const oldEnd = headerSize + header.commandsSize;
  const starts = segments.flatMap((segment) => [
    ...(segment.offset > 0 && segment.fileSize > 0 ? [segment.offset] : []),
    ...segment.sections.filter(({ offset, size }) => offset > 0 && size > 0).map(({ offset }) => offset),
  ]);
  const room = Math.min(...starts) - oldEnd;
  const needed = commandsEnd - oldEnd;
  const text = segments.find(({ offset, fileSize }) => offset === 0 && fileSize >= commandsEnd);
  if (!text || room < needed)
    throw unsupported(
      `there is room for ${Math.max(0, room)} bytes of load commands, not for the ${needed} of the payload's segment ` +
        `(${segmentCommandSize + sectionSize}); link the runtime with -headerpad`,
      oldEnd,
    );
  const slack = await source.read(oldEnd, needed);
  if (slack.some((byte) => byte !== 0))
    throw unsupported("the room for another load command is in use", oldEnd);
}
