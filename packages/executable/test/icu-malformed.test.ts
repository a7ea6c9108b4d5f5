import { beforeAll, describe, expect, test } from "vitest";
import {
  type ByteSource,
  ExecutableError,
  findIcuData,
  fromBytes,
  icuLocales,
  reduceIcuData,
} from "../src/index.ts";
import { icuPackage } from "./icu-tools.ts";
import { numbers } from "./sample.ts";
import { counting } from "./tools.ts";

// A real package, as small as one gets.
let original: Uint8Array;
beforeAll(async () => {
  const { bytes } = await reduceIcuData(await icuPackage(), {
    locales: ["sr-Latn", "he"],
    encodings: ["gbk", "iso-2022-jp"],
    segmentation: [],
  });
  original = bytes;
});

/** Everything that is done with ICU data. Says how it ended. */
async function use(bytes: Uint8Array, source: ByteSource = fromBytes(bytes)): Promise<string> {
  const started = performance.now();
  try {
    const data = await findIcuData(source);
    const locales = await icuLocales(data);
    const { bytes: reduced } = await reduceIcuData(data, {
      locales: locales.filter((locale) => /^(sr|he|iw|sh)/.test(locale)),
    });
    expect(reduced.length).toBeLessThan(2 * bytes.length);
    return "ok";
  } catch (error) {
    if (!(error instanceof ExecutableError)) throw error;
    return `${error.code} ${error.message}`;
  } finally {
    expect(performance.now() - started).toBeLessThan(1000);
  }
}

function changed(change: (data: DataView, bytes: Uint8Array) => void): Uint8Array {
  const bytes = original.slice();
  change(new DataView(bytes.buffer), bytes);
  return bytes;
}

const table = 144;
const entry = (index: number) => table + 4 + 8 * index;

/** Where an item's own data start, behind its header. */
async function bundle(name: string): Promise<number> {
  const data = await findIcuData(fromBytes(original));
  const { offset } = data.items.find((item) => item.name === name)!;
  return offset + new DataView(original.buffer, original.byteOffset).getUint16(offset, true);
}

test("the package itself is fine", async () => {
  expect(await use(original)).toBe("ok");
});

describe("tables of contents that cannot be", () => {
  const set = (at: number, value: number) => () => changed((data) => data.setUint32(at, value, true));
  test.each<[string, () => Uint8Array, RegExp]>([
    ["no package", () => new Uint8Array(1000), /^EXECUTABLE_PATTERN_MISSING/],
    ["two packages", () => Buffer.concat([original, original]), /^EXECUTABLE_PATTERN_REPEATED/],
    ["a magic at the start", () => original.subarray(2), /^EXECUTABLE_MALFORMED .* lacks its first bytes/],
    [
      "a header of 65535 bytes",
      () => changed((data) => data.setUint16(0, 0xffff, true)),
      /^EXECUTABLE_MALFORMED .* header of 65535/,
    ],
    [
      "a header of 4 bytes",
      () => changed((data) => data.setUint16(0, 4, true)),
      /^EXECUTABLE_MALFORMED .* header of 4 bytes/,
    ],
    ["no items", set(table, 0), /^EXECUTABLE_MALFORMED .* has 0 items/],
    ["a huge count", set(table, 0xffffffff), /^EXECUTABLE_MALFORMED .* has 4294967295 items/],
    ["more items than there are", set(table, 20_000), /^EXECUTABLE_/],
    ["a name in front of the names", set(entry(3), 8), /^EXECUTABLE_MALFORMED .* has no name/],
    ["a name behind the names", set(entry(3), 0x7fffffff), /^EXECUTABLE_MALFORMED .* has no name/],
    [
      "the same name twice",
      () => changed((data) => data.setUint32(entry(3), data.getUint32(entry(2), true), true)),
      /^EXECUTABLE_MALFORMED .* not sorted/,
    ],
    ["data in front of the names", set(entry(0) + 4, 10), /^EXECUTABLE_MALFORMED .* not between/],
    ["data far behind the names", set(entry(0) + 4, 0x10000000), /^EXECUTABLE_MALFORMED .* not between/],
    [
      "items at the same place",
      () => changed((data) => data.setUint32(entry(3) + 4, data.getUint32(entry(2) + 4, true), true)),
      /^EXECUTABLE_MALFORMED .* overlap/,
    ],
    ["an item outside the file", set(entry(3) + 4, 0xfffffff0), /^EXECUTABLE_MALFORMED .* overlap/],
  ])("%s", async (_, bytes, expected) => {
    const made = bytes();
    const source = counting(fromBytes(made));
    expect(await use(made, source)).toMatch(expected);
    expect(source.bytes).toBeLessThan(made.length + 2 ** 21);
  });

  test("cut short anywhere", async () => {
    const { items } = await findIcuData(fromBytes(original));
    const ends = [
      1,
      17,
      20,
      100,
      145,
      148,
      200,
      20_000,
      50_000,
      ...items.slice(-3).map(({ offset }) => offset + 30),
    ];
    for (const end of [...ends, original.length - 1, original.length - 16])
      expect(await use(original.subarray(0, end)), String(end)).toMatch(
        /^EXECUTABLE_(MALFORMED|PATTERN_MISSING)/,
      );
  });
});

