import { describe, expect, test } from "vitest";
import { testRuntime } from "../../../tools/test-runtimes.ts";
import {
  type ByteSource,
  computePeChecksum,
  describePe,
  type Edit,
  ExecutableError,
  editedSource,
  fromBytes,
  type PeTemplate,
  parsePeTemplate,
  peEdit,
  peTail,
  planPeStrip,
  planPeTemplate,
  readPe,
} from "../src/index.ts";
import { changedSection, headerOffset, type SamplePe, samplePe, sampleSections, tree } from "./pe-sample.ts";
import { numbers } from "./sample.ts";
import { counting, openSource } from "./tools.ts";

/** Everything this package does with a file that it is given. Says how it ended: "ok", or the error's code and message. */
async function use(bytes: Uint8Array): Promise<string> {
  const source = counting(fromBytes(bytes));
  let planned = 0;
  try {
    const pe = await readPe(source);
    await describePe(pe);
    expect(source.bytes).toBeLessThan(128 * 1024);
    expect(source.reads).toBeLessThan(20_000);
    planned = source.size;
    await planPeStrip(pe);
    const { edit, template } = await planPeTemplate(pe, { resourceName: "PAYLOAD" });
    expect(template.size).toBeLessThan(bytes.length + 0x10000);
    expect(parsePeTemplate(template)).toEqual(template);
    await build(fromBytes(bytes), edit, template);
    return "ok";
  } catch (error) {
    if (!(error instanceof ExecutableError)) throw error;
    return `${error.code} ${error.message}`;
  } finally {
    // The whole file once for each of two checksums, and all resources.
    expect(source.bytes).toBeLessThan(160 * 1024 + 3 * planned);
  }
}

/** Whatever the file was, what is made of it is a file that this package reads. */
async function build(source: ByteSource, edit: Edit, template: PeTemplate): Promise<void> {
  const tail = peTail(template, [Buffer.from("payload")]);
  const made = await readPe(editedSource(editedSource(source, edit), peEdit(template, tail)));
  expect(made.resources).toHaveLength(template.resources.length + 1);
  expect(await computePeChecksum(made)).toBe(made.header.checksum);
}

const changed = (...changes: readonly (readonly [at: number, value: number])[]) => {
  const bytes = samplePe();
  for (const [at, value] of changes) bytes.writeUInt32LE(value, at);
  return bytes;
};

test("the sample itself is fine", async () => {
  expect(await use(samplePe())).toBe("ok");
});

describe("refuses what is no supported PE file", () => {
  test.each([
    ["empty", new Uint8Array(), /^EXECUTABLE_UNRECOGNIZED/],
    ["an ELF file", Buffer.from("\x7fELF"), /^EXECUTABLE_UNRECOGNIZED/],
    ["two letters", Buffer.from("MZ"), /^EXECUTABLE_MALFORMED/],
    ["a DOS program", samplePe({ signature: "NE\0\0" }), /^EXECUTABLE_UNRECOGNIZED this is a DOS program/],
    ["a header past the end", samplePe({ headerOffset: 0x8000 }), /^EXECUTABLE_UNRECOGNIZED this is a DOS/],
    [
      "a header far away",
      samplePe({ headerOffset: 0xfffffff0 }),
      /^EXECUTABLE_UNSUPPORTED the PE header is at/,
    ],
    [
      "a header at an odd place",
      samplePe({ headerOffset: 0x81 }),
      /^EXECUTABLE_UNSUPPORTED the PE header is at/,
    ],
    ["32-bit x86", samplePe({ machine: 0x14c }), /^EXECUTABLE_UNSUPPORTED PE machine 0x14c/],
    ["an object file", samplePe({ flags: 0 }), /^EXECUTABLE_UNSUPPORTED the file is not linked/],
    ["PE32", samplePe({ optionalMagic: 0x10b }), /^EXECUTABLE_UNSUPPORTED only PE32\+/],
    ["few directories", samplePe({ directoryCount: 15 }), /^EXECUTABLE_UNSUPPORTED only PE files with 16/],
    ["countless directories", samplePe({ directoryCount: 2 ** 32 - 1 }), /^EXECUTABLE_UNSUPPORTED only PE/],
    ["a long header", samplePe({ optionalSize: 0xffff }), /^EXECUTABLE_UNSUPPORTED only PE files with 16/],
    ["no sections", samplePe({ sectionCount: 0 }), /^EXECUTABLE_UNSUPPORTED the file has 0 sections/],
    ["countless sections", samplePe({ sectionCount: 0xffff }), /^EXECUTABLE_UNSUPPORTED .* 65535 sections/],
    ["no alignment", samplePe({ fileAlignment: 0 }), /^EXECUTABLE_UNSUPPORTED sections are aligned/],
    ["an odd alignment", samplePe({ fileAlignment: 0x300 }), /^EXECUTABLE_UNSUPPORTED sections are aligned/],
    [
      "a tiny alignment",
      samplePe({ sectionAlignment: 0x200 }),
      /^EXECUTABLE_UNSUPPORTED sections are aligned/,
    ],
    ["a huge alignment", samplePe({ sectionAlignment: 2 ** 31 }), /^EXECUTABLE_MALFORMED section 0 is at/],
    ["headers of no size", samplePe({ headersSize: 0 }), /^EXECUTABLE_MALFORMED the headers cannot have 0/],
    ["headers past the end", samplePe({ headersSize: 2 ** 31 }), /^EXECUTABLE_MALFORMED the headers cannot/],
    ["a library", samplePe({ flags: 0x2022 }), /^EXECUTABLE_UNSUPPORTED only programs/],
  ])("%s", async (_, bytes, expected) => {
    expect(await use(bytes)).toMatch(expected);
  });
});

