import { spawn } from "node:child_process";
import { once } from "node:events";
import { appendFile, link, readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { sha256 } from "../src/hash.ts";
import { definePlugin, type Plugin } from "../src/index.ts";
import { Rig } from "./rig.ts";

/*
 * An output that is a base, some changes to it and a tail: the file that it replaces becomes the one that replaces
 * it, where that is safe.
 */

let rig: Rig;
beforeEach(async () => {
  rig = await Rig.create();
});
afterEach(() => rig.remove());

const plain = Buffer.from("a".repeat(100_000));

function steps(tail: string, { base = plain, at = [] as number[] } = {}): Plugin[] {
  const template = definePlugin({
    name: `base-${base.length}-${base[0]}`,
    produces: ["template"],
    scope: "project",
    run: async ({ write }) =>
      void (await write("template", {}, (out) => out.file("node", base, { executable: true }))),
  });
  const executable = definePlugin({
    name: `tail-${tail.replaceAll(" ", "-")}-${at.join("-")}`,
    consumes: ["template"],
    produces: ["executable"],
    scope: "project",
    async run({ artifacts, write }) {
      const composition = {
        base: { artifact: artifacts.template, file: "node" },
        patches: at.map((offset) => ({ offset, bytes: Buffer.from("PATCH") })),
        tail: [Buffer.from(tail)],
      };
      await write("executable", {}, (out) => out.compose("app", composition, { executable: true }));
    },
  });
  return [template, executable];
}

const path = () => join(rig.dir, "dist/app");
const inode = async () => (await stat(path())).ino;
const spares = () => readdir(join(rig.store.dir, "spares")).catch(() => []);

/** Hashes, because nobody wants to read the difference. */
function patched(tail: string, at: readonly number[], base = plain): string {
  const bytes = Buffer.from(base);
  for (const offset of at) bytes.write("PATCH", offset);
  return sha256(Buffer.concat([bytes, Buffer.from(tail)]));
}
const hashOf = async (file: string) => sha256(await readFile(file));
const output = () => hashOf(path());

test("two files take turns", async () => {
  await rig.build(steps("one"));
  const first = await inode();
  expect(await spares()).toEqual([]);
  await rig.build(steps("the second"));
  const second = await inode();
  expect(await spares()).toHaveLength(1);
  await rig.build(steps("3"));
  expect(await inode()).toBe(first);
  expect(await output()).toBe(patched("3", []));
  expect((await stat(path())).mode & 0o777).toBe(0o755);
  await rig.build(steps("four"));
  expect(await inode()).toBe(second);
  expect(await output()).toBe(patched("four", []));
  expect(await readdir(join(rig.dir, "dist"))).toEqual(["app", "sbp-manifest.json"]);
});

test("what was replaced in the base is brought back", async () => {
  await rig.build(steps("one", { at: [0, 99_995] }));
  await rig.build(steps("two", { at: [10] }));
  await rig.build(steps("three", { at: [50_000] }));
  expect(await output()).toBe(patched("three", [50_000]));
  await rig.build(steps("four"));
  expect(await output()).toBe(patched("four", []));
  await rig.build(steps("five", { at: [99_990] }));
  expect(await output()).toBe(patched("five", [99_990]));
});

test("another base is another file", async () => {
  const other = Buffer.from("b".repeat(90_000));
  await rig.build(steps("one"));
  await rig.build(steps("two"));
  await rig.build(steps("three", { base: other }));
  expect(await output()).toBe(patched("three", [], other));
  await rig.build(steps("four", { base: other }));
  await rig.build(steps("five", { base: other }));
  expect(await output()).toBe(patched("five", [], other));
});

test("a file that somebody has changed does not serve", async () => {
  await rig.build(steps("one"));
  await rig.tick();
  await appendFile(path(), "signed");
  await rig.build(steps("two"));
  expect(await spares()).toEqual([]);
  await rig.build(steps("three"));
  const [name] = await spares();
  await appendFile(join(rig.store.dir, "spares", name!), "damaged");
  await rig.build(steps("four"));
  expect(await output()).toBe(patched("four", []));
});

test("a file that has another name does not serve", async () => {
  await rig.build(steps("one"));
  await link(path(), join(rig.dir, "release"));
  await rig.build(steps("two"));
  await rig.build(steps("three"));
  expect(await hashOf(join(rig.dir, "release"))).toBe(patched("one", []));
  expect(await output()).toBe(patched("three", []));
});

test("a program that runs is left alone", async () => {
  const base = await readFile("/bin/sleep");
  await rig.build(steps("one", { base }));
  const program = spawn(path(), ["60"], { stdio: "ignore" });
  await once(program, "spawn");
  try {
    for (const tail of ["two", "three", "four"]) {
      await rig.build(steps(tail, { base }));
      expect(await output()).toBe(patched(tail, [], base));
    }
    expect(await hashOf(`/proc/${program.pid}/exe`)).toBe(patched("one", [], base));
  } finally {
    program.kill();
    await once(program, "exit");
  }
});

test("a spare goes with the store's content, and when nobody has wanted it for a day", async () => {
  await rig.build(steps("one"));
  await rig.build(steps("two"));
  await rig.store.spares.removeOld();
  expect(await spares()).toHaveLength(1);
  await rig.store.spares.removeOld(Date.now() + 25 * 3_600_000);
  expect(await spares()).toEqual([]);
  await rig.build(steps("three"));
  expect(await spares()).toHaveLength(1);
  await rig.store.clear();
  expect(await spares()).toEqual([]);
});

/** A layer that is the base and a tail, made by one step and put under the name of its digest by the next. */
function layout(tail: string): Plugin[] {
  const [template] = steps(tail);
  const image = definePlugin({
    name: "image",
    consumes: ["template"],
    produces: ["image"],
    scope: "project",
    async run({ artifacts, write, dependOn }) {
      dependOn({ env: "TAIL" });
      const content = { base: { artifact: artifacts.template, file: "node" }, tail: [Buffer.from(tail)] };
      await write("image", {}, (out) => out.compose("layer", content));
    },
  });
  const index = definePlugin({
    name: "index",
    consumes: ["image"],
    produces: ["image-index"],
    scope: "project",
    run: async ({ artifacts, write }) =>
      void (await write("image-index", { layout: "app.oci" }, async (out) => {
        const layer = { artifact: artifacts.image, file: "layer" };
        await out.file(`app.oci/blobs/sha256/${patched(tail, [])}`, layer);
        await out.file("app.oci/index.json", tail);
      })),
  });
  return [template!, image, index];
}

test("layers take turns, though each has a name of its own", async () => {
  const folder = join(rig.dir, "dist/app.oci/blobs/sha256");
  const inodes: number[] = [];
  try {
    for (const tail of ["one", "the second", "3", "four"]) {
      process.env["TAIL"] = tail;
      expect((await rig.build(layout(tail))).outcome).toBe("done");
      expect(await readdir(folder)).toEqual([patched(tail, [])]);
      const [layer] = (await readdir(folder)).map((name) => join(folder, name));
      expect(await hashOf(layer!)).toBe(patched(tail, []));
      expect((await stat(layer!)).mode & 0o777).toBe(0o644);
      inodes.push((await stat(layer!)).ino);
    }
  } finally {
    delete process.env["TAIL"];
  }
  const [first, second, third, fourth] = inodes;
  expect(second).not.toBe(first);
  expect([third, fourth]).toEqual([first, second]);
  expect(await spares()).toHaveLength(1);
});
