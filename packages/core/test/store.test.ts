import { chmod, readdir, readFile, stat, truncate, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { sha256 } from "../src/hash.ts";
import { definePlugin, openStore } from "../src/index.ts";
import { Rig, reader, shouter } from "./rig.ts";

let rig: Rig;
beforeEach(async () => {
  rig = await Rig.create();
  await rig.write("in.txt", "hello");
});
afterEach(() => rig.remove());

const base = Buffer.alloc(300_000, "base ");

/** Makes a base of 300 kB, and something that differs from it by a tail and perhaps some patches. */
function composer(tail: string, patches: { offset: number; bytes: Uint8Array }[] = []) {
  return [
    definePlugin({
      name: "base",
      produces: ["template"],
      scope: "project",
      async run({ write }) {
        await write("template", {}, (out) => out.file("node", base, { executable: true }));
      },
    }),
    definePlugin({
      name: "composer",
      consumes: ["template"],
      produces: ["executable"],
      scope: "project",
      async run({ artifacts, write }) {
        const composition = {
          base: { artifact: artifacts.template, file: "node" },
          patches,
          tail: [Buffer.from(tail), Buffer.from("!")],
        };
        await write("executable", {}, (out) => out.compose("app", composition, { executable: true }));
      },
    }),
    definePlugin({
      name: "consumer",
      consumes: ["executable"],
      produces: ["report"],
      scope: "project",
      async run({ artifacts, write }) {
        const content = await artifacts.executable.read("app");
        await write("report", {}, (out) => out.file("report", sha256(content)));
      },
    }),
  ];
}

test.each([
  ["a tail", "tail", []],
  ["a long tail", "x".repeat(100_000), []],
  ["patches and a tail", "tail", [{ offset: 7, bytes: Buffer.from("PATCH") }]],
] as const)("a file made of a base and %s has the right bytes, hash and mode", async (_, tail, patches) => {
  const result = await rig.build(composer(tail, [...patches]));
  const expected = Buffer.concat([base, Buffer.from(`${tail}!`)]);
  for (const { offset, bytes } of patches) expected.set(bytes, offset);
  const path = join(rig.dir, "dist/app");
  expect(await readFile(path)).toEqual(expected);
  expect((await stat(path)).mode & 0o777).toBe(0o755);
  expect(result.outputs.find(({ kind }) => kind === "executable")?.sha256).toBe(sha256(expected));
  expect(await rig.read("dist/report")).toBe(sha256(expected));
});

test("a composition takes only its tail in the store", async () => {
  await rig.build(composer("tail").slice(0, 2));
  const entry = (await rig.store.list()).find(({ kind }) => kind === "executable");
  expect(entry?.size).toBe(base.length + 5);
  const blobs = (await readdir(rig.store.blobs.dir, { recursive: true })).filter((name) =>
    /[0-9a-f]{64}(\.x)?$/.test(name),
  );
  const sizes = await Promise.all(
    blobs.map(async (name) => (await stat(join(rig.store.blobs.dir, name))).size),
  );
  expect(sizes.sort((a, b) => a - b)).toEqual([5, base.length]);
});

async function blobFiles(): Promise<string[]> {
  const names = await readdir(rig.store.blobs.dir, { recursive: true });
  return names
    .filter((name) => /[0-9a-f]{64}(\.x)?$/.test(name))
    .map((name) => join(rig.store.blobs.dir, name));
}

test.each([
  ["truncated", (path: string) => truncate(path, 1)],
  ["overwritten with the same size", (path: string) => writeFile(path, "HELLO"[0] === "H" ? "hxllo" : "")],
])("a blob that was %s is noticed and made again", async (_, damage) => {
  await rig.build([reader(), shouter]);
  for (const path of await blobFiles()) {
    if ((await readFile(path, "utf8")) !== "hello") continue;
    await chmod(path, 0o644);
    await damage(path);
  }
  const result = await rig.build([reader(), shouter]);
  expect(result.outcome).toBe("done");
  expect(result.ran).toEqual(["reader"]);
  expect(result.actions[0]?.reason).toBe("its stored result is gone or damaged");
  for (const path of await blobFiles()) {
    const name = path.split("/").at(-1)!.replace(".x", "");
    expect(sha256(await readFile(path))).toBe(name);
  }
});

test("a blob whose times changed but not its bytes is trusted after hashing it", async () => {
  await rig.build([reader(), shouter]);
  for (const path of await blobFiles()) await utimes(path, 1, 1);
  expect((await rig.build([reader(), shouter])).ran).toEqual([]);
});

test.each(["", "{", '{"traces":[{}]}', "null"])("a record that reads %j is no record", async (text) => {
  await rig.build([reader(), shouter]);
  for (const name of await readdir(rig.store.records.dir, { recursive: true })) {
    if (name.endsWith(".json")) await writeFile(join(rig.store.records.dir, name), text);
  }
  expect(await rig.build([reader(), shouter])).toMatchObject({ outcome: "done", ran: ["reader", "shouter"] });
});

test("garbage collection goes by age and by size, and keeps what is shared", async () => {
  await rig.build([reader(), shouter]);
  await rig.write("in.txt", "second");
  await rig.build([reader(), shouter]);
  expect(await rig.store.gc()).toMatchObject({ removed: 0, freedBytes: 0 });
  const old = new Date(Date.now() - 40 * 86_400_000);
  const records = (await readdir(rig.store.records.dir, { recursive: true })).filter((name) =>
    name.endsWith(".json"),
  );
  expect(records).toHaveLength(3);
  for (const name of records) await utimes(join(rig.store.records.dir, name), old, old);
  expect(await rig.store.gc()).toMatchObject({ removed: 3, keptBytes: 0 });
  expect(await blobFiles()).toEqual([]);
  expect((await rig.build([reader(), shouter])).outcome).toBe("done");
});

test("garbage collection keeps the most recently used within a size", async () => {
  await rig.build([reader(), shouter]);
  await rig.write("in.txt", "x".repeat(1000));
  await rig.build([reader(), shouter]);
  const { removed, keptBytes } = await rig.store.gc({ maxBytes: 500 });
  expect(removed).toBeGreaterThan(0);
  expect(keptBytes).toBeLessThanOrEqual(500);
});

test("clear removes everything and the next build makes it again", async () => {
  await rig.build([reader(), shouter]);
  expect((await rig.store.clear()).removed).toBe(2);
  expect(await rig.store.list()).toEqual([]);
  expect(await blobFiles()).toEqual([]);
  expect((await rig.build([reader(), shouter])).ran).toEqual(["reader", "shouter"]);
});

test("a cache folder that cannot be made gives a temporary store", async () => {
  await rig.write("file", "");
  const store = await openStore(join(rig.dir, "file", "cache"));
  expect(store.temporary).toBe(true);
  const result = await rig.build([reader(), shouter], { store });
  expect(result.outcome).toBe("done");
  await store.close();
  await expect(stat(store.dir)).rejects.toThrow("ENOENT");
});

test("the store lists artifacts with what made them", async () => {
  await rig.build([reader(), shouter]);
  const entries = await rig.store.list();
  expect(
    entries
      .map(({ kind, plugin, size }) => ({ kind, plugin, size }))
      .sort((a, b) => (a.kind < b.kind ? -1 : 1)),
  ).toEqual([
    { kind: "bundle", plugin: "reader", size: 5 },
    { kind: "report", plugin: "shouter", size: 5 },
  ]);
});