describe("refuses sections that cannot be", () => {
  test.each([
    ["outside the file", changedSection(2, { size: 0x8000 }), /section 2 is outside the file/],
    ["of 4 GiB", changedSection(2, { size: 0xfffffe00 }), /section 2 is outside the file/],
    ["far behind the file", changedSection(2, { offset: 0xfffffe00 }), /section 2 is outside the file/],
    ["that overlap", changedSection(2, { offset: 0x600 }), /section [12] overlaps/],
    ["that overlap the headers", changedSection(0, { offset: 0x200 }), /section 0 overlaps/],
    ["off their alignment", changedSection(2, { offset: 0x700, size: 0x100 }), /section 2 is not aligned/],
    ["with a gap", changedSection(2, { address: 0x4000 }), /section 2 is at address 0x4000, where 0x3000/],
    ["out of order", changedSection(1, { address: 0x4000 }), /section 1 is at address/],
    ["at the same address", changedSection(1, { address: 0x1000 }), /section 1 is at address/],
    ["of nothing", changedSection(1, { memorySize: 0, size: 0 }), /section 1 is empty/],
    ["of 4 GiB in memory", changedSection(1, { memorySize: 0xffffffff }), /section 1 ends above 2 GiB/],
  ])("%s", async (_, sections, expected) => {
    const outcome = await use(samplePe({}, sections));
    expect(outcome).toMatch(/^EXECUTABLE_MALFORMED/);
    expect(outcome).toMatch(expected);
  });

  test("too large for a tail", async () => {
    const sections = changedSection(2, { memorySize: 0x7ffe_0000 - 0x3000 });
    expect(await use(samplePe({}, sections))).toBe("ok");
    sections[2]!.memorySize += 0x1_1000;
    expect(await use(samplePe({ directories: { 2: [0, 0] } }, sections))).toMatch(/^EXECUTABLE/);
  });
});