describe("resource bundles that cannot be", () => {
  test.each<[string, string, number, number]>([
    ["a root outside", "res_index.res", 0, 0x2fffffff],
    ["a table of keys outside", "res_index.res", 8, 0x7fffffff],
    ["a root that is a table of 16-bit units outside", "he.res", 0, 0x5fffffff],
    ["a 32-bit table with a huge count", "he.res", 0, 0x40000001],
    ["an array of itself", "he.res", 0, 0x80000000],
  ])("%s", async (_, name, at, value) => {
    const start = await bundle(name);
    const outcome = await use(changed((data) => data.setUint32(start + at, value, true)));
    expect(outcome).toMatch(/^(ok|EXECUTABLE_MALFORMED)/);
  });

  test("tables that overlap do not multiply the work", async () => {
    // A table of 8,000 words, all of which are tables at different places inside it.
    const start = await bundle("coll/root.res");
    const bytes = changed((data) => {
      const first = 16;
      data.setUint32(start, (4 << 28) + first, true);
      for (let word = first; word < first + 80_000; word++) data.setUint32(start + 4 * word, 40_000, true);
      for (let word = first + 1; word < first + 80_000; word++)
        data.setUint32(start + 4 * word, (8 << 28) + first + (word % 40_000), true);
      data.setUint32(start + 4 * first, 39_000, true);
    });
    expect(await use(bytes)).toMatch(/^(ok|EXECUTABLE_MALFORMED)/);
  });

  test("aliases and parents in circles end", async () => {
    const name = Buffer.from("sr_Latn", "utf16le");
    const self = Buffer.from("sh_YU\0\0", "utf16le");
    const bytes = changed((_, all) => {
      const view = Buffer.from(all.buffer, all.byteOffset, all.length);
      for (let at = view.indexOf(name); at >= 0; at = view.indexOf(name, at + 1)) view.set(self, at);
    });
    expect(await use(bytes)).toMatch(/^(ok|EXECUTABLE_MALFORMED)/);
  });
});

test("any wrong bytes give a package or a typed error", async () => {
  const { items } = await findIcuData(fromBytes(original));
  const places = items.filter(({ name }) =>
    /res_index|\b(he|iw|sr_Latn\w*|sh)\.res|pool|cnvalias|supplementalData|numberingSystems|brkitr\/root|\.cnv/.test(
      name,
    ),
  );
  const random = numbers(7);
  let errors = 0;
  for (let round = 0; round < 60; round++) {
    const bytes = changed((data) => {
      // Several at once, most of them in the first bytes, where the structure is.
      for (let change = 0; change < 20; change++) {
        const { offset, size } = places[random(places.length)]!;
        const at = offset + random(random(2) === 0 ? Math.min(size, 200) : size);
        data.setUint8(at, random(3) === 0 ? 0xff : random(256));
      }
    });
    if ((await use(bytes)) !== "ok") errors++;
  }
  expect(errors).toBeGreaterThan(10);
});
