import { expect, test } from "vitest";
import { coreAffects, coreFixedIn } from "../src/node/core-evaluate.ts";
import { isCoreIndex, readCoreIndex } from "../src/node/core-index.ts";
import { lastDayOf } from "../src/node/end-of-life.ts";
import { coreIndex } from "./advisories.ts";

const index = coreIndex();
const entries = readCoreIndex(index);

test("there are 171 entries, and each can be judged by", () => {
  expect(isCoreIndex(index)).toBe(true);
  expect(entries).toHaveLength(171);
});

/** The index as tables of numbers, without a library: lines in `vulnerable`, less what the line's patch and later ones have. */
function byTable(
  number: string,
  [major, minor, patch]: readonly [number, number, number],
): boolean | undefined {
  const { vulnerable, patched } = index[number]!;
  const lines = vulnerable.split("||").map((text) => /^\s*v?(\d+)\.x(?:\.x)?\s*$/.exec(text));
  const patches = patched.split("||").map((text) => /^\s*\^(\d+)\.(\d+)\.(\d+)\s*$/.exec(text));
  // Entries in other words are those of the table by hand.
  if (lines.includes(null) || patches.includes(null)) return undefined;
  if (!lines.some((line) => Number(line![1]) === major)) return false;
  return !patches.some((found) => {
    const [, patchMajor, patchMinor, patchPatch] = found!.map(Number) as [number, number, number, number];
    return patchMajor === major && (minor > patchMinor || (minor === patchMinor && patch >= patchPatch));
  });
}

/** The numbers that matter at a place of an entry's versions: its own, and those just around. */
function bounds(number: number, place: 2 | 3): readonly number[] {
  const versions = [...index[number]!.patched.matchAll(/\^(\d+)\.(\d+)\.(\d+)/g)];
  const own = versions.map((match) => Number(match[place])).flatMap((one) => [one - 1, one, one + 1]);
  return [...new Set([0, ...own, 99])].filter((one) => one >= 0);
}

const numbers = entries.map(({ number }) => number);
test.for(numbers)("entry %i, at every release line", (number) => {
  const entry = entries.find((one) => one.number === number)!;
  const wrong: string[] = [];
  for (let major = 4; major <= 27; major++)
    for (const minor of bounds(number, 2))
      for (const patch of bounds(number, 3)) {
        const version = `${major}.${minor}.${patch}`;
        const expected = byTable(String(number), [major, minor, patch]);
        if (expected !== undefined && coreAffects(entry, version, undefined) !== expected)
          wrong.push(version);
      }
  expect(wrong).toEqual([]);
});

test("nearly all entries are told by the table; the others are these", () => {
  const others = numbers.filter((number) => byTable(String(number), [8, 0, 0]) === undefined);
  expect(
    Object.fromEntries(others.map((number) => [number, [index[number]!.vulnerable, index[number]!.patched]])),
  ).toMatchInlineSnapshot(`
    {
      "24": [
        ">=6.0.0 <6.2.0 || 5.x || 4.x",
        "^4.4.6 || ^5.12.0",
      ],
      "26": [
        "5.x || 4.x",
        "^5.10.0 || 4.4.2",
      ],
      "42": [
        "8.5.0",
        "^8.6.0",
      ],
      "43": [
        "^4.8.2 || ^6.10.2  || 8.x",
        "^4.8.5 || ^6.11.5 || ^8.8.0",
      ],
      "51": [
        "9.7.x || 10.x",
        "^9.11.2 || ^10.4.1",
      ],
      "53": [
        "10.x",
        ">= 10.9.0",
      ],
      "54": [
        "<= 10",
        "^6.14.4 || ^8.11.4 || >= 10.9.0",
      ],
      "6": [
        "^7.1.0",
        "^7.2.0",
      ],
      "69": [
        " 12.x || 14.x || 15.x",
        " ^12.19.1 || ^14.15.1 || 15.2.1",
      ],
      "8": [
        "0.10.x || 0.12.x || 4.x",
        "^0.10.48 || ^0.12.17 || ^4.6.1",
      ],
    }
  `);
});

test("only where the platform is one that is affected", () => {
  const windows = entries.filter(({ platforms }) => platforms.includes("win32"));
  expect(windows).toHaveLength(9);
  for (const entry of windows) {
    const version = entry.vulnerable.includes("18") ? "18.0.0" : undefined;
    if (version) expect(coreAffects(entry, version, "linux")).toBe(false);
  }
  const affected = windows.filter((entry) => coreAffects(entry, "18.0.0", "win32"));
  expect(affected.length).toBeGreaterThan(2);
});

test("a release candidate of the mended version is not mended", () => {
  const entry = entries.find(({ number }) => number === 171)!;
  expect(coreAffects(entry, "22.22.2", "linux")).toBe(false);
  expect(coreAffects(entry, "22.22.2-rc.1", "linux")).toBe(true);
  expect(coreAffects(entry, "23.0.0", "linux")).toBe(false);
});

test("which version mends: of the same line, else of a later one", () => {
  const entry = entries.find(({ number }) => number === 171)!;
  expect(coreFixedIn(entry, "22.1.0")).toBe("22.22.2");
  expect(coreFixedIn({ ...entry, patched: "^22.1.0" }, "20.1.0")).toBe("22.1.0");
  expect(coreFixedIn({ ...entry, patched: "" }, "20.1.0")).toBeUndefined();
});

test.for([
  [{ "1": null }],
  [{ "1": { vulnerable: "8.x" }, "2": {} }],
  [{ "1": { vulnerable: "x".repeat(3000) } }],
  [{ "1": { vulnerable: "1 - 2 - 3" } }],
  [{ "1": { vulnerable: "8.x", patched: `^${"9".repeat(300)}` } }],
])("a malformed index is refused: %#", ([index]) => {
  expect(() => readCoreIndex(index as Record<string, unknown>)).toThrow("malformed");
});

test("the last day of a line", () => {
  expect(lastDayOf("20.19.0")).toBe("2026-04-30");
  expect(lastDayOf("v26.1.0")).toBe("2029-04-30");
  expect(lastDayOf("0.12.18")).toBe("2016-12-31");
  expect(lastDayOf("99.0.0")).toBeUndefined();
});
