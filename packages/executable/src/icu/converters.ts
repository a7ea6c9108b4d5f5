/**
 * Converters of legacy encodings, one `.cnv` item each, and the table of their names, `cnvalias.icu`.
 * Formats: icu4c/source/common/ucnv_io.h, ucnvmbcs.h, ucnv_bld.h.
 */

import { ExecutableError, malformed } from "../error.ts";
import { type IcuData, readItem } from "./data.ts";
import { nearest } from "./nearest.ts";

/**
 * The encodings of the Encoding Standard (section 4.2 "Names and labels") but for those of Unicode, x-user-defined and
 * replacement, which need no table. TextDecoder knows no others.
 */
export const encodingNames = [
  ...[
    "ibm866",
    "iso-8859-2",
    "iso-8859-3",
    "iso-8859-4",
    "iso-8859-5",
    "iso-8859-6",
    "iso-8859-7",
    "iso-8859-8",
  ],
  ...[
    "iso-8859-8-i",
    "iso-8859-10",
    "iso-8859-13",
    "iso-8859-14",
    "iso-8859-15",
    "iso-8859-16",
    "koi8-r",
    "koi8-u",
  ],
  ...[
    "macintosh",
    "windows-874",
    "windows-1250",
    "windows-1251",
    "windows-1252",
    "windows-1253",
    "windows-1254",
  ],
  ...[
    "windows-1255",
    "windows-1256",
    "windows-1257",
    "windows-1258",
    "x-mac-cyrillic",
    "gbk",
    "gb18030",
    "big5",
  ],
  ...["euc-jp", "iso-2022-jp", "shift_jis", "euc-kr"],
] as const;

/** What converters without a table of their own are made of; the standard's ISO-2022-JP is the only such encoding. */
const parts: Readonly<Record<string, readonly string[]>> = {
  "ISO_2022,locale=ja,version=0": ["Shift-JIS"],
};

const suffix = ".cnv";

/**
 * The converters that the encodings need, as names of items.
 *
 * @param encodings names of the Encoding Standard, in any capitals.
 * @throws ExecutableError EXECUTABLE_ENCODING_UNKNOWN, EXECUTABLE_MALFORMED.
 */
export async function converterItems(data: IcuData, encodings: readonly string[]): Promise<Set<string>> {
  const wanted: string[] = [];
  for (const encoding of encodings) {
    const name = encodingNames.find((known) => known === encoding.toLowerCase());
    if (!name) throw unknownEncoding(encoding);
    // The standard decodes GBK as gb18030 (section 10.1.1).
    wanted.push(name, ...(name === "gbk" ? ["gb18030"] : []));
  }
  const items = new Map(data.items.map((item) => [item.name, item]));
  const aliases = items.get("cnvalias.icu");
  const found = new Set<string>();
  if (!aliases || wanted.length === 0) return found;
  const converters = readAliases(await readItem(data, aliases));
  for (let name = wanted.pop(); name !== undefined; name = wanted.pop()) {
    const converter = converters.get(comparable(name));
    if (converter === undefined) continue;
    wanted.push(...(parts[converter] ?? []));
    // A table may say only how it differs from another.
    for (let next: string | undefined = converter; next !== undefined; ) {
      const item = items.get(`${next}${suffix}`);
      if (!item || found.has(item.name)) break;
      found.add(item.name);
      next = baseTable(await readItem(data, item));
    }
  }
  return found;
}

export function isConverter(item: string): boolean {
  return item.endsWith(suffix);
}

function unknownEncoding(encoding: string): ExecutableError {
  const similar = nearest(encoding, encodingNames);
  return new ExecutableError(
    "EXECUTABLE_ENCODING_UNKNOWN",
    `the Encoding Standard has no legacy encoding ${JSON.stringify(encoding)}${similar.length > 0 ? `; it has ${similar.join(", ")}` : ""}`,
  );
}

/** All names of converters in their comparable form, with the converter they stand for. */
function readAliases(item: Uint8Array): Map<string, string> {
  const bytes = Buffer.from(item.buffer, item.byteOffset, item.length);
  // Every read goes through here.
  const read = (at: number, size: 2 | 4) => {
    if (at < 0 || at + size > bytes.length) throw malformed("the table of converter names is cut short");
    return size === 2 ? bytes.readUInt16LE(at) : bytes.readUInt32LE(at);
  };
  const start = read(0, 2);
  const count = read(start, 4);
  if (count < 8 || count > 32) throw malformed(`the table of converter names has ${count} sections`);
  // Sizes of the sections in units of 2 bytes; the sections follow in the same order.
  const sections: { at: number; length: number }[] = [];
  let at = start + 4 + 4 * count;
  for (let index = 0; index < count; index++) {
    const length = read(start + 4 + 4 * index, 4);
    sections.push({ at, length });
    at += 2 * length;
  }
  const [converterList, , aliasList, converterOfAlias, , , , strings] = sections;
  // Places in the lists are 16-bit numbers.
  if (!converterList || !aliasList || !converterOfAlias || !strings || aliasList.length > 0xffff)
    throw malformed("the table of converter names is not complete");
  const text = (offset: number) => {
    const from = strings.at + 2 * offset;
    const length = bytes.subarray(from, from + 256).indexOf(0);
    if (length < 0) throw malformed("the name of a converter does not end");
    return bytes.toString("latin1", from, from + length);
  };
  const names = new Map<string, string>();
  for (let index = 0; index < Math.min(aliasList.length, converterOfAlias.length); index++) {
    // The upper bits are flags.
    const converter = read(converterOfAlias.at + 2 * index, 2) & 0xfff;
    if (converter >= converterList.length) throw malformed("a name stands for a converter that is not there");
    names.set(
      comparable(text(read(aliasList.at + 2 * index, 2))),
      text(read(converterList.at + 2 * converter, 2)),
    );
  }
  return names;
}

/** What ucnv_compareNames looks at: letters in one case, digits, and no zeros in front of numbers. */
function comparable(name: string): string {
  return name
    .toLowerCase()
    .replace(/[^a-z0-9]/g, " ")
    .replace(/(?<![0-9])0+(?=[0-9])/g, "")
    .replaceAll(" ", "");
}

const extensionOnly = 14;
const multiByte = 2;

/** The converter that a table extends, when it is only an extension. */
function baseTable(item: Uint8Array): string | undefined {
  const bytes = Buffer.from(item.buffer, item.byteOffset, item.length);
  const start = bytes.length < 2 ? 0 : bytes.readUInt16LE(0);
  // UConverterStaticData starts with its size; then _MBCSHeader, whose length is 8 words in version 4.
  if (bytes.length < start + 4) throw malformed("a converter is cut short");
  const header = start + bytes.readUInt32LE(start);
  if (bytes.length < Math.max(start + 70, header + 36)) return undefined;
  if (bytes.readUInt8(start + 69) !== multiByte || bytes.readUInt8(header + 24) !== extensionOnly)
    return undefined;
  const words = bytes.readUInt8(header) === 4 ? 8 : bytes.readUInt32LE(header + 32) & 0x3f;
  const end = bytes.indexOf(0, header + 4 * words);
  return bytes.toString("latin1", header + 4 * words, Math.min(end, header + 4 * words + 64));
}
