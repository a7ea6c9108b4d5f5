import { describe, expect, test } from "vitest";
import {
  describeMacho,
  ExecutableError,
  fromBytes,
  parseMachoTemplate,
  planMachoTemplate,
  readMacho,
  readUniversal,
  universalSlice,
} from "../src/index.ts";
import { page, type Sample, sampleMacho, sampleParts } from "./macho-sample.ts";
import { machoRuntimes, place, testRuntime } from "./macho-tools.ts";
import { numbers } from "./sample.ts";
import { counting, openSource } from "./tools.ts";

/** Everything this package does with a file that it is given. Says how it ended: "ok", or the error's code and message. */
async function use(bytes: Uint8Array): Promise<string> {
  const source = counting(fromBytes(bytes));
  try {
    await readUniversal(source);
    const macho = await readMacho(await universalSlice(source, "arm64"));
    await describeMacho(macho);
    expect(source.bytes).toBeLessThan(64 * 1024);
    const { edit, template, linkedit } = await planMachoTemplate(macho, place);
    expect(edit.size).toBeLessThan(bytes.length);
    expect(linkedit.length).toBeLessThan(bytes.length);
    expect(parseMachoTemplate(template)).toEqual(template);
    return "ok";
  } catch (error) {
    if (!(error instanceof ExecutableError)) throw error;
    return `${error.code} ${error.message}`;
  } finally {
    expect(source.bytes).toBeLessThan(4 * bytes.length + 64 * 1024);
    expect(source.reads).toBeLessThan(300);
  }
}

/** The sample with 32-bit fields changed, each given by its place. */
function changed(...changes: ((sample: Sample) => readonly [at: number, value: number])[]): Buffer {
  const sample = sampleMacho();
  for (const change of changes) {
    const [at, value] = change(sample);
    sample.bytes.writeUInt32LE(value, at);
  }
  return sample.bytes;
}

/** A field of a load command. */
const field =
  (type: number, at: number, value: number, index = 0) =>
  (sample: Sample) =>
    [sample.command(type, index) + at, value] as const;
const header = (at: number, value: number) => () => [at, value] as const;

const segmentType = 0x19;
const [pageZero, text, data, linkedit] = [0, 1, 2, 3];

test("the sample itself is fine", async () => {
  expect(await use(sampleMacho().bytes)).toBe("ok");
});

describe("refuses what is no supported Mach-O file", () => {
  test.each([
    ["empty", Buffer.alloc(0), /^EXECUTABLE_UNRECOGNIZED/],
    ["text", Buffer.from("#!/bin/sh\n"), /^EXECUTABLE_UNRECOGNIZED/],
    ["zeros", Buffer.alloc(4096), /^EXECUTABLE_UNRECOGNIZED/],
    ["an ELF file", Buffer.from("\x7fELF".padEnd(64, "\0")), /^EXECUTABLE_UNRECOGNIZED/],
    ["32-bit", changed(header(0, 0xfeedface)), /^EXECUTABLE_UNSUPPORTED 32-bit/],
    ["big-endian", changed(header(0, 0xcffaedfe)), /^EXECUTABLE_UNSUPPORTED big-endian/],
    ["PowerPC", sampleMacho({ cpu: 0x01000012 }).bytes, /^EXECUTABLE_UNSUPPORTED .* CPU type 0x1000012/],
    ["arm64e", sampleMacho({ subtype: 0x80000002 }).bytes, /^EXECUTABLE_UNSUPPORTED .* arm64e/],
    ["an object file", sampleMacho({ type: 1 }).bytes, /^EXECUTABLE_UNSUPPORTED Mach-O type 1/],
    ["a core dump", sampleMacho({ type: 4 }).bytes, /^EXECUTABLE_UNSUPPORTED Mach-O type 4/],
    ["a Java class", Buffer.from("cafebabe00000041", "hex"), /^EXECUTABLE_UNSUPPORTED .* Java class/],
  ])("%s", async (_, bytes, expected) => {
    expect(await use(bytes)).toMatch(expected);
  });
});

