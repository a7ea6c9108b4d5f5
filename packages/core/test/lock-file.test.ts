import { readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { definePlugin, type Json } from "../src/index.ts";
import { LockFile } from "../src/lock-file.ts";
import { Rig } from "./rig.ts";

let rig: Rig;
beforeEach(async () => {
  rig = await Rig.create();
});
afterEach(() => rig.remove());

const path = () => join(rig.dir, "sbp.lock.json");

/** Pins a value, or what is locked. */
function pinner(value?: Json) {
  return definePlugin({
    name: "pinner",
    lanes: () => ["linux-x64"] as const,
    produces: ["report"],
    scope: "target",
    resolve: async ({ locked }) => ({ pins: {}, lock: value ?? locked ?? null, changes: ["changed"] }),
    run: async ({ write }) => void (await write("report", {}, (out) => out.file("r", "x"))),
  });
}

test("it is written only when something changes, sorted, and kept as its owner has formatted it", async () => {
  await rig.build([pinner({ b: 1, a: { d: [2, 1], c: "é" } })]);
  expect(await rig.read("sbp.lock.json")).toBe(
    `{
  "lockfileVersion": 1,
  "steps": {
    "pinner": {
      "a": {
        "c": "é",
        "d": [
          2,
          1
        ]
      },
      "b": 1
    }
  }
}
`,
  );
  const formatted = JSON.stringify(JSON.parse(await rig.read("sbp.lock.json")));
  await writeFile(path(), formatted);
  const before = await stat(path());
  await rig.build([pinner({ a: { c: "é", d: [2, 1] }, b: 1 })]);
  expect((await stat(path())).ino).toBe(before.ino);
  expect(await rig.read("sbp.lock.json")).toBe(formatted);
  expect(rig.events.some(({ type }) => type === "lock-changed")).toBe(false);
});

/** Finds a value while it runs, if nobody has found it before. */
function finder(value: Json, runs: Json[]) {
  return definePlugin({
    name: "finder",
    produces: ["report"],
    scope: "project",
    async run({ write, pin, pinned }) {
      const known = pinned("a@1");
      runs.push(known ?? null);
      if (known === undefined) pin("a@1", value);
      await write("report", {}, (out) => out.file("r", JSON.stringify(known ?? value)));
    },
  });
}

describe("what actions find while they run", () => {
  const lockOf = async () => JSON.parse(await rig.read("sbp.lock.json"));

  test("is kept, and they need not run again for it", async () => {
    const runs: Json[] = [];
    await rig.build([finder("one", runs)]);
    expect(await lockOf()).toEqual({ lockfileVersion: 1, steps: {}, found: { finder: { "a@1": "one" } } });
    expect(rig.events).toContainEqual({ type: "lock-changed", file: path(), changes: ["a@1: one"] });
    await rig.build([finder("two", runs)]);
    expect(runs).toEqual([null]);
    expect(await lockOf()).toMatchObject({ found: { finder: { "a@1": "one" } } });
  });

  test("stays when other steps pin", async () => {
    await rig.build([finder("one", [])]);
    await rig.build([pinner({ y: 2 }), finder("one", [])]);
    expect(await lockOf()).toMatchObject({
      steps: { pinner: { y: 2 } },
      found: { finder: { "a@1": "one" } },
    });
  });

  test("counts where somebody changes it, and is found anew where it is gone", async () => {
    const runs: Json[] = [];
    await rig.build([finder("one", runs)]);
    await writeFile(
      path(),
      JSON.stringify({ lockfileVersion: 1, steps: {}, found: { finder: { "a@1": "x" } } }),
    );
    await rig.build([finder("two", runs)]);
    await writeFile(path(), '{"lockfileVersion":1,"steps":{}}');
    await rig.build([finder("three", runs)]);
    expect(runs).toEqual([null, "x", null]);
    expect(await lockOf()).toMatchObject({ found: { finder: { "a@1": "three" } } });
  });

  test("is refused where the lock is frozen", async () => {
    const built = await rig.build([finder("one", [])], { frozenLock: true });
    expect(built.errors[0]).toMatchObject({ code: "SBP_LOCK_OUTDATED" });
    expect(built.errors[0]?.message).toContain("a@1: one");
    await expect(rig.read("sbp.lock.json")).rejects.toThrow("ENOENT");
  });
});

test("steps that it does not know stay", async () => {
  await writeFile(path(), '{"lockfileVersion":1,"steps":{"other":{"x":1}}}');
  await rig.build([pinner({ y: 2 })]);
  expect(JSON.parse(await rig.read("sbp.lock.json")).steps).toEqual({ other: { x: 1 }, pinner: { y: 2 } });
});

test("keys that mean something to JavaScript are keys", async () => {
  const text =
    '{"lockfileVersion":1,"steps":{"__proto__":{"x":1},"constructor":{"y":1},"pinner":{"__proto__":{"polluted":true}}}}';
  await writeFile(path(), text);
  const lock = LockFile.load(rig.dir);
  expect(lock.get("toString")).toBeUndefined();
  expect(lock.get("__proto__")).toEqual({ x: 1 });
  await lock.with("hasOwnProperty", 1).save();
  const saved = await readFile(path(), "utf8");
  expect(Object.keys(JSON.parse(saved).steps).sort()).toEqual([
    "__proto__",
    "constructor",
    "hasOwnProperty",
    "pinner",
  ]);
  expect(saved).toContain('"polluted"');
  expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  expect((await rig.build([pinner()])).outcome).toBe("done");
});

test.each([
  "",
  "null",
  "[]",
  "7",
  '"x"',
  "{",
  '{"lockfileVersion":2,"steps":{}}',
  '{"lockfileVersion":1,"steps":{},"found":[]}',
  '{"lockfileVersion":1,"steps":{},"found":{"a":1}}',
  '{"lockfileVersion":1,"steps":[]}',
])("what is no lock is refused: %s", async (text) => {
  await writeFile(path(), text);
  await expect(rig.build([pinner(1)])).rejects.toMatchObject({ code: "SBP_LOCK_INVALID", exitCode: 2 });
  expect(await rig.read("sbp.lock.json")).toBe(text);
});

test("a merge conflict in the lock is told by its line", async () => {
  await writeFile(path(), '{\n<<<<<<< HEAD\n  "steps": {}\n=======\n>>>>>>> other\n}\n');
  await expect(async () => rig.build([pinner()])).rejects.toMatchObject({
    code: "SBP_LOCK_INVALID",
    message: "sbp.lock.json cannot be read: it has the marks of a merge conflict",
    location: { line: 2, column: 1, lineText: "<<<<<<< HEAD" },
    hint: expect.stringContaining("git checkout --theirs sbp.lock.json"),
  });
});

test("a lock that is no JSON is told by its place", async () => {
  await writeFile(path(), '{ "lockfileVersion" 1 }');
  await expect(async () => rig.build([pinner()])).rejects.toMatchObject({
    message: "sbp.lock.json cannot be read: A colon is expected here",
    location: { line: 1, column: 21 },
  });
});

test("a lock that nests without end is refused", async () => {
  await writeFile(
    path(),
    `{"lockfileVersion":1,"steps":{"pinner":${"[".repeat(20_000)}${"]".repeat(20_000)}}}`,
  );
  await expect(rig.build([pinner(1)])).rejects.toMatchObject({ code: "SBP_LOCK_INVALID" });
});

test("several builds at once leave a whole lock", async () => {
  await Promise.all([1, 2, 3, 4].map((value) => rig.build([pinner({ value, pad: "x".repeat(100_000) })])));
  const { steps } = JSON.parse(await rig.read("sbp.lock.json"));
  expect([1, 2, 3, 4]).toContain(steps.pinner.value);
  expect(steps.pinner.pad).toHaveLength(100_000);
});
