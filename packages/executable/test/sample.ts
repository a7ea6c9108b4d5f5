/**
 * Makes small ELF files, byte by byte from the specification and without the code under test. Every field can be
 * set, so that each can be wrong.
 */
export interface SampleSegment {
  type: number;
  flags?: number;
  offset: number | bigint;
  address: number | bigint;
  fileSize: number | bigint;
  memorySize?: number | bigint;
  alignment?: number | bigint;
}

export const page = 0x1000;
export const base = 0x400000;
export const contentSize = 3 * page;

/** Two PT_LOADs (a page of code, a page of data with a page of .bss), a PT_PHDR in front, a note at the end. */
export function sampleSegments(): SampleSegment[] {
  return [
    { type: 6, offset: 64, address: base + 64, fileSize: 4 * 56, alignment: 8 },
    { type: 1, flags: 5, offset: 0, address: base, fileSize: 2 * page, alignment: page },
    {
      type: 1,
      flags: 6,
      offset: 2 * page,
      address: base + 3 * page,
      fileSize: page,
      memorySize: 2 * page,
      alignment: page,
    },
    { type: 4, offset: page, address: base + page, fileSize: 36, alignment: 4 },
  ];
}

export interface SampleHeader {
  magic?: string;
  class?: number;
  encoding?: number;
  version?: number;
  system?: number;
  type?: number;
  machine?: number;
  programHeaderOffset?: number | bigint;
  programHeaderSize?: number;
  programHeaderCount?: number;
  sectionHeaderOffset?: number | bigint;
  sectionHeaderCount?: number;
}

export function sample(header: SampleHeader = {}, segments = sampleSegments()): Uint8Array {
  const bytes = new Uint8Array(contentSize);
  const data = new DataView(bytes.buffer);
  const word = (at: number, value: number | bigint) => data.setBigUint64(at, BigInt(value), true);
  bytes.set(Buffer.from(header.magic ?? "\x7fELF", "latin1"));
  bytes[4] = header.class ?? 2;
  bytes[5] = header.encoding ?? 1;
  bytes[6] = header.version ?? 1;
  bytes[7] = header.system ?? 0;
  data.setUint16(0x10, header.type ?? 2, true);
  data.setUint16(0x12, header.machine ?? 62, true);
  data.setUint32(0x14, 1, true);
  word(0x18, base + page);
  word(0x20, header.programHeaderOffset ?? 64);
  word(0x28, header.sectionHeaderOffset ?? 0);
  data.setUint16(0x34, 64, true);
  data.setUint16(0x36, header.programHeaderSize ?? 56, true);
  data.setUint16(0x38, header.programHeaderCount ?? segments.length, true);
  data.setUint16(0x3a, 64, true);
  data.setUint16(0x3c, header.sectionHeaderCount ?? 0, true);
  for (const [index, segment] of segments.entries()) {
    const at = 64 + index * 56;
    data.setUint32(at, segment.type, true);
    data.setUint32(at + 4, segment.flags ?? 4, true);
    word(at + 8, segment.offset);
    word(at + 16, segment.address);
    word(at + 24, segment.address);
    word(at + 32, segment.fileSize);
    word(at + 40, segment.memorySize ?? segment.fileSize);
    word(at + 48, segment.alignment ?? 1);
  }
  // The note: namesz 4, descsz 20, type 3 (a build id).
  for (const [index, value] of [4, 20, 3].entries()) data.setUint32(page + 4 * index, value, true);
  bytes.set(Buffer.from("GNU\0"), page + 12);
  bytes.fill(0xab, page + 16, page + 36);
  return bytes;
}

/** The segments of `sampleSegments`, the one at `index` changed. */
export function changedSegment(index: number, change: Partial<SampleSegment>): SampleSegment[] {
  return sampleSegments().map((segment, at) => (at === index ? { ...segment, ...change } : segment));
}

/** Deterministic numbers in [0, limit), for tests that try many inputs. */
export function numbers(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
}
