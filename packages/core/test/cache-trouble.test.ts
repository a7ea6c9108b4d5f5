import { mkdir, readdir, rm, writeFile } from "node:fs/promises";
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

/** The plugin with something happening as soon as it runs, the first time. */
function when(plugin: Plugin, happens: () => Promise<unknown>): Plugin {
  let times = 0;
  const transform = plugin.transforms[0]!;
  const run: typeof transform.run = async (context) => {
    if (times++ === 0) await happens();
    await transform.run(context);
  };
  return { ...plugin, transforms: [{ ...transform, run }] };
}

async function expectGood(steps: readonly Plugin[]): Promise<void> {
  const result = await rig.build(steps);
  expect(result.errors.map(String)).toEqual([]);
  expect(result.outcome).toBe("done");
  expect(await rig.read("dist/shout.txt")).toBe("HELLO");
  expect(rig.events.filter(({ type }) => type === "action-failed" || type === "action-cancelled")).toEqual(
    [],
  );
}

const emptied: Record<string, () => Promise<unknown>> = {
  "its blobs": () => rm(rig.store.blobs.dir, { recursive: true }),
  everything: () => rm(rig.store.dir, { recursive: true }),
  "what `sbp cache clear` removes": () => rig.store.clear(),
};

test.each(Object.keys(emptied))("the store loses %s between a result and its use", async (what) => {
  await expectGood([reader(), when(shouter, emptied[what]!)]);
  expect((await rig.build([reader(), shouter])).ran).toEqual([]);
});

test.each(Object.keys(emptied))("the store loses %s before the outputs are put in place", async (what) => {
  const last = definePlugin({
    name: "last",
    produces: ["sbom"],
    scope: "project",
    run: async ({ write }) => void (await write("sbom", {}, (out) => out.file("sbom", "x"))),
  });
  const plugin = when(last, emptied[what]!);
  const [transform] = plugin.transforms;
  // It runs last, and its own result is whole.
  const after = { ...plugin, transforms: [{ ...transform!, consumes: ["report"] }] };
  await expectGood([reader(), shouter, after]);
});

test("a plugin that fails by itself is run once", async () => {
  let times = 0;
  const broken = definePlugin({
    name: "broken",
    consumes: ["bundle"],
    produces: ["report"],
    scope: "project",
    async run({ tmp }) {
      times++;
      const { readFile } = await import("node:fs/promises");
      await readFile(join(await tmp(), "never-written"));
    },
  });
  const { outcome, errors } = await rig.build([reader(), broken]);
  expect({ outcome, times }).toEqual({ outcome: "failed", times: 1 });
  expect(errors).toMatchObject([{ code: "SBP_PLUGIN_THREW" }]);
});

test("a plugin that empties the store every time fails in the end", async () => {
  const destroyer = definePlugin({
    name: "destroyer",
    consumes: ["bundle"],
    produces: ["report"],
    scope: "project",
    async run({ artifacts }) {
      await rm(await artifacts.bundle.path("text"), { force: true });
      throw new Error("destroyed");
    },
  });
  const { outcome, errors } = await rig.build([reader(), destroyer]);
  expect(outcome).toBe("failed");
  expect(errors).toMatchObject([{ code: "SBP_PLUGIN_THREW", step: "destroyer" }]);
});

/** A file stands where the store wants a folder: nobody can write there, not even root. */
async function block(...names: string[]): Promise<void> {
  await rm(join(rig.store.dir, ...names), { recursive: true, force: true });
  await mkdir(join(rig.store.dir, ...names, ".."), { recursive: true });
  await writeFile(join(rig.store.dir, ...names), "");
}

test.each(["blobs", "tmp", "actions", "projects", "last-gc/x"])("no %s can be written", async (name) => {
  await block(...name.split("/"));
  await expectGood([reader(), shouter]);
  await expectGood([reader(), shouter]);
});

test.each(["blobs", "actions", "tmp"])("%s can no longer be written while the build runs", async (name) => {
  await expectGood([reader(), when(shouter, () => block(name))]);
  await expectGood([reader(), shouter]);
});

test("a store that cannot be written is told", async () => {
  await block("blobs");
  await expectGood([reader(), shouter]);
  expect(rig.events).toContainEqual(
    expect.objectContaining({
      type: "diagnostic",
      diagnostic: expect.objectContaining({ severity: "warning", code: "SBP_CACHE_UNWRITABLE" }),
    }),
  );
});

test("folders in place of the project's memory", async () => {
  await expectGood([reader(), shouter]);
  const projects = join(rig.store.dir, "projects");
  const folder = join(projects, (await readdir(projects))[0]!);
  for (const name of ["state.json", "digests.json"]) {
    await rm(join(folder, name), { force: true });
    await mkdir(join(folder, name, "inner"), { recursive: true });
  }
  await rig.write("in.txt", "hello");
  await expectGood([reader(), shouter]);
});

test("builds go on while the store is cleared again and again", async () => {
  let building = true;
  const clearing = (async () => {
    while (building) {
      await rig.store.clear();
      await new Promise((resolve) => setImmediate(resolve));
    }
  })();
  for (let round = 0; round < 15; round++) {
    await rig.write("in.txt", `hello ${round}`);
    const result = await rig.build([reader(), shouter]);
    expect(result.errors.map(String)).toEqual([]);
    expect(await rig.read("dist/shout.txt")).toBe(`HELLO ${round}`);
  }
  building = false;
  await clearing;
});
