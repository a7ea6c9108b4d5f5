import { describe, expect, test } from "vitest";
import { testRuntime } from "../../../tools/test-runtimes.ts";
import {
  describeElf,
  ExecutableError,
  fromBytes,
  parseElfTemplate,
  planElfStrip,
  planElfTemplate,
  readElf,
} from "../src/index.ts";
import { base, changedSegment, numbers, page, sample, sampleSegments } from "./sample.ts";
import { counting, openSource, run, temporaryFolder } from "./tools.ts";

/** Everything this package does with a file that it is given. Says how it ended: "ok", or the error's code and message. */
async function use(bytes: Uint8Array): Promise<string> {
  const source = counting(fromBytes(bytes));
  try {
    const elf = await readElf(source);
    await describeElf(elf);
    const { edit, template } = planElfTemplate(elf, { noteName: "PAYLOAD" });
    expect(edit.size).toBeLessThan(bytes.length + 2 ** 29);
    expect(parseElfTemplate(template)).toEqual(template);
    planElfStrip(elf);
    return "ok";
  } catch (error) {
    if (!(error instanceof ExecutableError)) throw error;
    return `${error.code} ${error.message}`;
  } finally {
    expect(source.bytes).toBeLessThan(64 * 1024);
    expect(source.reads).toBeLessThan(300);
  }
}

test("the sample itself is fine", async () => {
  expect(await use(sample())).toBe("ok");
});

describe("refuses what is no supported ELF file", () => {
  test.each([
    ["empty", new Uint8Array(), /^EXECUTABLE_UNRECOGNIZED/],
    ["text", Buffer.from("#!/bin/sh\n"), /^EXECUTABLE_UNRECOGNIZED/],
    ["zeros", new Uint8Array(4096), /^EXECUTABLE_UNRECOGNIZED/],
    ["a PE file", sample({ magic: "MZ\0\0" }), /^EXECUTABLE_UNRECOGNIZED/],
    ["32-bit", sample({ class: 1 }), /^EXECUTABLE_UNSUPPORTED only 64-bit/],
    ["big-endian", sample({ encoding: 2 }), /^EXECUTABLE_UNSUPPORTED only little/],
    ["version 0", sample({ version: 0 }), /^EXECUTABLE_MALFORMED unknown ELF version/],
    ["FreeBSD", sample({ system: 9 }), /^EXECUTABLE_UNSUPPORTED .* operating system 9/],
    ["an object file", sample({ type: 1 }), /^EXECUTABLE_UNSUPPORTED ELF type 1/],
    ["a core dump", sample({ type: 4 }), /^EXECUTABLE_UNSUPPORTED ELF type 4/],
    ["RISC-V", sample({ machine: 243 }), /^EXECUTABLE_UNSUPPORTED ELF machine 243/],
    ["a PIE", sample({ type: 3 }), /^EXECUTABLE_UNSUPPORTED position-independent/],
  ])("%s", async (_, bytes, expected) => {
    expect(await use(bytes)).toMatch(expected);
  });
});

