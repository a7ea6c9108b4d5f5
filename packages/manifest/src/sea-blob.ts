import type { ByteRange, ByteSource } from "@sbp/executable";

/** Bytes of a length in the blob. */
export const lengthSize = 8;

// Names without a folder: the blob holds the main file's, and must not depend on where it was made.
export const mainName = "sbp-bootstrap.cjs";
export const packName = "pack";

/*
 * The blob that Node reads from its executable (src/node_sea.cc, SeaSerializer), as far as all versions agree when
 * it was made with the options of blob.ts. Texts and contents are a u64 with their length, then their bytes:
 *
 *   u32 magic | u32 flags | some bytes, by version | name of the main script | main script | u64 number of assets |
 *   name, content | name, content | …
 */
const magic = 0x0143da20;
const fixedSize = 8;
/** Of the part that depends on the version: 1 or 2 bytes so far. */
const largestGap = 32;
/** Pack and licence; more may come. */
const mostAssets = 64;
const longestName = 256;

/**
 * Where the pack is in a file's blob, by the blob's own structure. Undefined for a blob that is not of sbp's making.
 * Reads some hundred bytes. Throws RangeError, or ExecutableError, for one that is cut short.
 */
export async function findPack(source: ByteSource, blob: ByteRange): Promise<ByteRange | undefined> {
  const end = blob.offset + blob.size;
  const read = async (at: number, size: number) => {
    if (size > end - at) throw new RangeError("the payload is cut short");
    return Buffer.from(await source.read(at, size));
  };
  /** The bytes behind the length at this place. */
  const content = async (at: number): Promise<ByteRange> => {
    const size = Number((await read(at, lengthSize)).readBigUInt64LE());
    const offset = at + lengthSize;
    if (size > end - offset) throw new RangeError("the payload is cut short");
    return { offset, size };
  };

  const head = await read(
    blob.offset,
    Math.min(blob.size, fixedSize + largestGap + lengthSize + mainName.length),
  );
  if (head.length < fixedSize || head.readUInt32LE() !== magic) return undefined;
  const name = Buffer.alloc(lengthSize + mainName.length);
  name.writeBigUInt64LE(BigInt(mainName.length));
  name.write(mainName, lengthSize);
  const start = head.indexOf(name, fixedSize);
  if (start < 0) return undefined;

  const main = await content(blob.offset + start + name.length);
  let at = main.offset + main.size;
  const assets = Number((await read(at, lengthSize)).readBigUInt64LE());
  at += lengthSize;
  for (let nr = 0; nr < Math.min(assets, mostAssets); nr++) {
    const key = await content(at);
    if (key.size > longestName) return undefined;
    const value = await content(key.offset + key.size);
    if ((await read(key.offset, key.size)).toString() === packName) return value;
    at = value.offset + value.size;
  }
  return undefined;
}

/** The flags that all versions agree on (SeaFlags). */
const flagTexts = ["", "it starts from a snapshot", "it has a code cache"];

/** What the blob of a single executable application tells of itself, in words. Throws RangeError, or ExecutableError. */
export async function describeSeaBlob(source: ByteSource, blob: ByteRange): Promise<readonly string[]> {
  const head = Buffer.from(
    await source.read(blob.offset, Math.min(blob.size, fixedSize + largestGap + lengthSize + longestName)),
  );
  if (head.length < fixedSize || head.readUInt32LE() !== magic) return ["its payload is of an unknown form"];
  const flags = head.readUInt32LE(4);
  const facts = flagTexts.filter((text, bit) => text !== "" && (flags & (1 << bit)) !== 0);
  for (let at = fixedSize; at + lengthSize < Math.min(head.length, fixedSize + largestGap); at++) {
    const size = Number(head.readBigUInt64LE(at));
    const name = head.toString("utf8", at + lengthSize, at + lengthSize + size);
    const end = at + lengthSize + size;
    if (size < 1 || size > longestName || end + lengthSize > head.length || /[\0-\x1f\ufffd]/.test(name))
      continue;
    return [`its script was ${name} of ${head.readBigUInt64LE(end)} bytes`, ...facts];
  }
  return facts;
}
