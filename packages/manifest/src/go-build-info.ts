/*
 * What the Go compiler leaves in every executable, as `go version -m` prints it (debug/buildinfo and runtime/debug.BuildInfo of
 * Go's standard library, from Go 1.18 on):
 *
 *   "\xff Go buildinf:" | u8 pointer size | u8 flags | 16 bytes | varint length, version | varint length, modules
 *
 * at a multiple of 16 in the section of that name, or in data. The modules are lines between two sentinels of 16 bytes.
 */
import { type ByteRange, type ByteSource, readElf, readMacho, readPe } from "@sbp/executable";
import type { GoModule, IdentifiedGo } from "./identified.ts";

const magic = Buffer.from("\xff Go buildinf:", "latin1");
const headerSize = 32;
const alignment = 16;
/** The strings follow the header, instead of pointers to them. */
const inlineFlag = 2;
const sentinelSize = 16;

/** Bytes: the mark is near the start of data. Of several ranges, which may overlap, the first few. */
const longestSearch = 64 << 20;
const mostRanges = 8;
const chunkSize = 1 << 20;
/** Bytes: twenty thousand modules. */
const largestInfo = 2 << 20;
const mostLines = 30_000;

type GoBuildInfo = Pick<IdentifiedGo, "goVersion" | "path" | "main" | "modules" | "settings">;

/** Undefined for a file that Go has not made, or one before 1.18. Throws ExecutableError, RangeError. */
export async function readGoBuildInfo(source: ByteSource): Promise<GoBuildInfo | undefined> {
  for (const range of (await candidates(source)).slice(0, mostRanges)) {
    const at = await findMagic(source, range);
    if (at === undefined) continue;
    const info = await readAt(source, at);
    if (info) return info;
  }
  return undefined;
}

/** Where Go's own reader looks. */
async function candidates(source: ByteSource): Promise<readonly ByteRange[]> {
  const first = Buffer.from(await source.read(0, 4)).toString("latin1");
  if (first === "\x7fELF") {
    const { sections = [], programHeaders } = await readElf(source);
    const section = sections.find(({ name }) => name === ".go.buildinfo");
    const writable = programHeaders.filter(({ type, flags }) => type === 1 && (flags & 2) !== 0);
    return section ? [section] : writable.map(({ offset, fileSize: size }) => ({ offset, size }));
  }
  if (first.startsWith("MZ")) {
    const { sections } = await readPe(source);
    return sections.filter(({ name }) => name === ".data" || name === ".go.buildinfo");
  }
  const { segments } = await readMacho(source);
  const section = segments.flatMap(({ sections }) => sections).find(({ name }) => name === "__go_buildinfo");
  const data = segments.filter(({ name }) => name.startsWith("__DATA"));
  return section ? [section] : data.map(({ offset, fileSize: size }) => ({ offset, size }));
}

async function findMagic(source: ByteSource, { offset, size }: ByteRange): Promise<number | undefined> {
  const end = offset + Math.min(size, longestSearch);
  const room = new Uint8Array(chunkSize + magic.length);
  for (let at = offset; at < end; at += chunkSize) {
    const length = Math.min(chunkSize + magic.length, end - at);
    const bytes = await source.read(at, length, room);
    const chunk = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    for (let found = chunk.indexOf(magic); found >= 0; found = chunk.indexOf(magic, found + 1))
      if ((at + found - offset) % alignment === 0) return at + found;
  }
  return undefined;
}

async function readAt(source: ByteSource, at: number): Promise<GoBuildInfo | undefined> {
  const header = Buffer.from(await source.read(at, headerSize));
  if ((header[15]! & inlineFlag) === 0) return undefined;
  const version = await readText(source, at + headerSize);
  const info = version && (await readText(source, version.end));
  if (!version || !info || !/^(?:go|devel)[\x20-\x7e]*$/.test(version.text)) return undefined;
  const lines = info.text.slice(sentinelSize, -sentinelSize - 1).split("\n");
  return { goVersion: version.text, ...readLines(info.text.length > 2 * sentinelSize ? lines : []) };
}

/** A text behind its length as a varint (encoding/binary). */
async function readText(source: ByteSource, at: number): Promise<{ text: string; end: number } | undefined> {
  const head = await source.read(at, Math.min(10, source.size - at));
  let length = 0;
  for (const [index, byte] of head.entries()) {
    length += (byte & 0x7f) * 2 ** (7 * index);
    if (byte >= 0x80) continue;
    if (length > largestInfo) throw new RangeError("its build information is longer than any that Go writes");
    const start = at + index + 1;
    // One byte per character: the sentinels are no text.
    const bytes = Buffer.from(await source.read(start, length));
    return { text: bytes.toString("latin1"), end: start + length };
  }
  return undefined;
}

function readLines(lines: readonly string[]): Omit<GoBuildInfo, "goVersion"> {
  if (lines.length > mostLines)
    throw new RangeError("its build information has more lines than any that Go writes");
  const settings: Record<string, string> = {};
  const modules: GoModule[] = [];
  let path: string | undefined;
  let main: GoModule | undefined;
  for (const line of lines) {
    const [kind, ...fields] = Buffer.from(line, "latin1").toString().split("\t");
    if (kind === "path") path = fields[0];
    else if (kind === "mod") main = moduleOf(fields);
    else if (kind === "dep") modules.push(moduleOf(fields));
    else if (kind === "=>" && modules.length > 0)
      modules.push({ ...modules.pop()!, replacedBy: moduleOf(fields) });
    else if (kind === "build") {
      const [setting = ""] = fields;
      const end = setting.indexOf("=");
      if (end > 0) settings[setting.slice(0, end)] = setting.slice(end + 1);
    }
  }
  return { ...(path !== undefined && { path }), ...(main && { main }), modules, settings };
}

function moduleOf([path = "", version = "", sum = ""]: readonly string[]): GoModule {
  return { path, version, ...(sum !== "" && { sum }) };
}
