/**
 * Makes small PE files, byte by byte from the specification and without the code under test. Every field can be set,
 * so that each can be wrong.
 */
export const headerOffset = 0x80;
export const headersSize = 0x400;
const tableOffset = headerOffset + 24 + 240;

export interface SampleSection {
  name: string;
  memorySize: number;
  address: number;
  size: number;
  offset: number;
  flags?: number;
}

/** .text (with a debug directory), .rsrc and .reloc, a page each. */
export function sampleSections(): SampleSection[] {
  return [
    { name: ".text", memorySize: 0x180, address: 0x1000, size: 0x200, offset: 0x400, flags: 0x60000020 },
    { name: ".rsrc", memorySize: 0x200, address: 0x2000, size: 0x200, offset: 0x600 },
    { name: ".reloc", memorySize: 12, address: 0x3000, size: 0x200, offset: 0x800, flags: 0x42000040 },
  ];
}

/** The sections of `sampleSections`, the one at `index` changed. */
export function changedSection(index: number, change: Partial<SampleSection>): SampleSection[] {
  return sampleSections().map((section, at) => (at === index ? { ...section, ...change } : section));
}

export interface SamplePe {
  magic?: string;
  headerOffset?: number;
  signature?: string;
  machine?: number;
  flags?: number;
  optionalMagic?: number;
  optionalSize?: number;
  directoryCount?: number;
  sectionCount?: number;
  sectionAlignment?: number;
  fileAlignment?: number;
  headersSize?: number;
  subsystem?: number;
  symbols?: readonly [offset: number, count: number];
  /** By index: address and size. */
  directories?: Readonly<Record<number, readonly [address: number, size: number]>>;
  /** Whatever follows the sections. */
  behind?: Uint8Array;
}

export const resourceDirectory = { 2: [0x2000, 0x200] } as const;
export const relocationDirectory = { 5: [0x3000, 12] } as const;
export const debugDirectory = { 6: [0x1000, 28] } as const;

export function samplePe(fields: SamplePe = {}, sections = sampleSections()): Buffer {
  const end = Math.max(headersSize, ...sections.map(({ offset, size }) => Math.min(offset + size, 0x4000)));
  const bytes = Buffer.alloc(end);
  bytes.write(fields.magic ?? "MZ", 0, "latin1");
  bytes.writeUInt32LE(fields.headerOffset ?? headerOffset, 0x3c);
  bytes.write(fields.signature ?? "PE\0\0", headerOffset, "latin1");
  const u16 = (at: number, value: number) => bytes.writeUInt16LE(value, headerOffset + at);
  const u32 = (at: number, value: number) => bytes.writeUInt32LE(value, headerOffset + at);
  u16(4, fields.machine ?? 0x8664);
  u16(6, fields.sectionCount ?? sections.length);
  u32(12, fields.symbols?.[0] ?? 0);
  u32(16, fields.symbols?.[1] ?? 0);
  u16(20, fields.optionalSize ?? 240);
  u16(22, fields.flags ?? 0x22);
  u16(24, fields.optionalMagic ?? 0x20b);
  u32(28, 0x200);
  u32(32, 0x400);
  u32(40, 0x1100);
  u32(52, 1);
  u32(56, fields.sectionAlignment ?? 0x1000);
  u32(60, fields.fileAlignment ?? 0x200);
  u32(80, 0x4000);
  u32(84, fields.headersSize ?? headersSize);
  u16(92, fields.subsystem ?? 3);
  u32(132, fields.directoryCount ?? 16);
  const directories = {
    ...resourceDirectory,
    ...relocationDirectory,
    ...debugDirectory,
    ...fields.directories,
  };
  for (const [index, [address, size]] of Object.entries(directories)) {
    u32(136 + 8 * Number(index), address);
    u32(140 + 8 * Number(index), size);
  }
  for (const [index, section] of sections.entries()) {
    const at = tableOffset + 40 * index;
    bytes.write(section.name, at, 8, "latin1");
    const fieldsOf = [section.memorySize, section.address, section.size, section.offset];
    for (const [field, value] of fieldsOf.entries()) bytes.writeUInt32LE(value, at + 8 + 4 * field);
    bytes.writeUInt32LE(section.flags ?? 0x40000040, at + 36);
  }
  // The debug directory: CodeView, 24 bytes and a path, at 0x440.
  for (const [at, value] of [
    [12, 2],
    [16, 32],
    [20, 0x1040],
    [24, 0x440],
  ] as const)
    bytes.writeUInt32LE(value, 0x400 + at);
  bytes.write("RSDS", 0x440, "latin1");
  for (let at = 4; at < 20; at++) bytes[0x440 + at] = at;
  bytes.writeUInt32LE(1, 0x440 + 20);
  bytes.write("a.pdb\0", 0x440 + 24, "latin1");
  if (end >= 0x800) writeResources(bytes);
  if (end >= 0x80c) bytes.writeUInt32LE(12, 0x804);
  return fields.behind ? Buffer.concat([bytes, fields.behind]) : bytes;
}

/** Where the fields of the sample's resource tree are in the file. */
export const tree = {
  root: 0x600,
  firstName: 0x610,
  firstTarget: 0x614,
  names: 0x620,
  languages: 0x650,
  languageTarget: 0x664,
  dataEntry: 0x680,
  text: 0x6b0,
} as const;

/** Two resources: data under the name TEXT (of a type NAMED), and a manifest. */
function writeResources(bytes: Buffer): void {
  const high = 0x8000_0000;
  const directory = (at: number, named: number, ...entries: readonly (readonly [number, number])[]) => {
    bytes.writeUInt16LE(named, 0x600 + at + 12);
    bytes.writeUInt16LE(entries.length - named, 0x600 + at + 14);
    for (const [index, [id, target]] of entries.entries()) {
      bytes.writeUInt32LE(id, 0x600 + at + 16 + 8 * index);
      bytes.writeUInt32LE(target, 0x600 + at + 20 + 8 * index);
    }
  };
  const text = (at: number, value: string) => {
    bytes.writeUInt16LE(value.length, 0x600 + at);
    bytes.write(value, 0x600 + at + 2, "utf16le");
  };
  directory(0x00, 1, [0xb0 + high, 0x20 + high], [24, 0x38 + high]);
  directory(0x20, 1, [0xc0 + high, 0x50 + high]);
  directory(0x38, 0, [1, 0x68 + high]);
  directory(0x50, 0, [0x409, 0x80]);
  directory(0x68, 0, [0, 0x90]);
  for (const [at, address, size] of [
    [0x80, 0x2100, 5],
    [0x90, 0x2110, 7],
  ] as const) {
    bytes.writeUInt32LE(address, 0x600 + at);
    bytes.writeUInt32LE(size, 0x600 + at + 4);
  }
  text(0xb0, "NAMED");
  text(0xc0, "TEXT");
  bytes.write("first", 0x700, "latin1");
  bytes.write("<a></a>", 0x710, "latin1");
}
