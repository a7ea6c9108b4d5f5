import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type BuildEvent, definePlugin, type Plugin, SbpError, type Target } from "../src/index.ts";
import { Rig, reader, shouter } from "./rig.ts";

let rig: Rig;
beforeEach(async () => {
  rig = await Rig.create();
  await rig.write("in.txt", "hello");
});
afterEach(() => rig.remove());

type Run = Plugin["transforms"][0]["run"];
const four: readonly Target[] = ["linux-x64", "linux-arm64", "darwin-x64", "darwin-arm64"];

function lanes(run: Run, extra: object = {}): Plugin {
  return definePlugin({
    name: "lanes",
    lanes: () => four,
    produces: ["report"],
    scope: "target",
    run,
    ...extra,
  } as Parameters<typeof definePlugin>[0]);
}

test.each([1, 2, 3])("no more than %i actions run at once", async (concurrency) => {
  let running = 0;
  let most = 0;
  const plugin = lanes(async ({ write, target }) => {
    most = Math.max(most, ++running);
    await write("report", {}, (out) => out.file("r", `${target}`));
    running--;
  });
  await rig.build([plugin], { concurrency });
  expect(most).toBe(concurrency);
});

test.each([0, -1, Number.NaN])("a concurrency of %d is one", async (concurrency) => {
  const { outcome } = await rig.build([reader(), shouter], { concurrency });
  expect(outcome).toBe("done");
});

test("what listens to events may throw: the build ends well, and the error is not lost", async () => {
  for (const type of [
    "build-started",
    "action-started",
    "action-finished",
    "output-published",
    "build-finished",
  ]) {
    const onEvent = (event: BuildEvent) => {
      if (event.type === type) throw new Error(`no ${type}`);
    };
    await expect(rig.build([reader(), shouter], { onEvent, force: true }), type).rejects.toThrow(
      `no ${type}`,
    );
    expect(await rig.read("dist/shout.txt")).toBe("HELLO");
    expect(await readdir(join(rig.store.dir, "tmp"))).toEqual([]);
  }
  expect((await rig.build([reader(), shouter])).ran).toEqual([]);
});

test("a plugin used twice is disposed of once, and its same work is done once", async () => {
  let disposed = 0;
  let runs = 0;
  const plugin = definePlugin({
    name: "twice",
    produces: ["bundle"],
    scope: "project",
    async run({ write }) {
      runs++;
      await write("bundle", {}, (out) => out.file("b", "x"));
    },
    dispose: async () => void disposed++,
  });
  const project = rig.project([plugin, plugin, shouterOf("b")]);
  const steps = project.steps.map((step, index) => ({ ...step, id: `${step.id}-${index}` }));
  const { outcome } = await rig.build([], { project: { ...project, steps } });
  expect({ outcome, disposed, runs }).toEqual({ outcome: "done", disposed: 1, runs: 1 });
});

function shouterOf(file: string): Plugin {
  return definePlugin({
    name: "shouter",
    consumes: ["bundle"],
    produces: ["report"],
    scope: "project",
    async run({ artifacts, write }) {
      const text = (await artifacts.bundle.read(file)).toString().toUpperCase();
      await write("report", {}, (out) => out.file("shout.txt", text));
    },
  });
}

test("a plugin that cannot be disposed of spoils nothing", async () => {
  const disposed: string[] = [];
  const bad = { ...reader(), dispose: () => Promise.reject(new Error("stuck")) };
  const good = { ...shouter, dispose: async () => void disposed.push("shouter") };
  const { outcome } = await rig.build([bad, good]);
  expect(outcome).toBe("done");
  expect(disposed).toEqual(["shouter"]);
  expect(rig.events).toContainEqual(
    expect.objectContaining({ type: "log", message: expect.stringContaining("stuck") }),
  );
});

test("lanes that do the same fail together, and only once", async () => {
  let runs = 0;
  const plugin = lanes(
    async () => {
      runs++;
      throw new SbpError("SBP_TEST", "no");
    },
    { targetless: true },
  );
  const { actions, errors } = await rig.build([plugin]);
  expect(actions.map(({ outcome }) => outcome)).toEqual(["failed", "failed", "failed", "failed"]);
  expect(runs).toBe(1);
  expect(errors).toHaveLength(4);
});

test("lanes that do the same share a result that cannot be kept", async () => {
  let runs = 0;
  const plugin = lanes(
    async ({ write, dependOn }) => {
      runs++;
      dependOn({ file: "in.txt" });
      await rig.write("in.txt", `changed ${runs}`);
      await write("report", {}, (out) => out.file("r", "x"));
    },
    { targetless: true },
  );
  const { outcome } = await rig.build([plugin]);
  expect({ outcome, runs }).toEqual({ outcome: "done", runs: 1 });
});

test("targets that are named twice are built once", async () => {
  const plugin = lanes(async ({ write, target }) => {
    await write("report", {}, (out) => out.file("r", `${target}`));
  });
  const { outcome, actions } = await rig.build([plugin], { targets: ["linux-x64", "linux-x64"] });
  expect(outcome).toBe("done");
  expect(actions).toHaveLength(1);
});

test("a cancelled build ends although plugins ignore it, in work and while they pin", async () => {
  const never = () => new Promise<never>(() => {});
  const cancelled = async (plugin: Plugin, moment: Promise<void>, controller: AbortController) => {
    const building = rig.build([plugin], { signal: controller.signal });
    await moment;
    controller.abort();
    expect((await building).outcome).toBe("cancelled");
  };
  const started = () => {
    let reached = () => {};
    const moment = new Promise<void>((resolve) => {
      reached = resolve;
    });
    return { reached, moment };
  };
  const one = started();
  const two = started();
  const running = lanes(() => {
    one.reached();
    return never();
  });
  const pinning = lanes(async () => {}, {
    resolve: () => {
      two.reached();
      return never();
    },
  });
  await Promise.all([
    cancelled(running, one.moment, new AbortController()),
    cancelled(pinning, two.moment, new AbortController()),
  ]);
  expect(await readdir(join(rig.store.dir, "tmp"))).toEqual([]);
});

test("what a plugin pins is checked", async () => {
  const wrong: unknown[] = [
    undefined,
    null,
    {},
    { pins: null, lock: {}, changes: [] },
    { pins: {}, lock: {} },
  ];
  for (const resolution of wrong) {
    const plugin = lanes(async () => {}, { resolve: async () => resolution });
    await expect(rig.build([plugin]), JSON.stringify(resolution)).rejects.toMatchObject({
      code: "SBP_PLUGIN_OUTPUT",
      step: "lanes",
    });
  }
});
