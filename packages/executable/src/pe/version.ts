/** Version information, the resource of type RT_VERSION (Microsoft's "VS_VERSIONINFO structure" and those it holds). */

import { alignUp, view } from "../elf/fields.ts";
import { malformed } from "../error.ts";

/** What Windows shows as the details of a file. */
export interface PeVersion {
  /** Such as "1.2.3" or "1.2.3-beta.4": its leading numbers, up to four below 65,536, are what installers compare. */
  readonly fileVersion?: string;
  /** The file's version unless given. */
  readonly productVersion?: string;
  readonly companyName?: string;
  /** What the task manager and the firewall call the program. */
  readonly fileDescription?: string;
  readonly productName?: string;
  readonly originalFilename?: string;
  readonly internalName?: string;
  readonly legalCopyright?: string;
  readonly comments?: string;
}

/** Version information that a file has. */
export interface PeVersionInformation {
  /** Four numbers with dots between them. */
  readonly fileVersion: string;
  readonly productVersion: string;
  /** As they are in the first of its string tables: CompanyName, FileDescription, … */
  readonly strings: Readonly<Record<string, string>>;
}

/** English (United States) and UTF-16. */
export const versionLanguage = 0x0409;
export const versionCodePage = 1200;

const names: readonly (readonly [keyof PeVersion, name: string])[] = [
  ["companyName", "CompanyName"],
  ["fileDescription", "FileDescription"],
  ["fileVersion", "FileVersion"],
  ["internalName", "InternalName"],
  ["legalCopyright", "LegalCopyright"],
  ["originalFilename", "OriginalFilename"],
  ["productName", "ProductName"],
  ["productVersion", "ProductVersion"],
  ["comments", "Comments"],
];

const fixedSignature = 0xfeef04bd;
const fixedSize = 52;
const maxSize = 0xffff;
export const maxVersionSize = 64 * 1024;

/**
 * The content of a version resource.
 *
 * @throws RangeError for numbers above 65,535, for texts with NUL, and for more than 64 KiB.
 */
export function versionResource(version: PeVersion): Uint8Array {
  const texts = { ...version, productVersion: version.productVersion ?? version.fileVersion };
  const strings = names.flatMap(([field, name]) => {
    const text = texts[field];
    return text === undefined ? [] : [node(name, text)];
  });
  const table = `${hex4(versionLanguage)}${hex4(versionCodePage)}`;
  const translation = Buffer.alloc(4);
  translation.writeUInt16LE(versionLanguage, 0);
  translation.writeUInt16LE(versionCodePage, 2);
  return node("VS_VERSION_INFO", fixedInformation(texts), [
    node("StringFileInfo", "", [node(table, "", strings)]),
    node("VarFileInfo", "", [node("Translation", translation)]),
  ]);
}

/**
 * Reads the content of a version resource.
 *
 * @throws ExecutableError EXECUTABLE_MALFORMED.
 */
export function parseVersion(bytes: Uint8Array): PeVersionInformation {
  const root = readNode(bytes, 0, bytes.length);
  const fixed = view(bytes.subarray(root.value, root.value + root.valueSize));
  if (
    root.key !== "VS_VERSION_INFO" ||
    fixed.byteLength < fixedSize ||
    fixed.getUint32(0, true) !== fixedSignature
  )
    throw malformed("the version information has no numbers");
  const numbers = (at: number) =>
    [at + 2, at, at + 6, at + 4].map((field) => fixed.getUint16(field, true)).join(".");
  const table = children(bytes, root)
    .filter(({ key }) => key === "StringFileInfo")
    .flatMap((node) => children(bytes, node))[0];
  const strings = table
    ? children(bytes, table).map(({ key, value, end }) => [key, text(bytes, value, end)])
    : [];
  return { fileVersion: numbers(8), productVersion: numbers(16), strings: Object.fromEntries(strings) };
}

