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
  const fields = new BlobFields(source, blob);
  const head = await fields.read(
    blob.offset,
    Math.min(blob.size, fixedSize + largestGap + lengthSize + mainName.length),
  );
  if (head.length < fixedSize || head.readUInt32LE() !== magic) return undefined;
  const name = Buffer.alloc(lengthSize + mainName.length);
  name.writeBigUInt64LE(BigInt(mainName.length));
  name.write(mainName, lengthSize);
  const start = head.indexOf(name, fixedSize);
  if (start < 0) return undefined;

  const main = await fields.content(blob.offset + start + name.length);
  for await (const [key, value] of fields.assets(endOf(main))) if (key === packName) return value;
  return undefined;
}

/** Reads a blob, and nothing behind it. Throws RangeError, or ExecutableError, for one that is cut short. */
class BlobFields {
  readonly #source: ByteSource;
  readonly #end: number;

  constructor(source: ByteSource, blob: ByteRange) {
    this.#source = source;
    this.#end = endOf(blob);
  }

  async read(at: number, size: number): Promise<Buffer> {
    if (size > this.#end - at) throw new RangeError("the payload is cut short");
    return Buffer.from(await this.#source.read(at, size));
  }

  /** The bytes behind the length at this place. */
  async content(at: number): Promise<ByteRange> {
    const size = Number((await this.read(at, lengthSize)).readBigUInt64LE());
    const offset = at + lengthSize;
    if (size > this.#end - offset) throw new RangeError("the payload is cut short");
    return { offset, size };
  }

  /** The assets whose number is at this place: up to some dozen of them, and to the first with a long name. */
  async *assets(at: number): AsyncGenerator<readonly [name: string, content: ByteRange]> {
    const count = Number((await this.read(at, lengthSize)).readBigUInt64LE());
    let next = at + lengthSize;
    for (let nr = 0; nr < Math.min(count, mostAssets); nr++) {
      const key = await this.content(next);
      if (key.size > longestName) return;
      const value = await this.content(endOf(key));
      yield [(await this.read(key.offset, key.size)).toString(), value];
      next = endOf(value);
    }
  }
}

function endOf({ offset, size }: ByteRange): number {
  return offset + size;
}

/** The flags that all versions agree on (SeaFlags). */
const flagTexts = ["", "it starts from a snapshot", "it has a code cache"];
const flags = { codeCache: 4, assets: 8 } as const;

/** A blob that anybody may have made. */
interface SeaBlob {
  /** Of the script: the path that its maker gave. */
  readonly name: string;
  readonly script: ByteRange;
  readonly flags: number;
}

/** Undefined for one of an unknown form. Throws ExecutableError. */
async function readSeaBlob(source: ByteSource, blob: ByteRange): Promise<SeaBlob | undefined> {
  const head = Buffer.from(
    await source.read(blob.offset, Math.min(blob.size, fixedSize + largestGap + lengthSize + longestName)),
  );
  if (head.length < fixedSize || head.readUInt32LE() !== magic) return undefined;
  for (let at = fixedSize; at + lengthSize < Math.min(head.length, fixedSize + largestGap); at++) {
    const size = Number(head.readBigUInt64LE(at));
    const name = head.toString("utf8", at + lengthSize, at + lengthSize + size);
    const end = at + lengthSize + size;
    if (size < 1 || size > longestName || end + lengthSize > head.length || /[\0-\x1f\ufffd]/.test(name))
      continue;
    const script = { offset: blob.offset + end + lengthSize, size: Number(head.readBigUInt64LE(end)) };
    return { name, script, flags: head.readUInt32LE(4) };
  }
  return undefined;
}

/** What the blob of a single executable application tells of itself, in words. Throws ExecutableError. */
export async function describeSeaBlob(source: ByteSource, blob: ByteRange): Promise<readonly string[]> {
  const found = await readSeaBlob(source, blob);
  if (!found) return ["its payload is of an unknown form"];
  const facts = flagTexts.filter((text, bit) => text !== "" && (found.flags & (1 << bit)) !== 0);
  return [`its script was ${found.name} of ${found.script.size} bytes`, ...facts];
}

/** The assets of a blob, by name; some dozen where there are more. Throws RangeError, or ExecutableError. */
export async function seaAssets(
  source: ByteSource,
  blob: ByteRange,
): Promise<ReadonlyMap<string, ByteRange>> {
  const found = await readSeaBlob(source, blob);
  if (!found || (found.flags & flags.assets) === 0) return new Map();
  const fields = new BlobFields(source, blob);
  const script = endOf(found.script);
  const cached = (found.flags & flags.codeCache) !== 0;
  const assets = new Map<string, ByteRange>();
  for await (const [name, content] of fields.assets(cached ? endOf(await fields.content(script)) : script))
    assets.set(name, content);
  return assets;
}
