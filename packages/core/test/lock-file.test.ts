import { readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
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
  '{"lockfileVersion":1,"steps":[]}',
])("what is no lock is refused: %s", async (text) => {
  await writeFile(path(), text);
  await expect(rig.build([pinner(1)])).rejects.toMatchObject({ code: "SBP_LOCK_INVALID", exitCode: 2 });
  expect(await rig.read("sbp.lock.json")).toBe(text);
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
