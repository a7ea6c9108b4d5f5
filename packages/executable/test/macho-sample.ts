/**
 * Makes a small Mach-O executable, byte by byte from mach-o/loader.h and without the code under test: __PAGEZERO,
 * __TEXT, __DATA and __LINKEDIT with chained fixups, symbols and an ad hoc signature without hashes.
 */

export const page = 0x4000;
export const base = 0x100000000;
export const textOffset = 0x1000;

export interface SampleCommand {
  readonly type: number;
  /** What follows type and size. */
  readonly body: Uint8Array;
}

/** Symbols: two local, two defined, one undefined. */
export const symbolNames = ["_local1", "_local2", "_main", "_exported", "_malloc"];

const words = (...values: number[]) => Buffer.from(Uint32Array.from(values).buffer);
const longs = (...values: (number | bigint)[]) => Buffer.from(BigUint64Array.from(values.map(BigInt)).buffer);
const fixed = (text: string) => Buffer.from(text.padEnd(16, "\0"), "latin1");

export function segment(
  name: string,
  place: {
    address: number | bigint;
    memory: number | bigint;
    offset: number | bigint;
    size: number | bigint;
  },
  sections: readonly { name: string; address: number; size: number; offset: number }[] = [],
): SampleCommand {
  const body = [
    fixed(name),
    longs(place.address, place.memory, place.offset, place.size),
    words(5, 5, sections.length, 0),
    ...sections.flatMap((section) => [
      fixed(section.name),
      fixed(name),
      longs(section.address, section.size),
      words(section.offset, 4, 0, 0, 0, 0, 0, 0),
    ]),
  ];
  return { type: 0x19, body: Buffer.concat(body) };
}

/** Fixups for `segments` segments of which the one at `used` has a page without any. */
export function fixups(segments = 4, used = 2): Buffer {
  const tableSize = 4 + 4 * segments;
  const start = Math.ceil(tableSize / 8) * 8;
  const starts = Buffer.alloc(start + 24);
  starts.writeUInt32LE(segments, 0);
  starts.writeUInt32LE(start, 4 + 4 * used);
  starts.writeUInt32LE(24, start);
  starts.writeUInt16LE(page, start + 4);
  starts.writeUInt16LE(6, start + 6);
  starts.writeBigUInt64LE(BigInt(page), start + 8);
  starts.writeUInt16LE(1, start + 20);
  starts.writeUInt16LE(0xffff, start + 22);
  const imports = 32 + starts.length;
  const names = Buffer.from("\0_malloc\0\0\0\0\0\0\0\0");
  const head = words(0, 32, imports, imports + 4, 1, 1, 0, 0);
  return Buffer.concat([head, starts, words(1 | (1 << 9)), names]);
}

export interface SampleParts {
  readonly fixups: Buffer;
  readonly symbols: Buffer;
  readonly indirect: Buffer;
  readonly strings: Buffer;
  readonly signature: Buffer;
}

export function sampleParts(): SampleParts {
  let strings = " \0";
  const symbols = symbolNames.map((name, index) => {
    const start = strings.length;
    strings += `${name}\0`;
    const isDefined = index < 4;
    const type = (isDefined ? 0x0e : 0) | (index >= 2 ? 1 : 0);
    return Buffer.concat([
      words(start),
      Buffer.from([type, isDefined ? 1 : 0, 0, 0]),
      longs(isDefined ? base + textOffset : 0),
    ]);
  });
  const directory = Buffer.alloc(88 + 8);
  for (const [index, value] of [0xfade0c02, 96, 0x20400, 2, 96, 88].entries())
    directory.writeUInt32BE(value, 4 * index);
  directory.set([32, 2, 0, 12], 36);
  directory.write("sample", 88);
  const superBlob = Buffer.alloc(20);
  for (const [index, value] of [0xfade0cc0, 116, 1, 0, 20].entries())
    superBlob.writeUInt32BE(value, 4 * index);
  return {
    fixups: fixups(),
    symbols: Buffer.concat(symbols),
    indirect: words(4, 0x80000000, 3, 0x40000000),
    strings: Buffer.from(strings.padEnd(64, "\0")),
    signature: Buffer.concat([superBlob, directory, Buffer.alloc(12)]),
  };
}

