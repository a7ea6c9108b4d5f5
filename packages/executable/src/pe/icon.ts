/** Icons: .ico files and the resources of types RT_ICON and RT_GROUP_ICON that they become. */

import { isInside } from "../byte-source.ts";
import { view } from "../elf/fields.ts";
import { ExecutableError, malformed } from "../error.ts";
import type { PeFile } from "./pe-file.ts";
import { type PeResourceId, resourceType } from "./resource.ts";
import type { NewResource } from "./resource-section.ts";

const headerSize = 6;
const fileEntrySize = 16;
const groupEntrySize = 14;
// Designers' tools write up to a dozen sizes.
const maxImages = 64;
const maxFileSize = 16 * 1024 * 1024;
const bitmapHeaderSize = 40;
const pngSignature = Buffer.from("\x89PNG\r\n\x1a\n", "latin1");

/**
 * The resources for the images of an .ico file: each image, and the group `name` that lists them.
 *
 * @throws ExecutableError EXECUTABLE_ICON_INVALID.
 */
export function iconResources(file: Uint8Array, name: PeResourceId): readonly NewResource[] {
  if (file.length < headerSize) throw invalid("it is cut short");
  const data = view(file);
  if (data.getUint16(0, true) !== 0 || data.getUint16(2, true) !== 1)
    throw invalid("it is not in the format .ico");
  const count = data.getUint16(4, true);
  if (count === 0 || count > maxImages) throw invalid(`it has ${count} images`);
  if (file.length < headerSize + count * fileEntrySize) throw invalid("it is cut short");

  const group = new Uint8Array(headerSize + count * groupEntrySize);
  group.set(file.subarray(0, headerSize));
  const images = Array.from({ length: count }, (_, index) => {
    const entry = headerSize + index * fileEntrySize;
    const size = data.getUint32(entry + 8, true);
    const offset = data.getUint32(entry + 12, true);
    if (!isInside(file.length, offset, size)) throw invalid(`image ${index + 1} is outside the file`);
    const image = file.subarray(offset, offset + size);
    if (!isImage(image)) throw invalid(`image ${index + 1} is neither a bitmap nor a PNG`);
    // The entry of a group is that of a file with a resource's number instead of an offset.
    const groupEntry = headerSize + index * groupEntrySize;
    group.set(file.subarray(entry, entry + groupEntrySize - 2), groupEntry);
    view(group).setUint16(groupEntry + groupEntrySize - 2, index + 1, true);
    return { type: resourceType.icon, name: index + 1, ...shared, content: [image] };
  });
  return [...images, { type: resourceType.iconGroup, name, ...shared, content: [group] }];
}

/**
 * The icon that Windows shows for a file, as an .ico file of which `iconResources` makes the same resources again;
 * undefined for a file without. Its images may have 16 MiB.
 *
 * @throws ExecutableError EXECUTABLE_MALFORMED, EXECUTABLE_ICON_INVALID.
 */
export async function readPeIcon({ source, resources }: PeFile): Promise<Uint8Array | undefined> {
  const group = resources.find(({ type }) => type === resourceType.iconGroup);
  if (!group) return undefined;
  const { offset: start, size } = group.content;
  const list = await source.read(start, Math.min(size, headerSize + maxImages * groupEntrySize));
  const count = list.length < headerSize ? 0 : view(list).getUint16(4, true);
  if (count === 0 || list.length < headerSize + count * groupEntrySize)
    throw malformed("the icon's list of images is cut short", start);

  const head = Buffer.alloc(headerSize + count * fileEntrySize);
  head.set(list.subarray(0, headerSize));
  const parts: Uint8Array[] = [head];
  let end = head.length;
  for (let index = 0; index < count; index++) {
    const entry = list.subarray(headerSize + index * groupEntrySize);
    const number = view(entry).getUint16(groupEntrySize - 2, true);
    const image = resources.find(({ type, name }) => type === resourceType.icon && name === number);
    if (!image) throw malformed(`the icon's image ${number} is missing`, start);
    const { offset, size } = image.content;
    if (size > maxFileSize - end) throw malformed(`the icon has more than ${maxFileSize} bytes`, offset);
    const at = headerSize + index * fileEntrySize;
    head.set(entry.subarray(0, 8), at);
    head.writeUInt32LE(size, at + 8);
    head.writeUInt32LE(end, at + 12);
    parts.push(await source.read(offset, size));
    end += size;
  }
  const file = Buffer.concat(parts);
  iconResources(file, 1);
  return file;
}

const shared = { language: 0x0409, codePage: 0 } as const;

function isImage(bytes: Uint8Array): boolean {
  return (
    Buffer.compare(bytes.subarray(0, pngSignature.length), pngSignature) === 0 ||
    (bytes.length > bitmapHeaderSize && view(bytes).getUint32(0, true) === bitmapHeaderSize)
  );
}

function invalid(reason: string): ExecutableError {
  return new ExecutableError("EXECUTABLE_ICON_INVALID", `this is no icon: ${reason}`);
}
