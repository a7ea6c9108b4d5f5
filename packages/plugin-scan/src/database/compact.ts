/*
 * A database in one file, made to be asked for a few hundred packages of very many:
 *
 *     a line of JSON    what the database is, and where each bucket begins
 *     bucket 0 … n-1    lines of JSON: [package, advisory]
 *
 * A package is in the bucket that its name's hash tells. Only the first line and the buckets asked for are read.
 */
import { closeSync, openSync, readSync, statSync } from "node:fs";
import type { CoreEntry } from "../node/core-index.ts";
import type { Advisory } from "../osv/advisory.ts";
import type { CollectedDatabase } from "./collect.ts";
import type { Database } from "./database.ts";

const format = 3;
const longestHeader = 64 << 20;
const perBucket = 8;
const mostBuckets = 1 << 15;

interface Header {
  readonly format: number;
  /** Of what the source's files were like. */
  readonly identity: string;
  readonly date: string;
  readonly records: number;
  readonly core: readonly CoreEntry[];
  readonly ecosystems: readonly string[];
  /** Offsets of the buckets behind the first line, and of their end. */
  readonly buckets: readonly number[];
}

export function encodeCompact(
  { byPackage, core, ecosystems, records, date }: CollectedDatabase,
  identity: string,
): Buffer[] {
  const count = 2 ** Math.ceil(Math.log2(Math.min(mostBuckets, Math.max(1, byPackage.size / perBucket))));
  const lines: string[][] = Array.from({ length: count }, () => []);
  for (const [name, advisories] of byPackage) {
    const own = lines[hashOf(name) % count]!;
    for (const advisory of advisories) own.push(`[${JSON.stringify(name)},${advisory}]\n`);
  }
  const bodies = lines.map((own) => Buffer.from(own.join("")));
  const buckets = [0];
  for (const body of bodies) buckets.push(buckets.at(-1)! + body.length);
  const header: Header = { format, identity, date, records, core, ecosystems, buckets };
  return [Buffer.from(`${JSON.stringify(header)}\n`), ...bodies];
}

/** Undefined for a file that is missing, damaged, or made of another source. */
export function openCompact(file: string, identity: string, source: string): Database | undefined {
  let handle: number | undefined;
  try {
    handle = openSync(file, "r");
    const { header, start } = readHeader(handle, statSync(file).size);
    if (header.format !== format || header.identity !== identity) throw new RangeError("of another source");
    const open = handle;
    return {
      source,
      date: header.date || undefined,
      records: header.records,
      core: header.core.length > 0 ? header.core : undefined,
      ecosystems: header.ecosystems,
      advisoriesOf: (name) => readBucket(open, start, header.buckets, name),
      close: () => closeSync(open),
    };
  } catch {
    if (handle !== undefined) closeSync(handle);
    return undefined;
  }
}

function readHeader(handle: number, size: number): { header: Header; start: number } {
  for (let length = 1 << 16; length <= longestHeader; length *= 4) {
    const bytes = readAt(handle, 0, Math.min(length, size));
    const end = bytes.indexOf(10);
    if (end >= 0) {
      const header = JSON.parse(bytes.toString("utf8", 0, end)) as Header;
      const last = header.buckets.at(-1);
      if (last === undefined || end + 1 + last !== size) throw new RangeError("cut short");
      return { header, start: end + 1 };
    }
    if (length >= size) break;
  }
  throw new RangeError("no header");
}

function readBucket(
  handle: number,
  start: number,
  buckets: readonly number[],
  name: string,
): readonly Advisory[] {
  const index = hashOf(name) % (buckets.length - 1);
  const [from, to] = [buckets[index]!, buckets[index + 1]!];
  const text = readAt(handle, start + from, to - from).toString("utf8");
  const prefix = `[${JSON.stringify(name)},`;
  return text
    .split("\n")
    .filter((line) => line.startsWith(prefix))
    .map((line) => (JSON.parse(line) as [string, Advisory])[1]);
}

function readAt(handle: number, offset: number, length: number): Buffer {
  const bytes = Buffer.allocUnsafe(length);
  let done = 0;
  while (done < length) {
    const read = readSync(handle, bytes, done, length - done, offset + done);
    if (read === 0) throw new RangeError("cut short");
    done += read;
  }
  return bytes;
}

/** FNV-1a of the name's UTF-16 units, 32 bits. */
function hashOf(name: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < name.length; index++)
    hash = Math.imul(hash ^ name.charCodeAt(index), 0x01000193) >>> 0;
  return hash;
}
