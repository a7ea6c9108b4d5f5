import type { PlannedEntry } from "./tar-entry.ts";

/*
 * POSIX.1-2017, pax: ustar headers of 512 bytes; what does not fit into their fields (long or non-ASCII names, sizes
 * from 8 GiB on, large owners) comes in a pax header before them. Only what is needed is there, and nothing that
 * belongs to a machine: no user names, no inode, no access time.
 */

export const recordSize = 512;

const typeFlags = { file: "0", directory: "5", symlink: "2" } as const;

/** The header records of an entry: one, or three with a pax header of up to 512 bytes. `modified` is in seconds since 1970. */
export function encodeHeader(entry: PlannedEntry, modified: number): Buffer {
  const name = entry.type === "directory" ? `${entry.path}/` : entry.path;
  const extended: [string, string][] = [];
  const fitsText = (text: string) => /^[\x20-\x7e]*$/.test(text) && text.length <= 100;
  const fitsNumber = (value: number, digits: number) => value < 8 ** digits;
  if (!fitsText(name)) extended.push(["path", name]);
  if (!fitsText(entry.target)) extended.push(["linkpath", entry.target]);
  if (!fitsNumber(entry.size, 11)) extended.push(["size", String(entry.size)]);
  if (!fitsNumber(entry.uid, 7)) extended.push(["uid", String(entry.uid)]);
  if (!fitsNumber(entry.gid, 7)) extended.push(["gid", String(entry.gid)]);
  if (!fitsNumber(modified, 11)) extended.push(["mtime", String(modified)]);

  const record = (fields: {
    name: string;
    size: number;
    type: string;
    mode: number;
    uid: number;
    gid: number;
  }) => encodeRecord({ ...fields, modified: fitsNumber(modified, 11) ? modified : 0, target: "" });
  const plain = encodeRecord({
    name: fitsText(name) ? name : shortName(name),
    size: fitsNumber(entry.size, 11) ? entry.size : 0,
    type: typeFlags[entry.type],
    mode: entry.mode,
    uid: fitsNumber(entry.uid, 7) ? entry.uid : 0,
    gid: fitsNumber(entry.gid, 7) ? entry.gid : 0,
    modified: fitsNumber(modified, 11) ? modified : 0,
    target: fitsText(entry.target) ? entry.target : shortName(entry.target),
  });
  if (extended.length === 0) return plain;
  const body = Buffer.concat(extended.map(([key, value]) => paxRecord(key, value)));
  return Buffer.concat([
    record({ name: "PaxHeaders/entry", size: body.length, type: "x", mode: 0o644, uid: 0, gid: 0 }),
    body,
    padding(body.length),
    plain,
  ]);
}

/** The zeros up to the next record. */
export function padding(size: number): Buffer {
  return Buffer.alloc((recordSize - (size % recordSize)) % recordSize);
}

/** The two empty records that end an archive. */
export const endOfArchive = Buffer.alloc(2 * recordSize);

/** What readers without pax would see. */
function shortName(text: string): string {
  return text.replaceAll(/[^\x20-\x7e]/g, "_").slice(0, 100);
}

/** `<length> <key>=<value>\n`, where the length counts itself. */
function paxRecord(key: string, value: string): Buffer {
  const rest = Buffer.from(` ${key}=${value}\n`);
  let length = rest.length + 1;
  while (String(length).length + rest.length !== length) length = String(length).length + rest.length;
  return Buffer.concat([Buffer.from(String(length)), rest]);
}

function encodeRecord(fields: {
  readonly name: string;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly size: number;
  readonly modified: number;
  readonly type: string;
  readonly target: string;
}): Buffer {
  const record = Buffer.alloc(recordSize);
  const octal = (value: number, offset: number, digits: number) =>
    record.write(value.toString(8).padStart(digits, "0"), offset, "latin1");
  record.write(fields.name, 0, "latin1");
  octal(fields.mode, 100, 7);
  octal(fields.uid, 108, 7);
  octal(fields.gid, 116, 7);
  octal(fields.size, 124, 11);
  octal(fields.modified, 136, 11);
  record.write("        ", 148, "latin1");
  record.write(fields.type, 156, "latin1");
  record.write(fields.target, 157, "latin1");
  record.write("ustar\x0000", 257, "latin1");
  octal(0, 329, 7);
  octal(0, 337, 7);
  const sum = record.reduce((total, byte) => total + byte, 0);
  record.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148, "latin1");
  return record;
}
