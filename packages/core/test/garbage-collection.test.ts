import { mkdir, readdir, rm, stat, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { definePlugin, type Plugin } from "../src/index.ts";
import { Rig, reader, shouter } from "./rig.ts";

let rig: Rig;
beforeEach(async () => {
  rig = await Rig.create();
  await rig.write("in.txt", "hello");
});
afterEach(() => rig.remove());

const day = 86_400_000;

async function filesOf(folder: string): Promise<string[]> {
  const dir = join(rig.store.dir, folder);
  const entries = await readdir(dir, { recursive: true, withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

async function age(path: string, days: number): Promise<void> {
  const then = new Date(Date.now() - days * day);
  await utimes(path, then, then);
}

const emptyMaker: Plugin = definePlugin({
  name: "empty",
  produces: ["report"],
  scope: "project",
  run: async ({ write }) => void (await write("report", {}, (out) => out.file("nothing", ""))),
});

test("clear leaves nothing, whatever the clock says of it", async () => {
  await rig.build([emptyMaker]);
  for (const path of await filesOf("actions")) await age(path, -10);
  expect(await rig.store.clear()).toMatchObject({ removed: 1, keptBytes: 0 });
  expect([
    ...(await filesOf("actions")),
    ...(await filesOf("blobs")),
    ...(await filesOf("projects")),
  ]).toEqual([]);
});

test("records that nobody can read and half-made files go", async () => {
  await rig.build([reader(), shouter]);
  const [record] = await filesOf("actions");
  await writeFile(record!, "{");
  await writeFile(join(record!, "../.x.json.sbp-1-1.tmp"), "half");
  await writeFile(join(record!, "../stray"), "stray");
  await mkdir(join(rig.store.dir, "blobs/ab/stray/inner"), { recursive: true });
  await rig.store.gc();
  expect(await filesOf("actions")).toHaveLength(1);
  expect(await readdir(join(rig.store.dir, "blobs/ab")).catch(() => [])).toEqual([]);
  expect((await rig.build([reader(), shouter])).outcome).toBe("done");
});

test("records whose blobs are gone go, with what only they need", async () => {
  await rig.build([reader(), shouter]);
  await rm(join(rig.store.dir, "blobs"), { recursive: true });
  expect(await rig.store.gc()).toMatchObject({ removed: 2, keptBytes: 0 });
  expect(await filesOf("actions")).toEqual([]);
});

test("blobs of failed builds go", async () => {
  const failing = definePlugin({
    name: "failing",
    produces: ["report"],
    scope: "project",
    async run({ write }) {
      await write("report", {}, (out) => out.file("orphan", "x".repeat(1000)));
      throw new Error("after all");
    },
  });
  await rig.build([failing]);
  expect(await filesOf("blobs")).toHaveLength(1);
  expect(await rig.store.gc()).toMatchObject({ removed: 0, freedBytes: 1000 });
  expect(await filesOf("blobs")).toEqual([]);
});

test("what is kept is counted with everything that belongs to it, and the limit holds for all of it", async () => {
  const [base, composer] = [
    definePlugin({
      name: "base",
      produces: ["template"],
      scope: "project",
      run: async ({ write }) => void (await write("template", {}, (out) => out.file("t", "t".repeat(5000)))),
    }),
    definePlugin({
      name: "composer",
      consumes: ["template"],
      produces: ["executable"],
      scope: "project",
      async run({ artifacts, write }) {
        const composition = {
          base: { artifact: artifacts.template, file: "t" },
          tail: [Buffer.from("tail")],
        };
        await write("executable", {}, (out) => out.compose("app", composition));
      },
    }),
  ];
  await rig.build([base, composer]);
  const { keptBytes } = await rig.store.gc();
  const sizes = await Promise.all((await filesOf("blobs")).map(async (path) => (await stat(path)).size));
  expect(keptBytes).toBe(sizes.reduce((sum, size) => sum + size, 0));
  expect(keptBytes).toBeGreaterThan(5004);
  expect((await rig.store.gc({ maxBytes: keptBytes })).removed).toBe(0);
  expect((await rig.store.gc({ maxBytes: keptBytes - 1 })).removed).toBeGreaterThan(0);
});

test("the memory of projects that were not built for long goes", async () => {
  await rig.build([reader(), shouter]);
  const [project] = await readdir(join(rig.store.dir, "projects"));
  const old = join(rig.store.dir, "projects/0123456789abcdef0123456789abcdef");
  await mkdir(old);
  for (const name of ["state.json", "digests.json"]) {
    await writeFile(join(old, name), "{}");
    await age(join(old, name), 31);
  }
  await age(old, 31);
  await rig.store.gc();
  expect(await readdir(join(rig.store.dir, "projects"))).toEqual([project]);
});

test("a build collects once a day, also after the clock was wrong", async () => {
  await rig.build([reader(), shouter]);
  const mark = join(rig.store.dir, "last-gc");
  const orphan = join(rig.store.dir, "blobs/ab/orphan");
  await mkdir(join(orphan, ".."), { recursive: true });
  for (const [days, kept] of [
    [0.5, 1],
    [2, 0],
    [-10, 0],
  ] as const) {
    await writeFile(orphan, "orphan");
    await age(mark, days);
    await rig.build([reader(), shouter]);
    expect(
      (await filesOf("blobs")).filter((path) => path === orphan),
      `${days}`,
    ).toHaveLength(kept);
  }
});

test("a build that runs keeps what it has made, also from the same process", async () => {
  const half = definePlugin({
    name: "half",
    produces: ["bundle"],
    scope: "project",
    async run({ write }) {
      await write("bundle", {}, (out) => out.file("text", "made"));
      await rig.store.gc();
      await rig.store.clear();
      expect(await filesOf("blobs")).toHaveLength(1);
    },
  });
  expect((await rig.build([half, shouter])).errors).toEqual([]);
  expect(await rig.read("dist/shout.txt")).toBe("MADE");
});

test("work of killed builds goes, that of builds elsewhere only when it is old", async () => {
  await rig.build([reader(), shouter]);
  const mine = await rig.store.workDir();
  const name = mine.split("/").at(-1)!;
  const tmp = join(rig.store.dir, "tmp");
  const dead = name.replace(`-${process.pid}-`, "-4194999-");
  // The same folder may serve several machines and containers, whose processes have the same numbers.
  const elsewhere = dead.replace(/^[^-]+/, "elsewhere");
  const longAgo = `${elsewhere}-old`;
  for (const folder of [dead, elsewhere, longAgo]) await mkdir(join(tmp, folder));
  await age(join(tmp, longAgo), 2);
  await rig.store.gc();
  expect((await readdir(tmp)).sort()).toEqual([name, elsewhere].sort());
  await rm(mine, { recursive: true });
});