describe("refuses program headers that cannot be", () => {
  const big = 2n ** 63n;
  test.each([
    ["a huge count", sample({ programHeaderCount: 0xffff }), /^EXECUTABLE_UNSUPPORTED 65535 program headers/],
    [
      "a count past the end",
      sample({ programHeaderOffset: 3 * page - 64 }),
      /^EXECUTABLE_MALFORMED .* too few/,
    ],
    ["an offset outside", sample({ programHeaderOffset: 1 << 30 }), /^EXECUTABLE_MALFORMED .* too few/],
    [
      "an offset above 2^53",
      sample({ programHeaderOffset: big }),
      /^EXECUTABLE_UNSUPPORTED .* offset is 0x8000000000000000/,
    ],
    [
      "an offset inside the ELF header",
      sample({ programHeaderOffset: 8 }),
      /^EXECUTABLE_MALFORMED .* overlap the ELF header/,
    ],
    ["entries of a wrong size", sample({ programHeaderSize: 32 }), /^EXECUTABLE_MALFORMED .* wrong size/],
    ["none", sample({ programHeaderCount: 0 }, []), /^EXECUTABLE_UNSUPPORTED .* no segment to load/],
    [
      "nothing to load",
      sample(
        {},
        sampleSegments().filter(({ type }) => type !== 1),
      ),
      /^EXECUTABLE_UNSUPPORTED .* no segment to load/,
    ],
  ])("%s", async (_, bytes, expected) => {
    expect(await use(bytes)).toMatch(expected);
  });

  test.each([
    [
      "outside the file",
      changedSegment(2, { fileSize: page + 1 }),
      /^EXECUTABLE_MALFORMED program header 2 .* outside/,
    ],
    [
      "offset and size beyond 2^53",
      changedSegment(2, { offset: 2n ** 53n - 4096n }),
      /^EXECUTABLE_MALFORMED program header 2 .* outside/,
    ],
    [
      "offset and size that overflow 64 bits",
      changedSegment(2, { offset: 2n ** 64n - 4096n, fileSize: 8192 }),
      /^EXECUTABLE_UNSUPPORTED .* 0xfffffffffffff000/,
    ],
    [
      "more in the file than in memory",
      changedSegment(2, { memorySize: page - 1 }),
      /^EXECUTABLE_MALFORMED .* larger in the file/,
    ],
    [
      "address above 2^47",
      changedSegment(2, { address: 2n ** 47n }),
      /^EXECUTABLE_MALFORMED .* above the address space/,
    ],
    [
      "close below 2^47",
      changedSegment(2, { address: 2n ** 47n - 8192n }),
      /^EXECUTABLE_UNSUPPORTED there is no room above/,
    ],
    [
      "a huge .bss",
      changedSegment(2, { memorySize: 2n ** 40n }),
      /^EXECUTABLE_UNSUPPORTED .* bytes of zeros/,
    ],
    [
      "a .bss of 300 MB",
      changedSegment(2, { memorySize: 300_000_000 }),
      /^EXECUTABLE_UNSUPPORTED .* bytes of zeros/,
    ],
    [
      "alignment no power of two",
      changedSegment(2, { alignment: 0x1800 }),
      /^EXECUTABLE_MALFORMED .* alignment 6144/,
    ],
    [
      "address against alignment",
      changedSegment(2, { address: base + 3 * page + 8 }),
      /^EXECUTABLE_MALFORMED .* do not fit its alignment/,
    ],
    ["overlapping", changedSegment(2, { address: base + page }), /^EXECUTABLE_MALFORMED .* overlaps/],
    [
      "out of order",
      changedSegment(1, { address: base + 16 * page }),
      /^EXECUTABLE_MALFORMED .* out of order/,
    ],
    [
      "sharing a page",
      [
        ...changedSegment(1, { fileSize: 100, memorySize: 100 }).slice(0, 2),
        { type: 1, offset: 2 * page + 200, address: base + 200, fileSize: 100, alignment: page },
      ],
      /^EXECUTABLE_UNSUPPORTED two segments share the page at 0x400000/,
    ],
    [
      "at addresses that 64K pages cannot have",
      sampleSegments().map((segment) => ({ ...segment, address: Number(segment.address) + page })),
      /^EXECUTABLE_UNSUPPORTED .* no multiple of 64 KiB/,
    ],
    [
      "too many for two more",
      [...sampleSegments(), ...Array.from({ length: 68 }, () => sampleSegments()[0]!)],
      /^EXECUTABLE_UNSUPPORTED 72 program headers leave no room/,
    ],
  ])("segments %s", async (_, segments, expected) => {
    expect(await use(sample({}, segments))).toMatch(expected);
  });
});

describe("refuses notes that cannot be", () => {
  const note = (...fields: number[]) => {
    const bytes = sample();
    const data = new DataView(bytes.buffer);
    for (const [index, value] of fields.entries()) data.setUint32(page + 4 * index, value, true);
    return bytes;
  };
  test.each([
    ["a name past the end", note(200, 0, 1), /^EXECUTABLE_MALFORMED .* past the end/],
    ["a huge name", note(0xffffffff, 0, 1), /^EXECUTABLE_MALFORMED .* name of 4294967295/],
    ["a huge content", note(4, 0xffffffff, 1), /^EXECUTABLE_MALFORMED .* past the end/],
    ["one byte too many", note(4, 21, 1), /^EXECUTABLE_MALFORMED .* past the end/],
    [
      "thousands",
      sample({}, changedSegment(3, { offset: 2 * page, fileSize: page })),
      /^EXECUTABLE_UNSUPPORTED .* more than 64 notes/,
    ],
  ])("%s", async (_, bytes, expected) => {
    expect(await use(bytes)).toMatch(expected);
  });

  test("but a segment may end with less than a note", async () => {
    expect(await use(sample({}, changedSegment(3, { fileSize: 47 })))).toBe("ok");
  });
});