describe("refuses resource trees that cannot be", () => {
  const high = 0x8000_0000;
  test.each([
    [
      "that are nowhere",
      samplePe({ directories: { 2: [0x9000, 16] } }),
      /MALFORMED .* nothing for address 0x9000/,
    ],
    ["that start at the end", samplePe({ directories: { 2: [0x21f8, 8] } }), /MALFORMED .* past its section/],
    ["with countless entries", changed([tree.root + 12, 0xffffffff]), /UNSUPPORTED .* more than 4096/],
    ["with entries past the end", changed([tree.root + 12, 0x0100]), /MALFORMED .* past its section/],
    ["that turn back to the root", changed([tree.languageTarget, high]), /UNSUPPORTED .* levels/],
    ["that are all root", changed([tree.firstTarget, high], [tree.firstTarget + 8, high]), /EXECUTABLE/],
    ["with a level too few", changed([tree.firstTarget, 0x80]), /UNSUPPORTED .* levels/],
    [
      "with a directory past the end",
      changed([tree.firstTarget, high + 0x7ffffff0]),
      /MALFORMED .* past its/,
    ],
    ["with a name past the end", changed([tree.firstName, high + 0x1ff]), /MALFORMED .* past its section/],
    [
      "with a name without letters",
      changed([tree.firstName, high + 0x1f0]),
      /MALFORMED .* name of 0 letters/,
    ],
    ["with a name of 64 KiB", changed([tree.text, 0xffff]), /MALFORMED .* name of 65535 letters/],
    ["with a language that is a name", changed([tree.languages + 16, high + 0xb0]), /MALFORMED the language/],
    ["with a language of 32 bits", changed([tree.languages + 16, 0x10000]), /MALFORMED the language/],
    ["with an entry past the end", changed([tree.languageTarget, 0x1f8]), /MALFORMED .* past its section/],
    [
      "with content of 4 GiB",
      changed([tree.dataEntry + 4, 0xffffffff]),
      /MALFORMED a resource of 4294967295/,
    ],
    ["with content nowhere", changed([tree.dataEntry, 0xfffffff0]), /MALFORMED .* nothing for address/],
    [
      "with the same name twice",
      changed([tree.firstName + 8, high + 0xb0], [tree.firstTarget + 8, high + 0x20]),
      /MALFORMED there are two resources/,
    ],
  ])("%s", async (_, bytes, expected) => {
    expect(await use(bytes)).toMatch(expected);
  });

  test("that are one directory many times", async () => {
    // 200 types, all of them with the same 200 names, each with the same 200 languages.
    const bytes = Buffer.concat([samplePe({}, sampleSections().slice(0, 1)), Buffer.alloc(0x8000)]);
    const sections = [
      sampleSections()[0]!,
      { name: ".rsrc", memorySize: 0x8000, address: 0x2000, size: 0x8000, offset: 0x600 },
    ];
    const file = samplePe({ directories: { 2: [0x2000, 0x8000], 5: [0, 0] } }, sections);
    const grown = Buffer.concat([file, Buffer.alloc(Math.max(0, bytes.length - file.length))]);
    for (const [level, start] of [0, 0x1000, 0x2000].entries()) {
      grown.writeUInt32LE(200 << 16, 0x600 + start + 12);
      for (let entry = 0; entry < 200; entry++) {
        grown.writeUInt32LE(entry, 0x600 + start + 16 + 8 * entry);
        grown.writeUInt32LE(level === 2 ? 0x3000 : high + start + 0x1000, 0x600 + start + 20 + 8 * entry);
      }
    }
    grown.writeUInt32LE(0x2000, 0x600 + 0x3000);
    const started = performance.now();
    expect(await use(grown)).toMatch(/UNSUPPORTED the file has more than 4096 resources/);
    expect(performance.now() - started).toBeLessThan(1000);
  });
});

describe("refuses certificate tables that cannot be", () => {
  const end = samplePe().length;
  const certificates = (size: number, fields: readonly number[], length = size, at = end): Buffer => {
    const behind = Buffer.alloc(length);
    for (const [index, value] of fields.entries()) behind.writeUInt32LE(value >>> 0, 4 * index);
    return samplePe({ directories: { 4: [at, size] }, behind });
  };
  test.each([
    ["of a byte", certificates(8, [8]), /^ok/],
    ["past the end", certificates(0x1000, [8], 16), /MALFORMED .* no certificate table can be/],
    ["of 4 GiB", certificates(0xffffffff, [8], 16), /MALFORMED .* no certificate table can be/],
    ["inside a section", certificates(16, [16], 16, 0x600), /MALFORMED .* no certificate table can be/],
    ["at an odd place", certificates(12, [12], 16, end + 4), /MALFORMED .* no certificate table can be/],
    ["that something follows", certificates(16, [16], 32), /UNSUPPORTED bytes follow/],
    ["cut short", certificates(4, [8]), /MALFORMED the certificate table is cut short/],
    ["with an entry of 0 bytes", certificates(16, [0]), /MALFORMED a certificate cannot have 0 bytes/],
    ["with an entry past the end", certificates(16, [17]), /MALFORMED a certificate cannot have 17 bytes/],
    ["with an entry of 4 GiB", certificates(16, [-1]), /MALFORMED a certificate cannot have 4294967295/],
    [
      "of countless entries",
      certificates(
        8 * 17,
        Array.from({ length: 34 }, (_, index) => (index % 2 ? 0 : 8)),
      ),
      /UNSUPPORTED .* more than 16/,
    ],
  ])("%s", async (_, bytes, expected) => {
    expect(await use(bytes)).toMatch(expected);
  });
});

