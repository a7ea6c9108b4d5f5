import { readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type Dependency, definePlugin, type Json, type Plugin } from "../src/index.ts";
import { Rig } from "./rig.ts";

/*
 * A plugin reads the app, which changes from build to build, and takes a part of its work by a memo, which depends on a
 * package.
 */

let rig: Rig;
let works: number;
beforeEach(async () => {
  rig = await Rig.create();
  works = 0;
  await rig.write("app.txt", "one");
  await rig.write("package/a.txt", "a");
});
afterEach(() => rig.remove());

interface Part {
  readonly key?: Json;
  readonly inputs?: readonly Dependency[];
  readonly isKept?: boolean;
  during?(): Promise<unknown>;
}

function remembering({ key = "k", inputs = [{ file: "package/a.txt" }], isKept, during }: Part = {}): Plugin {
  return definePlugin({
    name: "remembering",
    produces: ["report"],
    scope: "project",
    async run({ dependOn, memo, projectDir, write }) {
      dependOn({ file: "app.txt" });
      const read = (file: string) => readFile(join(projectDir, file), "utf8").catch(() => "nothing");
      const part = await memo({
        key,
        is: (value) => typeof value === "string",
        async work(dependOn) {
          works++;
          dependOn(...inputs);
          const value = await read("package/a.txt");
          await during?.();
          return isKept === undefined ? { value } : { value, isKept };
        },
      });
      await write("report", {}, async (out) => out.file("report.txt", `${await read("app.txt")} ${part}`));
    },
  });
}

/** Changes the app, so that the plugin has to run, builds, and tells what was made and how often the part was. */
async function build(app: string, plugin = remembering(), options = {}): Promise<[string, number]> {
  await rig.write("app.txt", app);
  const { outcome, ran } = await rig.build([plugin], options);
  expect([outcome, ran]).toEqual(["done", ["remembering"]]);
  return [await rig.read("dist/report.txt"), works];
}

async function memoFiles(): Promise<string[]> {
  const projects = join(rig.store.dir, "projects");
  const [project] = await readdir(projects);
  const folder = join(projects, project!, "memos");
  return (await readdir(folder)).map((name) => join(folder, name));
}

test("the part is made once while what it depends on stays the same", async () => {
  expect(await build("one")).toEqual(["one a", 1]);
  expect(await build("two")).toEqual(["two a", 1]);
  await rig.write("package/a.txt", "b");
  expect(await build("three")).toEqual(["three b", 2]);
});

test("its inputs are inputs of the run, whether it was made or kept", async () => {
  for (const app of ["one", "two"]) {
    await build(app);
    expect((await rig.build([remembering()])).ran).toEqual([]);
  }
  await rig.write("package/a.txt", "b");
  const { actions } = await rig.build([remembering()]);
  expect(actions[0]).toMatchObject({ outcome: "ran", reason: "package/a.txt changed" });
});

test("another key is another part", async () => {
  expect(await build("one", remembering({ key: { conditions: ["node"] } }))).toEqual(["one a", 1]);
  expect(await build("two", remembering({ key: { conditions: [] } }))).toEqual(["two a", 2]);
});

test("another version of the plugin makes it again", async () => {
  await build("one");
  const project = rig.project([remembering()]);
  const [step] = project.steps;
  await rig.build([], { project: { ...project, steps: [{ ...step!, pluginDigest: "2" }] } });
  expect(works).toBe(2);
});

test("a forced build makes it again", async () => {
  await build("one");
  expect(await build("two", remembering(), { force: true })).toEqual(["two a", 2]);
});

test("what cannot be told from its inputs is not kept", async () => {
  await build("one", remembering({ isKept: false }));
  await rig.write("package/a.txt", "b");
  expect(await build("two", remembering({ isKept: false }))).toEqual(["two b", 2]);
});

test("what changed while it was made is not kept", async () => {
  let times = 0;
  const plugin = remembering({
    async during() {
      if (times++ > 0) return;
      await rig.tick();
      await rig.write("package/a.txt", "b");
    },
  });
  expect(await build("one", plugin)).toEqual(["one a", 1]);
  expect(await build("two", plugin)).toEqual(["two b", 2]);
});

test("a file that appears, goes, or becomes a folder or a link in a folder that it looked into", async () => {
  const plugin = remembering({ inputs: [{ directory: "package" }] });
  const path = join(rig.dir, "package/b");
  await build("one", plugin);
  const changes = [
    () => writeFile(path, ""),
    () => rm(path).then(() => rig.write("package/b/c", "")),
    () => rm(path, { recursive: true }).then(() => symlink("a.txt", path)),
    () => rm(path),
  ];
  for (const [index, change] of changes.entries()) {
    await change();
    expect((await build(`${index}`, plugin))[1]).toBe(index + 2);
  }
});

test("a link that leads elsewhere", async () => {
  const link = join(rig.dir, "link");
  const plugin = remembering({ inputs: [{ link: "link" }] });
  await build("one", plugin);
  const changes = [
    () => symlink("package", link),
    () => rm(link).then(() => symlink("./package", link)),
    () => rm(link).then(() => rig.write("link", "no link")),
  ];
  const counts = [];
  for (const [index, change] of changes.entries()) {
    await change();
    counts.push((await build(`${index}`, plugin))[1]);
  }
  expect(counts).toEqual([2, 3, 4]);
});

test.each([
  ["nothing", () => ""],
  ["half of it", (text: string) => text.slice(0, text.length / 2)],
  ["another value", (text: string) => text.replace('"value":"a"', '"value":"x"')],
  ["other inputs", (text: string) => text.replace("package/a.txt", "package/b.txt")],
  ["no memo", () => "[null]"],
])("a kept file that holds %s is made again", async (_, damage) => {
  await build("one");
  const [file] = await memoFiles();
  await writeFile(file!, damage(await readFile(file!, "utf8")));
  expect(await build("two")).toEqual(["two a", 2]);
  expect(await build("three")).toEqual(["three a", 2]);
});

test("what is no value of the plugin's is made again", async () => {
  await build("one");
  const strange = definePlugin({
    name: "remembering",
    produces: ["report"],
    scope: "project",
    async run({ memo, write }) {
      const part = await memo({
        key: "k",
        is: (value) => Array.isArray(value),
        work: async () => ({ value: [] as Json[] }),
      });
      await write("report", {}, (out) => out.file("report.txt", JSON.stringify(part)));
    },
  });
  await rig.write("app.txt", "two");
  await rig.build([strange]);
  expect(await rig.read("dist/report.txt")).toBe("[]");
});

test("a folder that cannot be written fails no build", async () => {
  await build("one");
  const [file] = await memoFiles();
  const folder = join(file!, "..");
  await rm(folder, { recursive: true });
  await writeFile(folder, "no folder");
  expect(await build("two")).toEqual(["two a", 2]);
});

test("old ones go", async () => {
  for (let index = 0; index < 20; index++) await build(`${index}`, remembering({ key: index }));
  expect(await memoFiles()).toHaveLength(16);
  expect((await build("again", remembering({ key: 19 })))[1]).toBe(20);
});
