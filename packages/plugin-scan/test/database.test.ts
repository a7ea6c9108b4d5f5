import { cp, mkdir, mkdtemp, open, readdir, readFile, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { afterAll, expect, test } from "vitest";
import { ZipFile } from "yazl";
import { openDatabase } from "../src/database/open.ts";
import { advisoriesFolder } from "./advisories.ts";

const folder = await mkdtemp(join(tmpdir(), "sbp-scan-test-"));
afterAll(() => rm(folder, { recursive: true }));
let count = 0;
const place = async () => {
  const path = join(folder, String(count++));
  await mkdir(path);
  return path;
};

const record = (id: string, name = "left-pad", modified = "2024-01-01T00:00:00Z") => ({
  id,
  modified,
  affected: [
    { package: { ecosystem: "npm", name }, ranges: [{ type: "SEMVER", events: [{ introduced: "0" }] }] },
  ],
});

async function zipOf(files: Readonly<Record<string, string | Buffer>>): Promise<Buffer> {
  const zip = new ZipFile();
  for (const [name, content] of Object.entries(files)) zip.addBuffer(Buffer.from(content), name);
  zip.end();
  return buffer(zip.outputStream as never);
}

const code = async (opened: Promise<unknown>) =>
  opened.then(
    () => "opened",
    (error: { code: string; message: string }) => `${error.code} ${error.message}`,
  );

/** The real records as OSV hands them out: `npm/all.zip`. */
async function realZip(): Promise<string> {
  const dir = await place();
  const names = await readdir(`${advisoriesFolder}osv/npm`);
  const files = await Promise.all(
    names.map(async (name) => [name, await readFile(`${advisoriesFolder}osv/npm/${name}`)] as const),
  );
  await mkdir(join(dir, "npm"));
  await writeFile(join(dir, "npm", "all.zip"), await zipOf(Object.fromEntries(files)));
  return dir;
}

test("a folder of records, with Node's index in it", async () => {
  const database = await openDatabase(advisoriesFolder, undefined);
  expect(database).toMatchObject({ records: 39, date: "2026-06-01T12:40:59Z" });
  expect(database.core).toHaveLength(171);
  expect(
    database
      .advisoriesOf("lodash")
      .map(({ id }) => id)
      .sort(),
  ).toEqual(["GHSA-29mw-wpgm-hmr9", "GHSA-35jh-r3h4-6jhm", "GHSA-p6mc-m468-83gw"]);
  expect(database.advisoriesOf("puppeteer")).toEqual([]);
  expect(database.advisoriesOf("constructor")).toEqual([]);
});

test("a zip says what the folder says, from the cache as well", async () => {
  const zip = join(await realZip(), "npm", "all.zip");
  const cache = await place();
  const plain = await openDatabase(advisoriesFolder, undefined);
  for (const opened of [
    await openDatabase(zip, undefined),
    await openDatabase(zip, cache),
    await openDatabase(zip, cache),
  ]) {
    expect(opened.records).toBe(39);
    for (const name of ["lodash", "@babel/traverse", "qs", "nothing"])
      expect(opened.advisoriesOf(name)).toEqual(plain.advisoriesOf(name));
    opened.close();
  }
});

test("the cache follows a record that is changed, added or removed", async () => {
  const [dir, cache] = [await place(), await place()];
  const names = async () => {
    const database = await openDatabase(dir, cache);
    const found = database.advisoriesOf("left-pad").map(({ id }) => id);
    database.close();
    return found;
  };
  await writeFile(join(dir, "a.json"), JSON.stringify(record("A-1")));
  expect(await names()).toEqual(["A-1"]);
  await writeFile(join(dir, "a.json"), JSON.stringify(record("A-2")));
  expect(await names()).toEqual(["A-2"]);
  await writeFile(join(dir, "b.json"), JSON.stringify(record("B-1")));
  expect(await names()).toEqual(["A-2", "B-1"]);
  await rm(join(dir, "a.json"));
  expect(await names()).toEqual(["B-1"]);
});

test("a damaged cache is made anew", async () => {
  const [dir, cache] = [await place(), await place()];
  await writeFile(join(dir, "a.json"), JSON.stringify(record("A-1")));
  (await openDatabase(dir, cache)).close();
  const [name] = await readdir(cache);
  const whole = await readFile(join(cache, name!));
  for (const damaged of [
    whole.subarray(0, 20),
    whole.subarray(0, whole.length - 1),
    Buffer.from("{}\n"),
    Buffer.alloc(0),
  ]) {
    await writeFile(join(cache, name!), damaged);
    const database = await openDatabase(dir, cache);
    expect(database.advisoriesOf("left-pad")).toHaveLength(1);
    database.close();
  }
});

test("any byte of the cache damaged: made anew, at once or, where the damage is in what is asked for, by the next scan", async () => {
  const [dir, cache] = [await place(), await place()];
  await writeFile(join(dir, "a.json"), JSON.stringify(record("A-1")));
  (await openDatabase(dir, cache)).close();
  const file = join(cache, (await readdir(cache))[0]!);
  const whole = await readFile(file);
  for (let at = 0; at < whole.length; at++) {
    const damaged = Buffer.from(whole);
    damaged[at]! ^= 1 << (at % 8);
    await writeFile(file, damaged);
    const database = await openDatabase(dir, cache);
    try {
      expect(database.advisoriesOf("left-pad")).toHaveLength(1);
    } catch (error) {
      expect(error).toMatchObject({
        code: "SBP_SCAN_DATABASE",
        message: expect.stringContaining("once more"),
      });
      const again = await openDatabase(dir, cache);
      expect(again.advisoriesOf("left-pad")).toHaveLength(1);
      again.close();
    }
    database.close();
  }
});

test("a cache that cannot be written costs nothing but time", async () => {
  const file = join(await place(), "file");
  await writeFile(file, "");
  expect((await openDatabase(advisoriesFolder, join(file, "below"))).records).toBe(39);
});

test("many packages share buckets, and are told apart", async () => {
  const [dir, cache] = [await place(), await place()];
  const files = Object.fromEntries(
    Array.from({ length: 1000 }, (_, i) => [`X-${i}.json`, JSON.stringify(record(`X-${i}`, `p${i % 300}`))]),
  );
  await writeFile(join(dir, "all.zip"), await zipOf(files));
  const database = await openDatabase(dir, cache);
  for (let i = 0; i < 300; i++) {
    const ids = database.advisoriesOf(`p${i}`).map(({ id }) => Number(id.slice(2)));
    expect(ids.every((id) => id % 300 === i)).toBe(true);
    expect(ids).toHaveLength(i < 100 ? 4 : 3);
  }
  database.close();
});

test("a record that is cut short, malformed or there in two versions is an error, and names the file", async () => {
  const dir = await place();
  const broken = join(dir, "broken.json");
  const whole = JSON.stringify(record("A-1"));
  await writeFile(broken, whole.slice(0, -10));
  expect(await code(openDatabase(dir, undefined))).toMatch(/^SBP_SCAN_DATABASE/);
  await writeFile(broken, whole.replace('"SEMVER"', '"MAGIC"'));
  expect(await code(openDatabase(dir, undefined))).toMatch("MAGIC");
  await writeFile(broken, whole);
  await writeFile(join(dir, "other.json"), JSON.stringify(record("A-1", "left-pad", "2025-01-01T00:00:00Z")));
  expect(await code(openDatabase(dir, undefined))).toMatch("twice");
});

test("nothing, and a folder without records, are no database", async () => {
  expect(await code(openDatabase(join(folder, "missing"), undefined))).toMatch(/^SBP_SCAN_DATABASE.*ENOENT/);
  const dir = await place();
  await writeFile(join(dir, "package.json"), '{"name":"x"}');
  expect(await code(openDatabase(dir, undefined))).toMatch("no record");
});

test("JSON of 100 MB is refused without being read", async () => {
  const file = join(await place(), "huge.json");
  const handle = await open(file, "w");
  await handle.truncate(100 << 20);
  await handle.close();
  expect(await code(openDatabase(file, undefined))).toMatch(/^SBP_SCAN_DATABASE.*larger than 16 MB/);
});

test("JSON of a few megabytes that would take hundreds in memory", async () => {
  const file = join(await place(), "many.json");
  const { affected, ...whole } = record("A-1");
  for (const more of ["[],".repeat(1_000_000), "[".repeat(3_000_000), '"1",'.repeat(1_000_000)]) {
    await writeFile(file, JSON.stringify({ ...whole, more: 0 }).replace(/0}$/, `[${more}`));
    expect(await code(openDatabase(file, undefined))).toMatch(/^SBP_SCAN_DATABASE.*more than 250000 values/);
  }
  await writeFile(file, JSON.stringify({ ...whole, affected, details: "a long text ".repeat(1_000_000) }));
  expect((await openDatabase(file, undefined)).records).toBe(1);
});

