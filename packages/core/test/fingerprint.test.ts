import { afterEach, beforeEach, expect, test } from "vitest";
import { definePlugin, type JsonObject, openStore, type Plugin } from "../src/index.ts";
import { Rig } from "./rig.ts";

let rig: Rig;
beforeEach(async () => {
  rig = await Rig.create();
});
afterEach(() => rig.remove());

/** A step of one lane whose report is what `tell` makes of its context. */
function teller(
  extra: Partial<Plugin["transforms"][0]> & { resolve?: Plugin["resolve"] },
  tell: (context: Parameters<Plugin["transforms"][0]["run"]>[0]) => string,
): Plugin {
  return definePlugin({
    name: "teller",
    lanes: () => ["linux-x64"] as const,
    produces: ["report"],
    scope: "target",
    async run(context: Parameters<Plugin["transforms"][0]["run"]>[0]) {
      await context.write("report", {}, (out) => out.file("r", tell(context)));
    },
    ...extra,
  } as Parameters<typeof definePlugin>[0]);
}

test("no pins and empty pins are not the same", async () => {
  let pins: JsonObject | undefined;
  const plugin = teller(
    {
      resolve: async () => ({ pins: { "linux-x64": { x: 1 } }, lock: {}, changes: [] }),
      pins: () => pins,
    },
    (context) => `${JSON.stringify(context.pins)}`,
  );
  await rig.build([plugin]);
  pins = {};
  expect((await rig.build([plugin])).ran).toEqual(["linux-x64/teller"]);
  expect(await rig.read("dist/linux-x64/r")).toBe("{}");
});

test("a pin that is undefined is none", async () => {
  let pins: JsonObject = { a: null };
  const plugin = teller(
    { resolve: async () => ({ pins: { "linux-x64": pins }, lock: {}, changes: [] }) },
    (context) => `${JSON.stringify(context.pins)}`,
  );
  await rig.build([plugin]);
  pins = { a: undefined };
  expect((await rig.build([plugin])).ran).toEqual(["linux-x64/teller"]);
});

test("the order of keys in options is not seen, neither by fingerprints nor by plugins", async () => {
  const plugin = teller({}, ({ options }) => JSON.stringify(options));
  await rig.build([[plugin, { define: { b: 1, a: { d: 1, c: 2 } }, "0": 1 }]]);
  const first = await rig.read("dist/linux-x64/r");
  const other: [Plugin, JsonObject] = [plugin, { "0": 1, define: { a: { c: 2, d: 1 }, b: 1 } }];
  expect((await rig.build([other])).ran).toEqual([]);
  await rig.build([other], { force: true });
  expect(await rig.read("dist/linux-x64/r")).toBe(first);
});

test("artifacts with the same digest look the same to what consumes them", async () => {
  const maker = (meta: JsonObject) =>
    definePlugin({
      name: "maker",
      produces: ["bundle"],
      scope: "project",
      run: async ({ write }) => void (await write("bundle", meta, (out) => out.file("f", "x"))),
    });
  const consumer = definePlugin({
    name: "consumer",
    consumes: ["bundle"],
    produces: ["report"],
    scope: "project",
    async run({ artifacts, write }) {
      await write("report", {}, (out) => out.file("r", JSON.stringify(artifacts.bundle.meta)));
    },
  });
  const metas = [
    { b: 1, a: 2 },
    { a: 2, b: 1 },
  ];
  const texts = [];
  for (const [index, meta] of metas.entries()) {
    await rig.build([maker(meta), consumer], { store: await openStore(`${rig.top}/cache-${index}`) });
    texts.push(await rig.read("dist/r"));
  }
  expect(texts[1]).toBe(texts[0]);
});

test("a plugin that changes its options changes nobody else's", async () => {
  const plugin = definePlugin({
    name: "greedy",
    options: { type: "object", properties: { list: { type: "array", items: { type: "string" } } } },
    lanes: () => ["linux-x64", "linux-arm64"] as const,
    produces: ["report"],
    scope: "target",
    async run({ options, target, write }) {
      (options.list as string[]).push(target!);
      await write("report", {}, (out) => out.file("r", options.list!.join()));
    },
  });
  await rig.build([[plugin, { list: ["a"] }]], { concurrency: 1 });
  expect(await rig.read("dist/linux-x64/r")).toBe("a,linux-x64");
  expect(await rig.read("dist/linux-arm64/r")).toBe("a,linux-arm64");
});

test("a transform may read other options in other lanes", async () => {
  const plugin = definePlugin({
    name: "lanes",
    options: {
      type: "object",
      properties: { all: { type: "string" }, linux: { type: "string" }, windows: { type: "string" } },
    },
    lanes: () => ["linux-x64", "win32-x64"] as const,
    produces: ["report"],
    scope: "target",
    reads: (target) => ["all", target?.startsWith("win32-") ? "windows" : "linux"],
    async run({ options, write }) {
      await write("report", {}, (out) => out.file("r", JSON.stringify(options)));
    },
  });
  await rig.build([[plugin, { all: "1", linux: "1", windows: "1" }]]);
  expect(await rig.read("dist/linux-x64/r")).toBe('{"all":"1","linux":"1"}');
  const result = await rig.build([[plugin, { all: "1", linux: "1", windows: "2" }]]);
  expect(result.ran).toEqual(["win32-x64/lanes"]);
  expect(result.actions.find(({ id }) => id === "win32-x64/lanes")?.reason).toBe(
    'option windows changed: "1" → "2"',
  );
  expect(await rig.read("dist/win32-x64/r")).toBe('{"all":"1","windows":"2"}');
  expect((await rig.build([[plugin, { all: "2", linux: "1", windows: "2" }]])).ran).toHaveLength(2);
});

test("what does not depend on the target is not asked about it", async () => {
  const asked: unknown[] = [];
  const plugin = teller(
    {
      targetless: true,
      reads: (target) => {
        asked.push(target);
        return ["a"];
      },
    },
    ({ options }) => JSON.stringify(options),
  );
  await rig.build([[plugin, { a: "1", b: "1" }]]);
  expect(await rig.read("dist/linux-x64/r")).toBe('{"a":"1"}');
  expect(new Set(asked)).toEqual(new Set([undefined]));
});

test.each([
  [{ a: "1", b: "2" }, { a: '1","b":"2' }],
  [{ a: "" }, {}],
  [{ a: null }, {}],
  [{ a: ["1", "2"] }, { a: ["1,2"] }],
  [{ a: "1" }, { a: 1 }],
  [{ a: "x".repeat(100) }, { a: "x".repeat(101) }],
] as const)("options %j and %j are different", async (one, other) => {
  const plugin = teller({}, ({ options }) => JSON.stringify(options));
  await rig.build([[plugin, one]]);
  expect((await rig.build([[plugin, other]])).ran).toEqual(["linux-x64/teller"]);
});

test("a digest cannot be smuggled in as a short option", async () => {
  const plugin = teller({}, ({ options }) => JSON.stringify(options).slice(0, 20));
  await rig.build([[plugin, { a: "x".repeat(200) }]]);
  const { sha256 } = await import("../src/hash.ts");
  const digest = `sha256:${sha256(JSON.stringify("x".repeat(200)))}`;
  expect((await rig.build([[plugin, { a: digest }]])).ran).toEqual(["linux-x64/teller"]);
});