describe("a section table that cannot be understood", () => {
  test.each([
    ["outside the file", { sectionHeaderOffset: 1 << 30, sectionHeaderCount: 4 }],
    ["with a huge count", { sectionHeaderOffset: 64, sectionHeaderCount: 0xffff }],
    ["with a hidden count", { sectionHeaderOffset: 64, sectionHeaderCount: 0 }],
    ["of zeros", { sectionHeaderOffset: 2 * page, sectionHeaderCount: 4 }],
  ])("%s does not stop reading, but stripping", async (_, header) => {
    const elf = await readElf(fromBytes(sample(header)));
    expect(elf.sections).toBeUndefined();
    expect(() => planElfStrip(elf)).toThrow(/section table/);
  });
});

test("dynamic sections with wrong contents are refused", async () => {
  const dynamic = (...entries: (readonly [number, number])[]) => {
    const bytes = sample({}, [
      ...sampleSegments(),
      { type: 2, offset: 2 * page, address: base + 3 * page, fileSize: 16 * 16 },
    ]);
    const data = new DataView(bytes.buffer);
    for (const [index, [tag, value]] of entries.entries()) {
      data.setBigUint64(2 * page + 16 * index, BigInt(tag), true);
      data.setBigUint64(2 * page + 16 * index + 8, BigInt(value), true);
    }
    return bytes;
  };
  expect(await use(dynamic([1, 0], [5, base + page + 12]))).toBe("ok");
  expect(await use(dynamic([1, 0]))).toMatch(/^EXECUTABLE_MALFORMED/);
  expect(await use(dynamic([1, 0], [5, 1]))).toMatch(/^EXECUTABLE_MALFORMED/);
  expect(await use(dynamic([1, 2 ** 52], [5, base]))).toMatch(/^EXECUTABLE_MALFORMED/);
  expect(await use(dynamic([1, -1], [5, base]))).toMatch(/^EXECUTABLE_UNSUPPORTED/);
  // A name that does not end: 20 bytes of 0xab, then more of them.
  const endless = dynamic([1, 16], [5, base + page]);
  endless.fill(0xab, page + 16, 2 * page);
  expect(await use(endless)).toMatch(/^EXECUTABLE_MALFORMED/);
});

test("a real runtime cut short anywhere is refused", async () => {
  const source = await openSource(await testRuntime("24.21.0", "linux-x64"));
  const whole = await source.read(0, 8192);
  const cuts = [1, 3, 4, 5, 15, 16, 63, 64, 65, 119, 120, 121, 64 + 14 * 56 - 1, 64 + 14 * 56, 4096, 8192];
  for (const cut of cuts) {
    const code = await use(whole.subarray(0, cut));
    expect([cut, code.split(" ")[0]]).toEqual([
      cut,
      cut < 4 ? "EXECUTABLE_UNRECOGNIZED" : "EXECUTABLE_MALFORMED",
    ]);
  }
});

test("any wrong byte gives a plan or a typed error", async () => {
  const random = numbers(1);
  const outcomes = new Map<string, number>();
  for (let round = 0; round < 20_000; round++) {
    const bytes = sample({ sectionHeaderOffset: round % 2 ? 64 : 0, sectionHeaderCount: round % 2 ? 2 : 0 });
    for (let change = random(4); change >= 0; change--) {
      const at = random(2) ? random(64 + 4 * 56) : page + random(48);
      bytes[at] = random(2) ? random(256) : [0, 1, 0x7f, 0x80, 0xff][random(5)]!;
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

test("a shared library and a PIE from a compiler are read, but are no templates", async () => {
  const folder = await temporaryFolder();
  await run("gcc", ["-x", "c", "-shared", "-fPIC", "-o", `${folder}/library.so`, "/dev/null"]);
  for (const path of [`${folder}/library.so`, "/bin/ls"]) {
    const elf = await readElf(await openSource(path));
    expect(() => planElfTemplate(elf, { noteName: "PAYLOAD" })).toThrow(/position-independent/);
  }
});
