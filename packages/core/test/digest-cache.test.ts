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
  expect(cache.file(oldFile)?.sha256).toBe(sha256(await readFile(oldFile)));
  expect(cache.file(young)?.sha256).toBe(sha256("one"));
  await cache.save();
  const kept = await remembered();
  expect(Object.keys(kept)).toEqual([oldFile]);
  kept[oldFile].value = "remembered";
  await writeFile(memory, JSON.stringify(kept));
  expect(load().file(oldFile)?.sha256).toBe("remembered");
});

test("another stat means another hash", async () => {
  const cache = load();
  cache.file(oldFile);
  await cache.save();
  for (const field of ["size", "inode", "modified", "changed"]) {
    const kept = await remembered();
    kept[oldFile].value = "wrong";
    kept[oldFile].stat[field] = field === "size" ? 1 : "1";
    await writeFile(memory, JSON.stringify(kept));
    expect(load().file(oldFile)?.sha256, field).toBe(sha256(await readFile(oldFile)));
  }
});

test("a folder, a file of the past and what never was have no hash", async () => {
  const path = join(dir, "file");
  await writeFile(path, "x");
  const cache = load();
  expect(cache.file(path)?.sha256).toBe(sha256("x"));
  await rm(path);
  expect(cache.file(path)).toBeUndefined();
  await mkdir(path);
  expect(cache.file(path)).toBeUndefined();
  expect(cache.file(join(oldFile, "below"))).toBeUndefined();
});

test("files that nobody asks for any more are forgotten", async () => {
  const cache = load();
  cache.file(oldFile);
  await cache.save();
  const [entry] = Object.values(await remembered());
  const gone = Array.from({ length: 10 }, (_, index) => [join(dir, `gone-${index}`), entry]);
  await writeFile(memory, JSON.stringify(Object.fromEntries(gone)));
  const next = load();
  next.file(oldFile);
  await next.save();
  expect(Object.keys(await remembered())).toEqual([oldFile]);
});