describe("refuses load commands that cannot be:", () => {
  test.each([
    ["a huge count", changed(header(16, 0xffffffff)), /^EXECUTABLE_MALFORMED 4294967295 load commands/],
    ["one too many", changed(header(16, 16)), /^EXECUTABLE_MALFORMED load command 14 is past the end/],
    ["one too few", changed(header(16, 13)), /^EXECUTABLE_MALFORMED .* shorter than the header says/],
    ["a huge size", changed(header(20, 0xffffffff)), /^EXECUTABLE_UNSUPPORTED 4294967295 bytes/],
    ["a size past the end", changed(header(20, 0xfff0)), /^EXECUTABLE_MALFORMED .* cut short/],
    ["one of no size", changed(field(0x2, 4, 0)), /^EXECUTABLE_MALFORMED load command 5 has 0 bytes/],
    ["one of 4 bytes", changed(field(0x2, 4, 4)), /^EXECUTABLE_MALFORMED load command 5 has 4 bytes/],
    ["one of 12 bytes", changed(field(0x2, 4, 12)), /^EXECUTABLE_MALFORMED load command 5 has 12 bytes/],
    ["one of 8 bytes", changed(field(0x2, 4, 8)), /^EXECUTABLE_MALFORMED/],
    [
      "one that is too long",
      changed(field(0x2, 4, 0x7ffffff8)),
      /^EXECUTABLE_MALFORMED .* runs past the end/,
    ],
    ["text outside", changed(field(0xc, 8, 0x1000)), /^EXECUTABLE_MALFORMED the text of a load command/],
    ["text inside the fields", changed(field(0xc, 8, 0)), /^EXECUTABLE_MALFORMED the text of a load command/],
    [
      "a symbol table twice",
      sampleMacho({ extra: [{ type: 0x2, body: Buffer.alloc(16) }] }).bytes,
      /is there twice/,
    ],
  ])("%s", async (_, bytes, expected) => {
    expect(await use(bytes)).toMatch(expected);
  });
});