test("zips that unpack to far more than they are", async () => {
  const dir = await place();
  const bomb = await zipOf({ "bomb.json": Buffer.alloc(20 << 20, " ") });
  await writeFile(join(dir, "all.zip"), bomb);
  expect(await code(openDatabase(dir, undefined))).toMatch("too large when unpacked");
  const many = Object.fromEntries(
    Array.from({ length: 12 }, (_, i) => [`${i}.json`, Buffer.from("{}".padEnd(10 << 20))]),
  );
  await writeFile(join(dir, "all.zip"), await zipOf(many));
  expect(await code(openDatabase(dir, undefined))).toMatch("too large when unpacked");
});

test("a zip that lies of its sizes, is damaged or cut short", async () => {
  const dir = await place();
  const file = join(dir, "all.zip");
  const whole = await zipOf({ "a.json": Buffer.from(JSON.stringify(record("A-1")).padEnd(5000)) });
  // In the central directory: the size when unpacked, 24 bytes from its start.
  const directory = whole.lastIndexOf(Buffer.from("PK\x01\x02", "latin1"));
  const lying = Buffer.from(whole);
  lying.writeUInt32LE(100, directory + 24);
  await writeFile(file, lying);
  expect(await code(openDatabase(dir, undefined))).toMatch(/^SBP_SCAN_DATABASE/);
  const damaged = Buffer.from(whole);
  damaged.writeUInt32LE(0, directory + 16);
  await writeFile(file, damaged);
  expect(await code(openDatabase(dir, undefined))).toMatch(/damaged/);
  for (const length of [0, 10, 40, whole.length - 30, whole.length - 1]) {
    await writeFile(file, whole.subarray(0, length));
    expect(await code(openDatabase(dir, undefined)), String(length)).toMatch(/^SBP_SCAN_DATABASE/);
  }
  await writeFile(file, whole);
  expect((await openDatabase(dir, undefined)).records).toBe(1);
});

test("names that lead out of the zip are refused", async () => {
  const dir = await place();
  const whole = (await zipOf({ "aa/b.json": "{}" })).toString("latin1").replaceAll("aa/b.json", "../b.json");
  await writeFile(join(dir, "all.zip"), Buffer.from(whole, "latin1"));
  expect(await code(openDatabase(dir, undefined))).toMatch(/^SBP_SCAN_DATABASE.*relative path/);
});

test("times of files alone do not decide: a copy elsewhere is read anew", async () => {
  const [dir, cache] = [await place(), await place()];
  await cp(advisoriesFolder, dir, { recursive: true });
  (await openDatabase(dir, cache)).close();
  await utimes(join(dir, "node-core", "index.json"), 0, 0);
  const database = await openDatabase(dir, cache);
  expect(database.core).toHaveLength(171);
  database.close();
});
