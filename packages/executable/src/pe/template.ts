/**
 * A template is a runtime without its resource section, to which a new one can be appended for each app:
 *
 *     runtime     | headers | .text … .tls | .rsrc  | .reloc | signature |
 *     template    | headers | .text … .tls | .reloc |                                   file offset T
 *     executable  | headers | .text … .tls | .reloc | .rsrc: old resources, payload | signature |
 *                 '------------- template ----------'---------------- tail -------------------'
 *
 * Linkers put .reloc behind .rsrc. It may move: only its data directory says where it is. What it moves to is the
 * place of .rsrc, since the loader wants sections without gaps. Where other sections follow, the old .rsrc stays as
 * dead bytes, and the new one gets a section header of its own.
 *
 * What depends on the app are the tail and the header fields that `peTail` patches. In the template these are 0, so
 * that the checksum is a sum over the template, which is kept, and over what is new.
 */

import type { Edit, Patch } from "../edit.ts";
import { ExecutableError, unsupported } from "../error.ts";
import { rangeSum } from "./checksum.ts";
import { editedSource } from "./edited-source.ts";
import { subsystemNumber } from "./header.ts";
import { planLayout } from "./layout.ts";
import type { PeFile } from "./pe-file.ts";
import { type PeResourceKey, resourceType } from "./resource.ts";
import { maxImageSize, sectionHeaderSize } from "./section.ts";
import { planRemoval } from "./strip.ts";

/** What `peTail` must know of a template. Plain JSON: keep it beside the template, read it back with `parsePeTemplate`. */
export interface PeTemplate {
  readonly format: "pe";
  /** Of the template in bytes: the tail's offset in the executable. */
  readonly size: number;
  /** The tail's relative address. */
  readonly address: number;
  /** The name of the resource that holds the payload. */
  readonly resourceName: string;
  /** Of the template's 16-bit words, modulo 0xffff. */
  readonly sum: number;
  /** Where the signature "PE\0\0" is. */
  readonly headerOffset: number;
  /** Where the tail's section header is. */
  readonly sectionHeaderOffset: number;
  readonly sectionAlignment: number;
  readonly fileAlignment: number;
  /** SizeOfInitializedData, of the template's sections. */
  readonly initializedDataSize: number;
  /** Of the runtime. */
  readonly subsystem: "console" | "gui";
  /** Those of the runtime. */
  readonly resources: readonly PeTemplateResource[];
}

export interface PeTemplateResource extends PeResourceKey {
  readonly codePage: number;
  /** Its content in Base64. */
  readonly content: string;
}

export interface PeTemplateOptions {
  /** 1 to 64 letters of A to Z, 0 to 9 and _; the runtime looks for its payload under this name, among RT_RCDATA. */
  readonly resourceName: string;
  /** Changes to the runtime's own bytes, such as a fuse to flip. */
  readonly patches?: readonly Patch[];
}

// Node's have 140 KB.
const maxResourceBytes = 8 * 1024 * 1024;

/**
 * Plans the template of a runtime: without signature, symbols and resource section. The template alone is no valid PE
 * file, since some header fields come with the tail. Reads the whole file once, for the checksum.
 *
 * @throws ExecutableError EXECUTABLE_UNSUPPORTED for libraries and layouts that a tail does not fit;
 *   EXECUTABLE_PAYLOAD_EXISTS.
 */
export async function planPeTemplate(
  pe: PeFile,
  { resourceName, patches = [] }: PeTemplateOptions,
): Promise<{ readonly edit: Edit; readonly template: PeTemplate }> {
  if (!isResourceName(resourceName))
    throw new RangeError(`not a name for a resource: ${JSON.stringify(resourceName)}`);
  const { source, header } = pe;
  if (header.type !== "executable" || header.subsystem === "other")
    throw unsupported("only programs with or without a console can be templates", header.offset);
  const existing = pe.resources.find(
    ({ type, name }) => type === resourceType.data && String(name).toUpperCase() === resourceName,
  );
  if (existing)
    throw new ExecutableError(
      "EXECUTABLE_PAYLOAD_EXISTS",
      `the file already holds a payload ${resourceName}`,
      existing.content.offset,
    );
  const removal = await planRemoval(pe);
  const layout = await planLayout(pe, removal.keep);
  for (const { offset, bytes } of patches) {
    if (offset < header.headersSize || offset + bytes.length > layout.keep)
      throw new RangeError(`${bytes.length} bytes at ${offset} are not part of the template`);
  }
  const { keep, size, address, sectionHeaderOffset, initializedDataSize } = layout;
  if (address >= maxImageSize) throw unsupported("there is no room above the last section");
  const edit: Edit = { keep, size, patches: [...removal.patches, ...layout.patches, ...patches] };
  const template: PeTemplate = {
    format: "pe",
    size,
    address,
    resourceName,
    sum: await rangeSum(editedSource(source, edit), { offset: 0, size }),
    headerOffset: header.offset,
    sectionHeaderOffset,
    sectionAlignment: header.sectionAlignment,
    fileAlignment: header.fileAlignment,
    initializedDataSize,
    subsystem: header.subsystem,
    resources: await keptResources(pe),
  };
  return { edit, template };
}

export function isResourceName(name: string): boolean {
  return /^[A-Z0-9_]{1,64}$/.test(name);
}

async function keptResources({ source, resources }: PeFile): Promise<readonly PeTemplateResource[]> {
  const total = resources.reduce((sum, { content }) => sum + content.size, 0);
  if (total > maxResourceBytes) throw unsupported(`the file has ${total} bytes of resources`);
  const kept: PeTemplateResource[] = [];
  for (const { content, type, name, language, codePage } of resources) {
    const bytes = await source.read(content.offset, content.size);
    kept.push({ type, name, language, codePage, content: Buffer.from(bytes).toString("base64") });
  }
  return kept;
}

/** Why a template's numbers cannot be; undefined if they can. */
export function templateProblem(template: PeTemplate): string | undefined {
  const { size, address, sum, headerOffset, sectionHeaderOffset, sectionAlignment, fileAlignment } = template;
  if (!Object.hasOwn(subsystemNumber, template.subsystem)) return "the subsystem is missing";
  if (!isResourceName(template.resourceName)) return "the name of the resource is missing";
  if (![512, 1024, 2048, 4096, 8192, 16384, 32768, 65536].includes(fileAlignment))
    return "the alignment is wrong";
  if (sectionAlignment % fileAlignment !== 0 || sectionAlignment < 4096) return "the alignment is wrong";
  if (size === 0 || size % fileAlignment !== 0) return "the size does not fit the alignment";
  if (address === 0 || address % sectionAlignment !== 0 || address >= maxImageSize)
    return "the address is wrong";
  if (headerOffset % 4 !== 0 || sectionHeaderOffset % 4 !== 0) return "the header is misplaced";
  if (sectionHeaderOffset < headerOffset || sectionHeaderOffset + sectionHeaderSize > size)
    return "the header is misplaced";
  if (sum >= 0xffff) return "the sum is wrong";
  return undefined;
}
