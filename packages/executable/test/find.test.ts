import { expect, test } from "vitest";
import { findUnique, fromBytes } from "../src/index.ts";
import { counting } from "./tools.ts";

const chunk = 1024 * 1024;
const pattern = Buffer.from("needle");

function haystack(size: number, ...offsets: number[]): Uint8Array {
  const bytes = new Uint8Array(size);
  for (const offset of offsets) bytes.set(pattern, offset);
  return bytes;
}

test("finds the only occurrence, wherever the chunks end", async () => {
  const size = 3 * chunk;
  const offsets = [0, 17, size - pattern.length];
  for (let distance = -7; distance <= 1; distance++) offsets.push(chunk + distance, 2 * chunk + distance);
  for (const offset of offsets)
    expect(await findUnique(fromBytes(haystack(size, offset)), pattern)).toBe(offset);
});

test("reads every byte about once, a megabyte at a time", async () => {
  const source = counting(fromBytes(haystack(8 * chunk, 5)));
  await findUnique(source, pattern);
  expect(source.reads).toBeLessThan(12);
  expect(source.bytes).toBeLessThan(8.01 * chunk);
});

test("refuses none and several", async () => {
  await expect(findUnique(fromBytes(haystack(100)), pattern)).rejects.toMatchObject({
    code: "EXECUTABLE_PATTERN_MISSING",
    message: '"needle" is not there',
  });
  await expect(findUnique(fromBytes(haystack(3 * chunk, 5, 2 * chunk - 3)), pattern)).rejects.toMatchObject({
    code: "EXECUTABLE_PATTERN_REPEATED",
    offset: 2 * chunk - 3,
  });
  await expect(findUnique(fromBytes(Buffer.from("aaa")), Buffer.from("aa"))).rejects.toMatchObject({
    code: "EXECUTABLE_PATTERN_REPEATED",
  });
  await expect(findUnique(fromBytes(new Uint8Array()), pattern)).rejects.toMatchObject({
    code: "EXECUTABLE_PATTERN_MISSING",
  });
});

test("looks only into the given ranges, which may overlap", async () => {
  const source = fromBytes(haystack(1000, 100, 500));
  expect(await findUnique(source, pattern, [{ offset: 0, size: 400 }])).toBe(100);
  expect(
    await findUnique(source, pattern, [
      { offset: 450, size: 100 },
      { offset: 400, size: 300 },
    ]),
  ).toBe(500);
  await expect(findUnique(source, pattern, [{ offset: 100, size: 5 }])).rejects.toMatchObject({
    code: "EXECUTABLE_PATTERN_MISSING",
  });
  await expect(findUnique(source, pattern, [{ offset: 900, size: 101 }])).rejects.toMatchObject({
    code: "EXECUTABLE_MALFORMED",
  });
});

test("refuses patterns that cannot be meant", async () => {
  await expect(findUnique(fromBytes(pattern), new Uint8Array())).rejects.toThrow(RangeError);
  await expect(findUnique(fromBytes(pattern), new Uint8Array(70_000))).rejects.toThrow(RangeError);
});
