/**
 * A template is a runtime's file up to its __LINKEDIT segment. What follows depends on the payload, in place or in
 * content, and is small:
 *
 *     0                               T                                                        file offset
 *     | header | __TEXT … | __DATA …  | payload | the runtime's __LINKEDIT | code signature |
 *     '----------- template ----------'---------------------- tail ---------'----------------'
 *                                      own segment    '------- __LINKEDIT ------------------'
 *
 * The payload's segment comes before __LINKEDIT, in the file and in memory, because dyld and the signing tools want
 * __LINKEDIT last. The load commands say where all of it is, so the executable differs from the template in the
 * header, too. Everything else of the template is the same for every app, hence the hashes of its pages are: they
 * are computed once, and signing an executable costs its payload.
 */

import { isInside } from "../byte-source.ts";
import type { Edit, Patch } from "../edit.ts";
import { alignUp, view } from "../elf/fields.ts";
import { unsupported } from "../error.ts";
import { editedSource } from "../pe/edited-source.ts";
import { readBlob, readMachoSignature, slots } from "./code-signature.ts";
import { sdkVersion } from "./describe.ts";
import { headerFields, headerSize, type MachoArchitecture, segmentAlignment } from "./header.ts";
import { checkLayout, checkRoom } from "./layout.ts";
import { overlappingPart } from "./linkedit.ts";
import { type MachoFile, readOutline } from "./macho-file.ts";
import { hashPages, pageSize, sha256 } from "./page-hash.ts";
import { collectLinkedit, hasSignature, rewriteCommands } from "./rebuild.ts";
import { isMachoName } from "./segment.ts";
import { stripLocalSymbols } from "./symbols.ts";

/** What `machoTail` must know of a template. Plain JSON: keep it beside the template, read it back with `parseMachoTemplate`. */
export interface MachoTemplate {
  readonly format: "macho";
  readonly architecture: MachoArchitecture;
  /** Of the template in bytes: the payload's offset in the executable. */
  readonly size: number;
  /** The names of the payload's segment and section. */
  readonly segment: string;
  readonly section: string;
  /** The first pages of the file, base64: the header with the payload's segment, still empty, and what follows it. */
  readonly header: string;
  /** Of what `machoTail` is given as `linkedit`, in bytes. */
  readonly linkeditSize: number;
  /** The SDK's version, 0xf0500 for 15.5: what the hardened runtime goes by. */
  readonly sdk: number;
  /** The entitlements that the runtime was signed with: two blobs in base64. */
  readonly entitlements: { readonly xml: string; readonly der: string } | null;
  /** SHA-256, in hex, of an Info.plist inside the runtime. */
  readonly infoPlistHash: string | null;
}

export interface MachoTemplateOptions {
  /** 1 to 16 printable ASCII characters: where the runtime looks for its payload. */
  readonly segment: string;
  readonly section: string;
  /** Changes to the runtime's own bytes, such as a fuse to flip. */
  readonly patches?: readonly Patch[];
  /** Whether to leave out local symbols, which only debuggers and crash reports read. True unless given. */
  readonly strip?: boolean;
}

/** A template with the two constants that its executables need besides. */
export interface MachoTemplatePlan {
  /** Makes the template's file of the runtime's. */
  readonly edit: Edit;
  readonly template: MachoTemplate;
  /** The runtime's __LINKEDIT without its signature: some MB. Keep it beside the template. */
  readonly linkedit: Uint8Array;
  /** SHA-256 of each page of the template, 1/128 of its size. Keep it beside the template. */
  readonly pageHashes: Uint8Array;
  /** How much smaller local symbols and the old signature made __LINKEDIT, in bytes. */
  readonly removedBytes: number;
}

/**
 * Plans the template of a runtime. Reads all of it once, a megabyte at a time, besides its symbols.
 *
 * @throws ExecutableError EXECUTABLE_UNSUPPORTED for layouts that a tail does not fit (no room for a load command,
 *   __LINKEDIT not last, load commands of unknown meaning, …); EXECUTABLE_PAYLOAD_EXISTS; EXECUTABLE_MALFORMED.
 */
