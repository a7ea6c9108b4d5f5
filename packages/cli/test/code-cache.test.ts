import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { Script } from "node:vm";
import { expect, test } from "vitest";
import { noCodeCache, readCodeCache, wantsToLearn, writeCodeCache } from "../src/code-cache.ts";
import { folder } from "./sbp.ts";

const source = `({ one() { return [1].map((x) => x + 1); }, two() { return "two".repeat(2); } })`;
/** A script that has run one of its functions, and the file that its code cache belongs into. */
async function example() {
  const file = join(await folder(), "code-cache", "1-v24-x64", "build");
  const script = new Script(source);
  script.runInThisContext().one();
  return { file, scripts: new Map([["numbers", script.createCachedData()]]) };
}

test("what was written is read, and V8 takes it", async () => {
  const { file, scripts } = await example();
  writeCodeCache(file, scripts, noCodeCache, "a");
  const cache = readCodeCache(file);
  expect(cache.runs).toEqual({ a: 1 });
  expect(cache.scripts).toEqual(scripts);
  expect(new Script(source, { cachedData: cache.scripts.get("numbers") }).cachedDataRejected).toBe(false);
});

test("scripts that a run did not load are kept, wherever V8 can read them in place", async () => {
  const { file, scripts } = await example();
  writeCodeCache(file, scripts, noCodeCache, "ö");
  for (const key of ["a", "bb", "ccc"])
    writeCodeCache(file, new Map([[key, Buffer.from(key)]]), readCodeCache(file), "another");
  const cache = readCodeCache(file);
  expect([...cache.scripts.keys()]).toEqual(["numbers", "a", "bb", "ccc"]);
  expect(cache.scripts.get("bb")).toEqual(Buffer.from("bb"));
  for (const data of cache.scripts.values()) expect(data.byteOffset % 8).toBe(0);
});

test("a file with any damage is no cache", async () => {
  const { file, scripts } = await example();
  writeCodeCache(file, scripts, noCodeCache, "a");
  const whole = readFileSync(file);
  for (const length of [0, 31, 39, 40, whole.length - 1]) {
    writeFileSync(file, whole.subarray(0, length));
    expect(readCodeCache(file)).toEqual(noCodeCache);
  }
  for (const place of [0, 32, 40, whole.length >> 1, whole.length - 1]) {
    const damaged = Buffer.from(whole);
    damaged[place]! ^= 1;
    writeFileSync(file, damaged);
    expect(readCodeCache(file)).toEqual(noCodeCache);
  }
});

test("three runs of each occasion teach", async () => {
  const { file, scripts } = await example();
  expect(wantsToLearn(readCodeCache(file), "a", 100)).toBe(true);
  for (let run = 0; run < 3; run++) {
    const cache = readCodeCache(file);
    expect(wantsToLearn(cache, "a", 100)).toBe(true);
    writeCodeCache(file, scripts, cache, "a");
  }
  expect(wantsToLearn(readCodeCache(file), "a", 100)).toBe(false);
  expect(wantsToLearn(readCodeCache(file), "b", 100)).toBe(true);
});

test("a long run does not teach", async () => {
  expect(wantsToLearn(noCodeCache, "a", 2001)).toBe(false);
  expect(wantsToLearn(noCodeCache, "a", 2000)).toBe(true);
});

test("occasions without end do not make the file longer without end", async () => {
  const { file, scripts } = await example();
  for (let run = 0; run < 100; run++) {
    const cache = readCodeCache(file);
    if (wantsToLearn(cache, `${run}`, 100)) writeCodeCache(file, scripts, cache, `${run}`);
  }
  expect(Object.keys(readCodeCache(file).runs)).toHaveLength(32);
});

test("where nothing can be written there is no cache, and nothing is left", async () => {
  const { file, scripts } = await example();
  writeFileSync(dirname(dirname(file)), "a file in the folder's place");
  writeCodeCache(file, scripts, noCodeCache, "a");
  expect(readCodeCache(file)).toEqual(noCodeCache);
  expect(readdirSync(dirname(dirname(dirname(file))))).toEqual(["code-cache"]);
});
