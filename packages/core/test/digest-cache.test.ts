import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { DigestCache } from "../src/digest-cache.ts";
import { sha256 } from "../src/hash.ts";

// Not written for a while, so that its times tell when it is written again.
const oldFile = join(import.meta.dirname, "../package.json");

let dir: string;
let memory: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "sbp-digests-"));
  memory = join(dir, "digests.json");
});
afterEach(() => rm(dir, { recursive: true }));

const load = () => DigestCache.load(memory);
const remembered = async () => JSON.parse(await readFile(memory, "utf8"));

test("an old file is hashed once, a young one every time", async () => {
  const young = join(dir, "young");
  await writeFile(young, "one");
  const cache = load();
  expect(cache.sha256(oldFile)).toBe(sha256(await readFile(oldFile)));
  expect(cache.sha256(young)).toBe(sha256("one"));
  await cache.save();
  const kept = await remembered();
  expect(Object.keys(kept)).toEqual([oldFile]);
  kept[oldFile].value = "remembered";
  await writeFile(memory, JSON.stringify(kept));
  expect(load().sha256(oldFile)).toBe("remembered");
});

test("another stat means another hash", async () => {
  const cache = load();
  cache.sha256(oldFile);
  await cache.save();
  for (const field of ["size", "inode", "modified", "changed"]) {
    const kept = await remembered();
    kept[oldFile].value = "wrong";
    kept[oldFile].stat[field] = field === "size" ? 1 : "1";
    await writeFile(memory, JSON.stringify(kept));
    expect(load().sha256(oldFile), field).toBe(sha256(await readFile(oldFile)));
  }
});

test("a folder, a file of the past and what never was have no hash", async () => {
  const path = join(dir, "file");
  await writeFile(path, "x");
  const cache = load();
  expect(cache.sha256(path)).toBe(sha256("x"));
  await rm(path);
  expect(cache.sha256(path)).toBeUndefined();
  await mkdir(path);
  expect(cache.sha256(path)).toBeUndefined();
  expect(cache.file(path)).toBe("folder");
  expect(cache.sha256(join(oldFile, "below"))).toBeUndefined();
});

test("files that nobody asks for any more are forgotten", async () => {
  const cache = load();
  cache.sha256(oldFile);
  await cache.save();
  const [entry] = Object.values(await remembered());
  const gone = Array.from({ length: 10 }, (_, index) => [join(dir, `gone-${index}`), entry]);
  await writeFile(memory, JSON.stringify(Object.fromEntries(gone)));
  const next = load();
  next.sha256(oldFile);
  await next.save();
  expect(Object.keys(await remembered())).toEqual([oldFile]);
});