describe("refuses segments that cannot be:", () => {
  const segment = (index: number, at: number, value: number) => field(segmentType, at, value, index);
  const section = (at: number, value: number) => field(segmentType, 72 + at, value, text);
  test.each([
    [
      "outside the file",
      changed(segment(data, 48, page + 0x100000)),
      /^EXECUTABLE_MALFORMED .* outside the file/,
    ],
    [
      "offset beyond 2^53",
      changed(segment(data, 44, 0x200000)),
      /^EXECUTABLE_UNSUPPORTED a segment's offset/,
    ],
    ["negative offset", changed(segment(data, 44, 0xffffffff)), /^EXECUTABLE_UNSUPPORTED a segment's offset/],
    ["negative size", changed(segment(data, 52, 0xffffffff)), /^EXECUTABLE_UNSUPPORTED a segment's size/],
    ["larger in the file", changed(segment(data, 32, 0x100)), /^EXECUTABLE_MALFORMED .* larger in the file/],
    ["overlapping in the file", changed(segment(data, 40, page - 16)), /^EXECUTABLE_MALFORMED/],
    [
      "overlapping in memory",
      changed(segment(text, 32, 2 * page)),
      /^EXECUTABLE_MALFORMED .* overlap in memory/,
    ],
    [
      "overlapping the first",
      changed(segment(pageZero, 32, 1)),
      /^EXECUTABLE_MALFORMED .* overlap in memory/,
    ],
    [
      "above 2^47",
      changed(segment(linkedit, 28, 0x8000)),
      /^EXECUTABLE_MALFORMED .* above the address space/,
    ],
    ["many sections", changed(segment(text, 64, 0xffffffff)), /^EXECUTABLE_MALFORMED .* number of sections/],
    ["no sections", changed(segment(text, 64, 0)), /^EXECUTABLE_MALFORMED .* number of sections/],
    [
      "a section outside the file",
      changed(section(48, 2 * page)),
      /^EXECUTABLE_MALFORMED section __text is outside/,
    ],
    [
      "a section outside memory",
      changed(section(32, 0x5000)),
      /^EXECUTABLE_MALFORMED section __text is outside/,
    ],
    ["a section too long", changed(section(40, page)), /^EXECUTABLE_MALFORMED section __text is outside/],
    [
      "__LINKEDIT not last",
      changed(segment(pageZero, 36, 0), segment(linkedit, 24, 0x1000), segment(linkedit, 28, 0)),
      /not the last/,
    ],
    ["no __LINKEDIT", changed(segment(linkedit, 8, 0)), /^EXECUTABLE_MALFORMED .* points outside __LINKEDIT/],
  ])("%s", async (_, bytes, expected) => {
    expect(await use(bytes)).toMatch(expected);
  });
});

describe("refuses a __LINKEDIT that cannot be:", () => {
  test.each([
    ["billions of symbols", changed(field(0x2, 12, 0xffffffff)), /^EXECUTABLE_MALFORMED .* points outside/],
    ["a symbol table before it", changed(field(0x2, 8, 16)), /^EXECUTABLE_MALFORMED .* points outside/],
    ["strings after the end", changed(field(0x2, 20, 0x7fffffff)), /^EXECUTABLE_MALFORMED .* points outside/],
    [
      "fixups after the end",
      changed(field(0x80000034, 8, 0xffffffff)),
      /^EXECUTABLE_MALFORMED .* points outside/,
    ],
    [
      "symbols and strings in one place",
      changed((sample) => [sample.command(0x2) + 16, sample.parts.symbols]),
      /^EXECUTABLE_MALFORMED two load commands/,
    ],
    [
      "more after the signature",
      changed(
        (sample) => [sample.command(0x29) + 8, sample.parts.signature + 116],
        field(0x29, 12, 12),
        field(0x1d, 12, 116),
      ),
      /not the last of __LINKEDIT/,
    ],
  ])("%s", async (_, bytes, expected) => {
    expect(await use(bytes)).toMatch(expected);
  });
});

describe("refuses chained fixups that cannot be:", () => {
  const inFixups = (at: number, value: number) => changed((sample) => [sample.parts.fixups + at, value]);
  test.each([
    ["cut short", changed(field(0x80000034, 12, 24)), /^EXECUTABLE_MALFORMED .* cut short/],
    ["another version", inFixups(0, 1), /^EXECUTABLE_UNSUPPORTED chained fixups of version 1/],
    ["starts outside", inFixups(4, 0xfffffff0), /^EXECUTABLE_MALFORMED .* not in order/],
    ["starts inside the header", inFixups(4, 4), /^EXECUTABLE_MALFORMED .* not in order/],
    ["imports outside", inFixups(8, 0xffffffff), /^EXECUTABLE_MALFORMED .* not in order/],
    ["symbols outside", inFixups(12, 0xffffffff), /^EXECUTABLE_MALFORMED .* not in order/],
    ["many segments", inFixups(32, 0xffffffff), /^EXECUTABLE_MALFORMED .* another number of segments/],
    ["a segment's part outside", inFixups(32 + 4 + 8, 0xffff), /^EXECUTABLE_MALFORMED .* part outside/],
    ["in __LINKEDIT", inFixups(32 + 4 + 12, 24), /^EXECUTABLE_UNSUPPORTED the last segment has fixups/],
  ])("%s", async (_, bytes, expected) => {
    expect(await use(bytes)).toMatch(expected);
  });
});

describe("refuses code signatures that cannot be:", () => {
  const inSignature = (at: number, value: number) =>
    changed((sample) => {
      const swapped = Buffer.alloc(4);
      swapped.writeUInt32BE(value);
      return [sample.parts.signature + at, swapped.readUInt32LE()];
    });
  const directory = (at: number, value: number) => inSignature(20 + at, value);
  test.each([
    ["none", inSignature(0, 0), /^EXECUTABLE_MALFORMED the code signature is none/],
    ["cut short", changed(field(0x1d, 12, 11)), /^EXECUTABLE_MALFORMED .* cut short/],
    ["longer than its place", inSignature(4, 0xffffffff), /^EXECUTABLE_MALFORMED .* cut short/],
    [
      "billions of blobs",
      inSignature(8, 0xffffffff),
      /^EXECUTABLE_UNSUPPORTED a code signature of 4294967295/,
    ],
    ["no blobs", inSignature(8, 0), /^EXECUTABLE_MALFORMED .* no code directory/],
    ["a blob outside", inSignature(16, 0xffffffff), /^EXECUTABLE_MALFORMED a blob is outside/],
    ["a blob too long", directory(4, 0xffff), /^EXECUTABLE_MALFORMED a blob is outside/],
    ["a blob of no size", directory(4, 0), /^EXECUTABLE_MALFORMED a blob is outside/],
    [
      "no code directory in its slot",
      directory(0, 0xfade0c01),
      /^EXECUTABLE_MALFORMED the code directory is none/,
    ],
    ["billions of hashes", directory(28, 0xffffffff), /^EXECUTABLE_MALFORMED the hashes are outside/],
    ["billions of special hashes", directory(24, 0xffffffff), /^EXECUTABLE_UNSUPPORTED .* special slots/],
    ["special hashes before it", directory(24, 4), /^EXECUTABLE_MALFORMED the hashes are outside/],
    ["hashes outside", directory(16, 0xffffff00), /^EXECUTABLE_MALFORMED the hashes are outside/],
    ["a name outside", directory(20, 0xffff), /^EXECUTABLE_MALFORMED a name is outside/],
    ["a team outside", directory(48, 0xffff), /^EXECUTABLE_MALFORMED a name is outside/],
    ["pages of 2^200 bytes", directory(36, 0x200200c8), /^EXECUTABLE_MALFORMED pages of 2\^200/],
  ])("%s", async (_, bytes, expected) => {
    expect(await use(bytes)).toMatch(expected);
  });

  test("a name that does not end", async () => {
    const { signature } = sampleParts();
    signature.fill(0x61, 20 + 88);
    expect(await use(sampleMacho({ parts: { signature } }).bytes)).toMatch(
      /^EXECUTABLE_MALFORMED .* does not end/,
    );
  });
});

describe("refuses universal files that cannot be:", () => {
  const universal = (count: number, ...slices: (readonly number[])[]) => {
    const bytes = Buffer.alloc(4096);
    for (const [index, value] of [0xcafebabe, count, ...slices.flat()].entries())
      bytes.writeUInt32BE(value, 4 * index);
    return bytes;
  };
  const arm64 = 0x0100000c;
  test.each([
    ["billions of slices", universal(0xffffffff), /^EXECUTABLE_UNSUPPORTED .* 4294967295 slices/],
    ["33 slices", universal(33), /^EXECUTABLE_UNSUPPORTED .* 33 slices/],
    ["more than fit", universal(32).subarray(0, 100), /^EXECUTABLE_MALFORMED .* too few/],
    ["none", universal(0), /^EXECUTABLE_UNSUPPORTED this is a universal file/],
    ["a slice outside", universal(1, [arm64, 0, 4096, 1, 0]), /^EXECUTABLE_MALFORMED slice 0 is outside/],
    [
      "a slice too long",
      universal(1, [arm64, 0, 64, 0xffffffff, 0]),
      /^EXECUTABLE_MALFORMED slice 0 is outside/,
    ],
    [
      "the header as a slice",
      universal(1, [arm64, 0, 0, 4096, 0]),
      /^EXECUTABLE_MALFORMED slice 0 is outside/,
    ],
    [
      "overlapping slices",
      universal(2, [arm64, 0, 64, 100, 0], [0x01000007, 3, 163, 100, 0]),
      /^EXECUTABLE_MALFORMED slice 1 overlaps/,
    ],
    ["an empty slice", universal(1, [arm64, 0, 64, 0, 0]), /^EXECUTABLE_UNRECOGNIZED/],
    [
      "other architectures",
      universal(1, [7, 3, 64, 100, 0]),
      /^EXECUTABLE_UNSUPPORTED .* no slice for arm64/,
    ],
  ])("%s", async (_, bytes, expected) => {
    expect(await use(bytes)).toMatch(expected);
  });

  test("one inside another", async () => {
    const outer = universal(1, [arm64, 0, 2048, 2048, 0]);
    universal(1, [arm64, 0, 64, 100, 0]).copy(outer, 2048, 0, 2048);
    expect(await use(outer)).toMatch(/^EXECUTABLE_UNSUPPORTED this is a universal file/);
  });

  test("64-bit places beyond 2^53", async () => {
    const bytes = universal(1, [arm64, 0, 0x80000000, 0, 0, 100, 14, 0]);
    bytes.writeUInt32BE(0xcafebabf, 0);
    expect(await use(bytes)).toMatch(/^EXECUTABLE_UNSUPPORTED .* 0x8000000000000000/);
  });
});

test("the sample cut short anywhere is refused", async () => {
  const { bytes } = sampleMacho();
  const boundaries = [...Array(32 + bytes.readUInt32LE(20) + 9).keys(), page, 2 * page];
  for (let at = 2 * page; at < bytes.length; at++) boundaries.push(at);
  for (const cut of boundaries)
    expect(await use(bytes.subarray(0, cut)), `at ${cut}`).toMatch(/^EXECUTABLE_/);
});

test.each(
  machoRuntimes,
)("node $version $target cut short at any header boundary is refused", async (runtime) => {
  const source = await openSource(await testRuntime(runtime.version, runtime.target));
  const { commands } = await readMacho(source);
  const whole = await source.read(0, 16 * 1024);
  const boundaries = commands.flatMap(({ offset, bytes }) => [offset, offset + 8, offset + bytes.length]);
  for (const boundary of [0, 4, 32, ...boundaries, 8192]) {
    for (const cut of [boundary - 1, boundary, boundary + 1].filter((at) => at >= 0)) {
      const outcome = await use(whole.subarray(0, cut));
      expect(outcome, `at ${cut}`).toMatch(cut < 4 ? /^EXECUTABLE_UNRECOGNIZED/ : /^EXECUTABLE_MALFORMED/);
    }
  }
});

test("any wrong byte gives a plan or a typed error", async () => {
  const random = numbers(1);
  const outcomes = new Map<string, number>();
  const { bytes: original } = sampleMacho();
  const commandsEnd = 32 + original.readUInt32LE(20);
  for (let round = 0; round < 5_000; round++) {
    const bytes = Buffer.from(original);
    for (let change = random(4); change >= 0; change--) {
      const at = random(2) ? random(commandsEnd) : 2 * page + random(bytes.length - 2 * page);
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
