/*
 * A database in one file, made to be asked for a few hundred packages of very many:
 *
 *     a line            the CRC-32 of what follows in it, and JSON: what the database is, where each bucket begins, and its CRC-32
 *     bucket 0 … n-1    lines of JSON: [package, advisory]
 *
 * A package is in the bucket that its name's hash tells. Only the first line and the buckets asked for are read. It lies in the user's own
 * cache: sums are against damage.
 */
import { closeSync, openSync, readSync, rmSync, statSync } from "node:fs";
import { crc32 } from "node:zlib";
import type { CoreEntry } from "../node/core-index.ts";
import type { Advisory } from "../osv/advisory.ts";
import type { CollectedDatabase } from "./collect.ts";
import type { Database } from "./database.ts";
import { databaseError } from "./error.ts";

const format = 4;
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
  /** The CRC-32 of each bucket. */
  readonly sums: readonly number[];
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
  const sums = bodies.map((body) => crc32(body));
  const header: Header = { format, identity, date, records, core, ecosystems, buckets, sums };
  const json = Buffer.from(JSON.stringify(header));
  return [Buffer.from(`${crc32(json)} `), json, Buffer.from("\n"), ...bodies];
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
      advisoriesOf: (name) => {
        try {
          return readBucket(open, start, header, name);
        } catch (error) {
          // The next scan makes it anew.
          rmSync(file, { force: true });
          throw databaseError(file, "what was kept of it is damaged: scan once more", error);
        }
      },
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
      const json = bytes.indexOf(32) + 1;
      const sum = Number(bytes.toString("latin1", 0, json));
      if (crc32(bytes.subarray(json, end)) !== sum) throw new RangeError("damaged");
      const header = JSON.parse(bytes.toString("utf8", json, end)) as Header;
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
  { buckets, sums }: Header,
  name: string,
): readonly Advisory[] {
  const index = hashOf(name) % sums.length;
  const [from, to] = [buckets[index]!, buckets[index + 1]!];
  const bytes = readAt(handle, start + from, to - from);
  if (crc32(bytes) !== sums[index]) throw new RangeError("damaged");
  const text = bytes.toString("utf8");
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
