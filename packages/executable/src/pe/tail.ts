import { appendEdit, type Edit, type Patch } from "../edit.ts";
import { alignUp } from "../elf/fields.ts";
import { ExecutableError } from "../error.ts";
import { checksumOf, wordSum } from "./checksum.ts";
import { directoryField, directoryIndex, headerFields, numberPatch, subsystemNumber } from "./header.ts";
import { iconResources } from "./icon.ts";
import { compareIds, resourceType } from "./resource.ts";
import { type NewResource, resourceSection } from "./resource-section.ts";
import { maxImageSize, sectionHeader } from "./section.ts";
import type { PeTemplate } from "./template.ts";
import { type PeVersion, versionCodePage, versionLanguage, versionResource } from "./version.ts";

export interface PeTailOptions {
  /** An .ico file, in place of the runtime's icons. */
  readonly icon?: Uint8Array;
  /** In place of all that the runtime says of itself. */
  readonly version?: PeVersion;
  /** Whether Windows opens a console window for the program; as the runtime has it unless given. */
  readonly subsystem?: "console" | "gui";
}

/** What makes an executable of a template. */
export interface PeTail {
  /** Header fields. */
  readonly patches: readonly Patch[];
  /** The bytes that follow the template. */
  readonly tail: readonly Uint8Array[];
}

/** Initialized data, readable. */
const sectionFlags = 0x4000_0040;

/**
 * The header fields and the bytes that make an executable of a template: a resource section with the runtime's
 * resources and the payload. The payload is given in any number of parts, which come back as they are, without a copy.
 *
 * @throws ExecutableError EXECUTABLE_PAYLOAD_TOO_LARGE when the program's memory image would have 2 GiB or more,
 *   EXECUTABLE_ICON_INVALID; RangeError for version information that cannot be written.
 */
export function peTail(
  template: PeTemplate,
  payload: readonly Uint8Array[],
  { icon, version, subsystem = template.subsystem }: PeTailOptions = {},
): PeTail {
  const { address, fileAlignment, sectionAlignment } = template;
  const payloadSize = payload.reduce((sum, part) => sum + part.length, 0);
  const { parts, size } = resourceSection(
    [
      ...otherResources(template, icon, version),
      // Last, so that the small ones share their pages. Language 0 is what any user's language falls back to.
      { type: resourceType.data, name: template.resourceName, language: 0, codePage: 0, content: payload },
    ],
    address,
  );
  const imageSize = alignUp(address + size, sectionAlignment);
  if (imageSize > maxImageSize)
    throw new ExecutableError(
      "EXECUTABLE_PAYLOAD_TOO_LARGE",
      `the payload has ${payloadSize} bytes; there is room for ${maxImageSize - address} with its surroundings`,
    );
  const fileSize = alignUp(size, fileAlignment);
  const tail = [...parts, new Uint8Array(fileSize - size)];

  const section = { name: ".rsrc", address, memorySize: size, offset: template.size, size: fileSize };
  const field = (at: number, ...values: readonly number[]) => numberPatch(template.headerOffset + at, values);
  const patches = [
    field(headerFields.initializedDataSize, (template.initializedDataSize + fileSize) % 2 ** 32),
    field(headerFields.imageSize, imageSize),
    numberPatch(template.headerOffset + headerFields.subsystem, [subsystemNumber[subsystem]], 2),
    field(directoryField(directoryIndex.resources), address, size),
    { offset: template.sectionHeaderOffset, bytes: sectionHeader({ ...section, flags: sectionFlags }) },
  ];
  let sum = template.sum;
  for (const { offset, bytes } of [...patches, ...appendEdit(template.size, tail).patches])
    sum += wordSum(bytes, offset);
  return {
    patches: [...patches, field(headerFields.checksum, checksumOf(sum, template.size + fileSize))],
    tail,
  };
}

/** The edit that makes an executable of a template's file. */
export function peEdit(template: PeTemplate, { patches, tail }: PeTail): Edit {
  const edit = appendEdit(template.size, tail);
  return { ...edit, patches: [...patches, ...edit.patches] };
}

function otherResources(
  { resources }: PeTemplate,
  icon: Uint8Array | undefined,
  version: PeVersion | undefined,
): readonly NewResource[] {
  const replaced: number[] = [];
  const added: NewResource[] = [];
  if (icon) {
    replaced.push(resourceType.icon, resourceType.iconGroup);
    // Under the name of the runtime's first one, since that is what Windows shows.
    const names = resources.filter(({ type }) => type === resourceType.iconGroup).map(({ name }) => name);
    added.push(...iconResources(icon, names.sort(compareIds)[0] ?? 1));
  }
  if (version) {
    replaced.push(resourceType.version);
    added.push({
      type: resourceType.version,
      name: 1,
      language: versionLanguage,
      codePage: versionCodePage,
      content: [versionResource(version)],
    });
  }
  const kept = resources
    .filter(({ type }) => typeof type === "string" || !replaced.includes(type))
    .map((resource) => ({ ...resource, content: [Buffer.from(resource.content, "base64")] }));
  return [...kept, ...added];
}