export interface Sample {
  readonly bytes: Buffer;
  /** Where the nth load command of a type is in the file. */
  command(type: number, index?: number): number;
  /** Where a part of __LINKEDIT is in the file. */
  readonly parts: Readonly<Record<keyof SampleParts, number>>;
}

export interface SampleOptions {
  readonly cpu?: number;
  readonly subtype?: number;
  readonly type?: number;
  readonly parts?: Partial<SampleParts>;
  /** Further load commands, at the end. */
  readonly extra?: readonly SampleCommand[];
  readonly isSigned?: boolean;
}

export const linkeditOffset = 2 * page;

export function sampleMacho(options: SampleOptions = {}): Sample {
  const parts = { ...sampleParts(), ...options.parts };
  const isSigned = options.isSigned ?? true;
  const places: Record<string, number> = {};
  const content: Buffer[] = [];
  let end = linkeditOffset;
  for (const [name, bytes] of Object.entries(parts)) {
    if (name === "signature" && !isSigned) continue;
    const padding = (16 - (end % 16)) % 16;
    places[name] = end + padding;
    content.push(Buffer.alloc(padding), bytes);
    end += padding + bytes.length;
  }
  const text = { name: "__text", address: base + textOffset, size: 0x100, offset: textOffset };
  const data = { name: "__data", address: base + page, size: 0x100, offset: page };
  const commands: SampleCommand[] = [
    segment("__PAGEZERO", { address: 0, memory: base, offset: 0, size: 0 }),
    segment("__TEXT", { address: base, memory: page, offset: 0, size: page }, [text]),
    segment("__DATA", { address: base + page, memory: page, offset: page, size: page }, [data]),
    segment("__LINKEDIT", {
      address: base + 2 * page,
      memory: page,
      offset: linkeditOffset,
      size: end - linkeditOffset,
    }),
    { type: 0x80000034, body: words(places["fixups"]!, parts.fixups.length) },
    {
      type: 0x2,
      body: words(places["symbols"]!, parts.symbols.length / 16, places["strings"]!, parts.strings.length),
    },
    {
      type: 0xb,
      body: words(
        0,
        2,
        2,
        2,
        4,
        1,
        0,
        0,
        0,
        0,
        0,
        0,
        places["indirect"]!,
        parts.indirect.length / 4,
        0,
        0,
        0,
        0,
      ),
    },
    { type: 0xe, body: Buffer.concat([words(12), Buffer.from("/usr/lib/dyld\0".padEnd(20, "\0"))]) },
    { type: 0x1b, body: Buffer.alloc(16, 0xab) },
    { type: 0x32, body: words(1, 0xd0500, 0xf0500, 0) },
    { type: 0x80000028, body: longs(textOffset, 0) },
    {
      type: 0xc,
      body: Buffer.concat([words(24, 2, 0, 0), Buffer.from("/usr/lib/libSystem.B.dylib\0".padEnd(32, "\0"))]),
    },
    { type: 0x29, body: words(places["symbols"]!, 0) },
    ...(isSigned ? [{ type: 0x1d, body: words(places["signature"]!, parts.signature.length) }] : []),
    ...(options.extra ?? []),
  ];
  const encoded = commands.map(({ type, body }) => Buffer.concat([words(type, body.length + 8), body]));
  const size = encoded.reduce((sum, { length }) => sum + length, 0);
  const bytes = Buffer.alloc(linkeditOffset);
  const cpu = options.cpu ?? 0x0100000c;
  words(0xfeedfacf, cpu, options.subtype ?? 0, options.type ?? 2, encoded.length, size, 0x200085, 0).copy(
    bytes,
  );
  Buffer.concat(encoded).copy(bytes, 32);
  bytes.fill(0x90, textOffset, textOffset + 0x100);
  bytes.fill(0xda, page, page + 0x100);
  return {
    bytes: Buffer.concat([bytes, ...content]),
    command(type, index = 0) {
      let at = 32;
      for (const [number, command] of commands.entries()) {
        if (command.type === type && index-- === 0) return at;
        at += encoded[number]!.length;
      }
      throw new Error(`no load command ${type}`);
    },
    parts: places as Sample["parts"],
  };
}
