import { readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { definePlugin, explain, type Plugin } from "../src/index.ts";
import { checkOf } from "../src/store/record-shape.ts";
import { Rig, reader } from "./rig.ts";

/*
 * Whatever stands in the cache's own files: a build ends well and gives the right outputs. Every value in a file is
 * replaced by odd ones in turn.
 */

let rig: Rig;
beforeEach(async () => {
  rig = await Rig.create();
  await rig.write("in.txt", "hello");
});
afterEach(() => rig.remove());

type Fields = Record<string | number, unknown>;

const odd: readonly unknown[] = [
  null,
  -1,
  1e300,
  "",
  "../../../evil",
  "/etc/passwd",
  "__proto__",
  [],
  {},
  [null],
];

/** The JSON text with each value in it, outer ones too, replaced by a few odd ones, other ones every time. */
function* mutations(text: string, times = 2): Generator<string> {
  let turn = 0;
  const paths: (string | number)[][] = [];
  const walk = (value: unknown, path: (string | number)[]) => {
    paths.push(path);
    if (typeof value !== "object" || value === null) return;
    for (const key of Object.keys(value)) walk((value as Record<string, unknown>)[key], [...path, key]);
  };
  walk(JSON.parse(text), []);
  for (const path of paths) {
    for (let time = 0; time < times; time++) {
      const value = odd[turn++ % odd.length];
      const root = { value: JSON.parse(text) };
      const parent = ["value", ...path].slice(0, -1).reduce((at: Fields, key) => at[key] as Fields, root);
      parent[path.at(-1) ?? "value"] = value;
      yield JSON.stringify(root.value);
    }
  }
}

const composer: Plugin = definePlugin({
  name: "composer",
  consumes: ["bundle"],
  produces: ["executable"],
  scope: "project",
  async run({ artifacts, report, dependOn, write }) {
    dependOn({ glob: "*.txt" }, { env: "SBP_NO_SUCH" }, { directory: "." });
    report({
      severity: "warning",
      code: "SBP_TEST",
      message: "careful",
      location: { file: "in.txt", line: 1 },
    });
    const composition = {
      base: { artifact: artifacts.bundle, file: "text" },
      patches: [{ offset: 0, bytes: Buffer.from("J") }],
      tail: [Buffer.from(" tail")],
    };
    await write("executable", { a: 1 }, (out) => out.compose("app", composition, { executable: true }));
  },
});

const steps = [reader(), composer];

/** Builds and checks that all is as if nothing had happened. */
async function expectGood(what: string): Promise<void> {
  const result = await rig.build(steps);
  expect(result.errors.map(String), what).toEqual([]);
  expect(await rig.read("dist/app"), what).toBe("Jello tail");
  expect((await stat(join(rig.dir, "dist/app"))).mode & 0o777).toBe(0o755);
  expect((await readdir(rig.dir)).sort(), what).toEqual(["dist", "in.txt"]);
  expect((await readdir(join(rig.dir, "dist"))).sort(), what).toEqual(["app", "sbp-manifest.json"]);
  expect((await readdir(rig.top)).sort(), what).toEqual(["cache", "project"]);
}

async function jsonFiles(dir: string): Promise<string[]> {
  const names = await readdir(dir, { recursive: true });
  return names.filter((name) => name.endsWith(".json")).map((name) => join(dir, name));
}

test("odd records", async () => {
  await expectGood("first");
  const records = await jsonFiles(rig.store.records.dir);
  expect(records).toHaveLength(2);
  for (const path of records) {
    const text = await readFile(path, "utf8");
    let count = 0;
    for (const mutated of mutations(text)) {
      await writeFile(path, mutated);
      await rig.store.list();
      if (count++ % 10 === 0) {
        await explain({ project: rig.project(steps), store: rig.store });
        await writeFile(path, mutated);
      }
      await expectGood(mutated);
    }
  }
}, 120_000);

/** The record with checks as if its writer had known how. */
function forged(text: string): string {
  const record = JSON.parse(text);
  if (Array.isArray(record?.traces)) {
    for (const trace of record.traces) {
      if (!trace) continue;
      try {
        trace.check = checkOf(trace);
      } catch {}
    }
  }
  return JSON.stringify(record);
}

test("forged records neither crash a build nor lead it out of its folder", async () => {
  await expectGood("first");
  for (const path of await jsonFiles(rig.store.records.dir)) {
    const text = await readFile(path, "utf8");
    for (const mutated of mutations(text)) {
      await writeFile(path, forged(mutated));
      const result = await rig.build(steps);
      expect(result.errors.map(String), mutated).toEqual([]);
      expect((await readdir(rig.dir)).sort(), mutated).toEqual(["dist", "in.txt"]);
      expect((await readdir(rig.top)).sort(), mutated).toEqual(["cache", "project"]);
      await rig.store.list();
      await writeFile(path, text);
    }
  }
}, 120_000);

test("a record that nests without end", async () => {
  await expectGood("first");
  for (const path of await jsonFiles(rig.store.records.dir)) {
    const record = JSON.parse(await readFile(path, "utf8"));
    record.traces[0].artifacts[0].meta = { deep: "DEEP" };
    const deep = `${"[".repeat(20_000)}${"]".repeat(20_000)}`;
    await writeFile(path, JSON.stringify(record).replace('"DEEP"', deep));
  }
  await expectGood("deep");
});

test("a record of another fingerprint under the name of this one", async () => {
  await rig.write("in.txt", "hello");
  await rig.build([[reader(), { a: 1 }]]);
  const [one] = await jsonFiles(rig.store.records.dir);
  const text = await readFile(one!, "utf8");
  const upper = reader("in.txt", {
    async run(context) {
      await context.write("bundle", {}, (out) => out.file("text", "UPPER"));
    },
  });
  await rig.build([[upper, { a: 2 }]]);
  const other = (await jsonFiles(rig.store.records.dir)).find((path) => path !== one);
  await writeFile(other!, text);
  await rig.build([[upper, { a: 2 }]]);
  expect(await rig.read("dist/text")).toBe("UPPER");
});

test("odd state of the project", async () => {
  await expectGood("first");
  const [path] = (await jsonFiles(join(rig.store.dir, "projects"))).filter((name) =>
    name.endsWith("state.json"),
  );
  const text = await readFile(path!, "utf8");
  for (const mutated of mutations(text)) {
    await writeFile(path!, mutated);
    await explain({ project: rig.project(steps), store: rig.store });
    await expectGood(mutated);
  }
}, 120_000);

test("collecting garbage among odd records", async () => {
  await expectGood("first");
  const [path] = await jsonFiles(rig.store.records.dir);
  const text = await readFile(path!, "utf8");
  let count = 0;
  for (const mutated of mutations(text)) {
    if (count++ % 7 !== 0) continue;
    await writeFile(path!, mutated);
    await rig.store.gc();
    await expectGood(mutated);
  }
}, 120_000);