describe("refuses debug directories that cannot be", () => {
  test.each([
    ["nowhere", samplePe({ directories: { 6: [0x9000, 28] } }), /MALFORMED .* nothing for address/],
    ["past the end", samplePe({ directories: { 6: [0x1170, 28] } }), /MALFORMED .* past its section/],
    ["of 4 GiB", samplePe({ directories: { 6: [0x1000, 0xffffffff] } }), /MALFORMED .* past its section/],
    ["of countless entries", bigDebugDirectory(), /UNSUPPORTED the debug directory has 924 bytes/],
    ["with content nowhere", changed([0x418, 0xffffff00]), /MALFORMED/],
    ["with a path without an end", changed([0x410, 25]), /MALFORMED the path .* does not end/],
  ])("%s", async (_, bytes, expected) => {
    expect(await use(bytes)).toMatch(expected);
  });
});

function bigDebugDirectory(): Buffer {
  const sections = [{ ...sampleSections()[0]!, memorySize: 0x1000, size: 0x1000 }];
  return samplePe({ directories: { 2: [0, 0], 5: [0, 0], 6: [0x1000, 33 * 28] } }, sections);
}

test("version information with wrong lengths is refused", async () => {
  const version = (...words: number[]) => {
    // The manifest becomes version information.
    const bytes = changed([tree.firstName + 8, 16], [0x694, 0x50]);
    bytes.fill(0, 0x710, 0x760);
    for (const [index, word] of words.entries()) bytes.writeUInt16LE(word, 0x710 + 2 * index);
    return use(bytes);
  };
  expect(await version()).toMatch(/MALFORMED the version information contradicts itself/);
  expect(await version(0x51)).toMatch(/MALFORMED the version information contradicts itself/);
  expect(await version(0xffff, 0xffff)).toMatch(/MALFORMED the version information contradicts itself/);
  expect(await version(0x50, 0xffff)).toMatch(/MALFORMED the version information has no numbers/);
  const cut = changed([tree.firstName + 8, 16], [0x694, 5]);
  expect(await use(cut)).toMatch(/MALFORMED the version information is cut short/);
});

test("a file cut short anywhere is refused", async () => {
  const whole = samplePe();
  for (let cut = 0; cut < whole.length; cut++) {
    const outcome = await use(whole.subarray(0, cut));
    expect([cut, outcome.split(" ")[0]]).toEqual([
      cut,
      cut < 2 || (cut >= 64 && cut < headerOffset + 4) ? "EXECUTABLE_UNRECOGNIZED" : "EXECUTABLE_MALFORMED",
    ]);
  }
});

test("a real runtime cut short anywhere is refused", async () => {
  const source = await openSource(await testRuntime("24.21.0", "win32-x64"));
  const whole = await source.read(0, 8192);
  const header = 0x78;
  const cuts = [1, 2, 63, 64, header, header + 4, header + 23, header + 24, header + 263, header + 264];
  for (const cut of [...cuts, header + 264 + 39, header + 264 + 400, 1023, 1024, 4096, 8192]) {
    const outcome = await use(whole.subarray(0, cut));
    expect(outcome, String(cut)).toMatch(/^EXECUTABLE_(MALFORMED|UNRECOGNIZED)/);
  }
});

test("any wrong byte gives a plan or a typed error", async () => {
  const random = numbers(1);
  const outcomes = new Map<string, number>();
  const places: readonly (readonly [start: number, length: number])[] = [
    [0x3c, 4],
    [headerOffset, 24 + 240 + 3 * 40],
    [0x400, 0x60],
    [tree.root, 0xd0],
  ];
  const fields: SamplePe[] = [
    {},
    {
      directories: { 4: [0xa00, 16] },
      behind: Buffer.from([16, 0, 0, 0, 0, 2, 2, 0, 1, 2, 3, 4, 5, 6, 7, 8]),
    },
  ];
  const originals = fields.map((field) => samplePe(field));
  for (let round = 0; round < 20_000; round++) {
    const bytes = Buffer.from(originals[round % 2]!);
    for (let change = random(4); change >= 0; change--) {
      const [start, length] = places[random(places.length)]!;
      bytes[start + random(length)] = random(2) ? random(256) : [0, 1, 0x7f, 0x80, 0xff][random(5)]!;
    }
    const outcome = (await use(bytes)).split(" ")[0]!;
    outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
  }
  expect([...outcomes.keys()].sort()).toEqual([
    "EXECUTABLE_MALFORMED",
    "EXECUTABLE_UNRECOGNIZED",
    "EXECUTABLE_UNSUPPORTED",
    "ok",
  ]);
});