export async function planMachoTemplate(
  macho: MachoFile,
  { segment, section, patches = [], strip = true }: MachoTemplateOptions,
): Promise<MachoTemplatePlan> {
  for (const name of [segment, section])
    if (!isMachoName(name))
      throw new RangeError(`not a name for a segment or section: ${JSON.stringify(name)}`);
  const { source, header, commands } = macho;
  const linkedit = checkLayout(macho, segment);
  const size = linkedit.offset;
  const symbols = strip ? await stripLocalSymbols(source, commands, macho.linkeditParts) : undefined;
  const { bytes, places } = await collectLinkedit(macho, linkedit, symbols);

  const newCommands = rewriteCommands(macho, linkedit, { segment, section, places, symbols });
  const commandsEnd = headerSize + newCommands.length;
  const headerEnd = alignUp(commandsEnd, pageSize);
  await checkRoom(macho, commandsEnd);
  for (const patch of patches) {
    if (patch.offset < commandsEnd || !isInside(size, patch.offset, patch.bytes.length))
      throw new RangeError(`${patch.bytes.length} bytes at ${patch.offset} are not part of the template`);
  }
  const patchedSource = editedSource(source, { keep: size, size, patches });
  const headerBytes = Uint8Array.from(await patchedSource.read(0, headerEnd));
  headerBytes.set(newCommands, headerSize);
  const commandCount = commands.length + (hasSignature(macho) ? 1 : 2);
  view(headerBytes).setUint32(headerFields.commandCount, commandCount, true);
  view(headerBytes).setUint32(headerFields.commandsSize, newCommands.length, true);

  const edit: Edit = {
    keep: size,
    size,
    patches: [...patches, { offset: 0, bytes: headerBytes.subarray(0, commandsEnd) }],
  };
  const template: MachoTemplate = {
    format: "macho",
    architecture: header.architecture,
    size,
    segment,
    section,
    header: Buffer.from(headerBytes).toString("base64"),
    linkeditSize: bytes.length,
    sdk: sdkVersion(commands),
    entitlements: await readEntitlements(macho),
    infoPlistHash: await readInfoPlistHash(macho),
  };
  const problem = templateProblem(template);
  if (problem !== undefined) throw unsupported(problem);
  return {
    edit,
    template,
    linkedit: bytes,
    pageHashes: await hashPages(editedSource(source, edit), size),
    removedBytes: linkedit.fileSize - bytes.length,
  };
}

/** The header of a template, checked: its bytes and their outline, which shares them. */
export function templateOutline(template: MachoTemplate) {
  const bytes = Uint8Array.from(Buffer.from(template.header, "base64"));
  const outline = readOutline(bytes, template.size + template.linkeditSize);
  return { bytes, ...outline };
}

/** Why a template cannot be right; undefined if it can. */
export function templateProblem(template: MachoTemplate): string | undefined {
  const { bytes, header, segments, linkeditParts } = templateOutline(template);
  const [payload, linkedit] = segments.slice(-2);
  if (header.architecture !== template.architecture) return "its architecture is not that of its header";
  if (header.type !== "executable") return "it is no executable";
  if (bytes.length % pageSize !== 0 || bytes.length > template.size) return "its header is no whole pages";
  if (template.size % segmentAlignment(template.architecture) !== 0) return "its size is no whole pages";
  if (payload?.name !== template.segment || payload.offset !== template.size || payload.fileSize !== 0)
    return "its payload segment is not in place";
  if (payload.sections.length !== 1 || payload.sections[0]!.name !== template.section)
    return "its payload section is not in place";
  if (linkedit?.name !== "__LINKEDIT" || linkedit.offset !== template.size)
    return "its __LINKEDIT is not in place";
  if (linkedit.fileSize !== template.linkeditSize) return "its __LINKEDIT has another size";
  if (linkedit.address % segmentAlignment(template.architecture) !== 0)
    return "the address of __LINKEDIT is no whole pages";
  if (payload.address !== linkedit.address) return "its payload segment is not in place";
  if (segments.slice(0, -2).some((one) => one.address + one.memorySize > linkedit.address))
    return "__LINKEDIT is not last in memory";
  if (linkeditParts.filter(({ kind }) => kind === "signature").length !== 1)
    return "it has no place for a signature";
  if (overlappingPart(linkeditParts)) return "two parts of its __LINKEDIT are in one place";
  return undefined;
}

async function readEntitlements(macho: MachoFile): Promise<MachoTemplate["entitlements"]> {
  const signature = await readMachoSignature(macho);
  if (!signature) return null;
  const xml = await readBlob(macho, signature.blobs, slots.entitlements);
  const der = await readBlob(macho, signature.blobs, slots.entitlementsDer);
  if (!xml || !der) return null;
  return { xml: Buffer.from(xml).toString("base64"), der: Buffer.from(der).toString("base64") };
}

async function readInfoPlistHash({ source, segments }: MachoFile): Promise<string | null> {
  const text = segments.find(({ name }) => name === "__TEXT");
  const plist = text?.sections.find(({ name, offset }) => name === "__info_plist" && offset > 0);
  if (!plist) return null;
  if (plist.size > 1024 * 1024) throw unsupported(`an Info.plist of ${plist.size} bytes`, plist.offset);
  return Buffer.from(sha256(await source.read(plist.offset, plist.size))).toString("hex");
}