/** A structure of length, value length, kind, key, value and children; a text ends with NUL and counts in letters. */
function node(key: string, value: string | Uint8Array, children: readonly Uint8Array[] = []): Uint8Array {
  const content = typeof value === "string" ? utf16(value) : value;
  const empty = value.length === 0;
  const header = Buffer.alloc(6);
  const parts = [header, ...padded(6, utf16(key)), ...(empty ? [] : [content])];
  let size = parts.reduce((sum, part) => sum + part.length, 0);
  for (const child of children) {
    const padding = new Uint8Array(alignUp(size, 4) - size);
    parts.push(padding, child);
    size += padding.length + child.length;
  }
  if (size > maxSize)
    throw new RangeError(`version information of ${size} bytes; at most ${maxSize} are possible`);
  header.writeUInt16LE(size, 0);
  header.writeUInt16LE(empty ? 0 : typeof value === "string" ? content.length / 2 : content.length, 2);
  header.writeUInt16LE(typeof value === "string" ? 1 : 0, 4);
  return Buffer.concat(parts);
}

function fixedInformation({ fileVersion, productVersion }: PeVersion): Uint8Array {
  const bytes = new Uint8Array(fixedSize);
  const data = view(bytes);
  data.setUint32(0, fixedSignature, true);
  data.setUint32(4, 0x10000, true);
  for (const [start, version] of [
    [8, fileVersion],
    [16, productVersion],
  ] as const) {
    const [major, minor, build, revision] = versionNumbers(version);
    for (const [index, part] of [minor, major, revision, build].entries())
      data.setUint16(start + 2 * index, part!, true);
  }
  // All flags are valid (none is set), for Windows NT, an application.
  for (const [at, value] of [
    [24, 0x3f],
    [32, 0x40004],
    [36, 1],
  ] as const)
    data.setUint32(at, value, true);
  return bytes;
}

function versionNumbers(version = "0"): readonly number[] {
  const digits = /^\d+(\.\d+){0,3}/.exec(version)?.[0];
  const numbers = digits?.split(".").map(Number) ?? [];
  if (numbers.length === 0 || numbers.some((part) => part > 0xffff))
    throw new RangeError(`no version for Windows, which has up to four numbers below 65536: ${version}`);
  return [...numbers, 0, 0, 0].slice(0, 4);
}

interface Node {
  readonly key: string;
  readonly value: number;
  readonly valueSize: number;
  readonly isText: boolean;
  readonly end: number;
}

function readNode(bytes: Uint8Array, start: number, limit: number): Node {
  if (limit - start < 6) throw malformed("the version information is cut short");
  const data = view(bytes);
  const size = data.getUint16(start, true);
  if (size < 6 || size > limit - start) throw malformed("the version information contradicts itself");
  const end = start + size;
  const isText = data.getUint16(start + 4, true) === 1;
  const key = text(bytes, start + 6, end);
  const value = Math.min(end, start + alignUp(6 + 2 * key.length + 2, 4));
  // Compilers disagree on whether texts count in letters or bytes.
  const valueSize = Math.min(end - value, data.getUint16(start + 2, true) * (isText ? 2 : 1));
  return { key, value, valueSize, isText, end };
}

/** Each takes at least six bytes of its parent, so that there is an end to them. */
function children(bytes: Uint8Array, parent: Node): readonly Node[] {
  const nodes: Node[] = [];
  for (let at = alignUp(parent.value + parent.valueSize, 4); at + 6 <= parent.end; ) {
    const node = readNode(bytes, at, parent.end);
    nodes.push(node);
    at = alignUp(node.end, 4);
  }
  return nodes;
}

/** The letters before the first NUL, or up to `end`. */
function text(bytes: Uint8Array, start: number, end: number): string {
  const letters = Buffer.from(bytes.subarray(start, start + alignDown2(end - start))).toString("utf16le");
  return letters.replace(/\0.*$/s, "");
}

function padded(offset: number, bytes: Uint8Array): readonly Uint8Array[] {
  const end = offset + bytes.length;
  return [bytes, new Uint8Array(alignUp(end, 4) - end)];
}

function utf16(value: string): Uint8Array {
  if (value.includes("\0")) throw new RangeError("a text of version information cannot contain NUL");
  return Buffer.from(`${value}\0`, "utf16le");
}

const alignDown2 = (value: number) => value - (value % 2);
const hex4 = (value: number) => value.toString(16).toUpperCase().padStart(4, "0");
