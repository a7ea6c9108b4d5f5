import { afterEach, beforeEach, expect, test } from "vitest";
import { type ArtifactKind, definePlugin, type Plugin, type Transform } from "../src/index.ts";
import { Rig, reader } from "./rig.ts";

/*
 * A transform that takes long to get ready is told while what it depends on is still being made.
 *
 *   reader ─► bundle ──┐
 *   base ───► template ┴─► executable
 */

let rig: Rig;
let told: string[];
beforeEach(async () => {
  rig = await Rig.create();
  told = [];
  await rig.write("in.txt", "one");
});
afterEach(() => rig.remove());

const base = definePlugin({
  name: "base",
  produces: ["template"],
  scope: "project",
  run: async ({ write }) => void (await write("template", {}, (out) => out.file("node", "base"))),
});

function maker(warmUp: NonNullable<Transform["warmUp"]>): Plugin {
  return definePlugin({
    name: "maker",
    consumes: ["bundle", "template"],
    produces: ["executable"],
    scope: "project",
    options: { type: "object", properties: { loud: { type: "boolean" } } },
    warmUp,
    async run({ write }) {
      told.push("run");
      await write("executable", { size: 3 }, (out) => out.file("app", "app"));
    },
    dispose: async () => void told.push("dispose"),
  } as Parameters<typeof definePlugin>[0]);
}

/** Whoever waits for a step that calls this has been told when it ends. */
async function untilTold(): Promise<void> {
  const deadline = Date.now() + 30_000;
  while (told.length === 0 && Date.now() < deadline) await new Promise((resolve) => setImmediate(resolve));
}

const kinds = (artifacts: object) => Object.keys(artifacts) as ArtifactKind[];

test("it is told before its run, once, with what is there already", async () => {
  const late = reader("in.txt", {
    async run(context) {
      context.dependOn({ file: "in.txt" });
      await untilTold();
      await context.write("bundle", {}, (out) => out.file("text", told.join()));
    },
  });
  const plugin = maker(async ({ artifacts, options, target }) => {
    const content = await artifacts.template?.read("node");
    told.push(`warm up: ${kinds(artifacts)} ${content} ${JSON.stringify(options)} ${target}`);
  });
  const result = await rig.build([base, late, [plugin, { loud: true }]]);
  expect(result.outcome).toBe("done");
  expect(told).toEqual(['warm up: template base {"loud":true} undefined', "run", "dispose"]);
});

test("it is told as well where something else that it takes waits for the same", async () => {
  const late = reader("in.txt", {
    async run(context) {
      context.dependOn({ file: "in.txt" });
      await untilTold();
      await context.write("bundle", {}, (out) => out.file("text", "text"));
    },
  });
  const between = definePlugin({
    name: "between",
    consumes: ["bundle"],
    produces: ["target-packages"],
    scope: "project",
    run: async ({ write }) => void (await write("target-packages", {}, () => {})),
  });
  const plugin = maker(async ({ artifacts }) => void told.push(`warm up: ${kinds(artifacts)}`));
  const taking = {
    ...plugin,
    transforms: plugin.transforms.map((one) => ({ ...one, consumesOptional: ["target-packages"] })),
  };
  await rig.build([base, late, between, taking]);
  expect(told).toEqual(["warm up: template", "run", "dispose"]);
});

test("it is told what came out last time", async () => {
  const plugin = (version: number) => ({
    ...maker(async ({ previous }) => void told.push(JSON.stringify(previous))),
    version: `${version}`,
  });
  await rig.build([base, reader(), plugin(1)]);
  await rig.write("in.txt", "two");
  await rig.build([base, reader(), plugin(1)]);
  expect(told.filter((line) => line.startsWith("{"))).toEqual(["{}", '{"executable":{"size":3}}']);
});

test("it is not told when nothing has changed", async () => {
  const plugin = maker(async () => void told.push("warm up"));
  await rig.build([base, reader(), plugin]);
  told.length = 0;
  await rig.build([base, reader(), plugin]);
  expect(told).toEqual(["dispose"]);
});

test("a plugin is disposed of only when its warming up has ended, needed or not", async () => {
  const plugin = maker(async () => {
    await new Promise((resolve) => setTimeout(resolve, 50));
    told.push("warm");
  });
  const fails = reader("in.txt", {
    run: async () => {
      await new Promise((resolve) => setTimeout(resolve, 10));
      throw new Error("no");
    },
  });
  await rig.build([base]);
  const result = await rig.build([base, fails, plugin]);
  expect(result.outcome).toBe("failed");
  expect(told).toEqual(["warm", "dispose"]);
});

test("its failure is none of the build, and neither is its hanging once the build is cancelled", async () => {
  const failing = maker(async () => {
    throw new Error("cold");
  });
  expect((await rig.build([base, reader(), failing])).outcome).toBe("done");

  const controller = new AbortController();
  const hanging = maker(() => {
    setImmediate(() => controller.abort());
    return new Promise<never>(() => {});
  });
  const result = await rig.build([base, reader(), hanging], { force: true, signal: controller.signal });
  expect(result.outcome).toBe("cancelled");
});
