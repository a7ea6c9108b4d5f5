import { chmod, readdir, rm, stat, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { definePlugin, explain, type Plugin, SbpError } from "../src/index.ts";
import { Rig, reader, shouter } from "./rig.ts";

let rig: Rig;
beforeEach(async () => {
  rig = await Rig.create();
});
afterEach(() => rig.remove());

test("the first build runs everything, the second nothing", async () => {
  await rig.write("in.txt", "hello");
  const first = await rig.build([reader(), shouter]);
  expect(first).toMatchObject({ outcome: "done", ran: ["reader", "shouter"] });
  expect(await rig.read("dist/shout.txt")).toBe("HELLO");
  const before = await stat(join(rig.dir, "dist/shout.txt"));
  const second = await rig.build([reader(), shouter]);
  expect(second).toMatchObject({ outcome: "done", ran: [] });
  expect(second.outputs).toMatchObject([{ unchanged: true, size: 5 }]);
  expect((await stat(join(rig.dir, "dist/shout.txt"))).ino).toBe(before.ino);
});

test("a changed input runs what depends on it, and explain follows the reasons", async () => {
  await rig.write("in.txt", "hello");
  await rig.build([reader(), shouter]);
  await rig.write("in.txt", "world");
  const [ahead] = await explain({
    project: rig.project([reader(), shouter]),
    store: rig.store,
    query: "shouter",
  });
  expect(ahead?.pending).toBe("reader would run first: in.txt changed");
  const result = await rig.build([reader(), shouter]);
  expect(result.ran).toEqual(["reader", "shouter"]);
  const [explanation] = await explain({
    project: rig.project([reader(), shouter]),
    store: rig.store,
    query: "shouter",
  });
  expect(explanation?.reason).toMatch(/^artifact bundle changed: [0-9a-f]{12} → [0-9a-f]{12}$/);
  expect(explanation?.causes).toEqual(["reader: in.txt changed"]);
  expect(explanation?.pending).toBeUndefined();
});

test("a touch without a change runs nothing", async () => {
  await rig.write("in.txt", "hello");
  await rig.build([reader(), shouter]);
  await utimes(join(rig.dir, "in.txt"), new Date(), new Date());
  expect((await rig.build([reader(), shouter])).ran).toEqual([]);
});

test("an input that changes to give the same artifact stops there", async () => {
  await rig.write("in.txt", "hello");
  const trimmed: Plugin = definePlugin({
    name: "reader",
    produces: ["bundle"],
    scope: "project",
    async run({ dependOn, projectDir, write }) {
      dependOn({ file: "in.txt" });
      const { readFile } = await import("node:fs/promises");
      const text = (await readFile(join(projectDir, "in.txt"), "utf8")).trim();
      await write("bundle", {}, (out) => out.file("text", text));
    },
  });
  await rig.build([trimmed, shouter]);
  await rig.write("in.txt", "hello  ");
  expect((await rig.build([trimmed, shouter])).ran).toEqual(["reader"]);
});

test("going back to an earlier state is a hit", async () => {
  await rig.write("in.txt", "one");
  await rig.build([reader(), shouter]);
  await rig.write("in.txt", "two");
  await rig.build([reader(), shouter]);
  await rig.write("in.txt", "one");
  const back = await rig.build([reader(), shouter]);
  expect(back.ran).toEqual([]);
  expect(await rig.read("dist/shout.txt")).toBe("ONE");
});

test("options that a transform does not read do not run it", async () => {
  const plugin = definePlugin({
    name: "two",
    options: { type: "object", properties: { a: { type: "string" }, b: { type: "string" } } },
    transforms: [
      {
        name: "first",
        produces: ["one"],
        scope: "project",
        reads: ["a"],
        async run({ options, write }) {
          await write("one", { ...options }, (out) => out.file("one.json", JSON.stringify(options)));
        },
      },
      {
        name: "second",
        produces: ["other"],
        scope: "project",
        reads: ["b"],
        async run({ options, write }) {
          await write("other", {}, (out) => out.file("other.json", JSON.stringify(options)));
        },
      },
    ],
  });
  await rig.build([[plugin, { a: "1", b: "1" }]]);
  const result = await rig.build([[plugin, { a: "1", b: "2" }]]);
  expect(result.ran).toEqual(["two:second"]);
  expect(result.actions.find(({ id }) => id === "two:second")?.reason).toBe('option b changed: "1" → "2"');
  expect(await rig.read("dist/other.json")).toBe('{"b":"2"}');
});

test("environment, directories, globs and absent files are inputs", async () => {
  const plugin = definePlugin({
    name: "watcher",
    produces: ["report"],
    scope: "project",
    async run({ dependOn, write }) {
      dependOn(
        { env: "SBP_TEST_ENV" },
        { directory: "src" },
        { glob: "data/**/*.txt" },
        { file: "maybe.json" },
      );
      await write("report", {}, (out) => out.file("r", "x"));
    },
  });
  await rig.write("src/a.ts", "");
  await rig.write("data/deep/a.txt", "1");
  const reason = async () => {
    const { actions } = await rig.build([plugin]);
    return actions[0]?.outcome === "ran" ? actions[0].reason : "unchanged";
  };
  expect(await reason()).toBe("never built here");
  expect(await reason()).toBe("unchanged");
  process.env.SBP_TEST_ENV = "on";
  expect(await reason()).toBe("the environment variable SBP_TEST_ENV appeared");
  await rig.write("src/b.ts", "");
  expect(await reason()).toBe("files came or went in src");
  await rig.write("data/deep/a.txt", "2");
  expect(await reason()).toBe("a file matched by data/**/*.txt changed");
  await rig.write("maybe.json", "{}");
  expect(await reason()).toBe("maybe.json appeared");
  await rm(join(rig.dir, "maybe.json"));
  delete process.env.SBP_TEST_ENV;
  expect(await reason()).toBe("the environment variable SBP_TEST_ENV is gone");
});

test("a tool's version is an input, and a missing tool is explained", async () => {
  const bin = join(rig.top, "bin");
  await rig.write("../bin/mytool", "#!/bin/sh\necho mytool 1.0\n");
  await chmod(join(bin, "mytool"), 0o755);
  const plugin = (name: string) =>
    definePlugin({
      name: `user-of-${name}`,
      produces: ["report"],
      scope: "project",
      async run({ tool, write }) {
        const { version } = await tool(name, { install: "apt-get install mytool" });
        await write("report", {}, (out) => out.file("r", version));
      },
    });
  const path = process.env.PATH;
  process.env.PATH = `${bin}:${path}`;
  try {
    await rig.build([plugin("mytool")]);
    expect(await rig.read("dist/r")).toBe("mytool 1.0");
    expect((await rig.build([plugin("mytool")])).ran).toEqual([]);
    await rig.write("../bin/mytool", "#!/bin/sh\necho mytool 2.0\n");
    expect((await rig.build([plugin("mytool")])).actions[0]?.reason).toBe("the program mytool changed");
    const missing = await rig.build([plugin("no-such-tool")]);
    expect(missing.errors).toMatchObject([{ code: "SBP_TOOL_MISSING", hint: "apt-get install mytool" }]);
  } finally {
    process.env.PATH = path;
  }
});

test("inputs that change while the step runs make its result count for this build only", async () => {
  await rig.write("in.txt", "old");
  const plugin = definePlugin({
    name: "slow",
    produces: ["report"],
    scope: "project",
    async run({ dependOn, write }) {
      dependOn({ file: "in.txt" });
      await write("report", {}, (out) => out.file("r", "from old"));
      await rig.tick();
      await rig.write("in.txt", `new ${Math.random()}`);
    },
  });
  await rig.build([plugin]);
  const again = await rig.build([plugin]);
  expect(again.ran).toEqual(["slow"]);
  expect(again.actions[0]?.reason).toBe("its inputs changed while it ran last time");
});

test("two clones share results, whatever their folders", async () => {
  await rig.write("in.txt", "hello");
  await rig.build([reader(), shouter]);
  await rig.write("../clone/in.txt", "hello");
  const clone = rig.project([reader(), shouter], join(rig.top, "clone"));
  const result = await rig.build([], { project: clone });
  expect(result.ran).toEqual([]);
  expect(await rig.read("../clone/dist/shout.txt")).toBe("HELLO");
});

test("a failing step names itself, stops its dependents, and leaves the outputs as they were", async () => {
  await rig.write("in.txt", "hello");
  await rig.build([reader(), shouter]);
  await rig.write("in.txt", "second");
  const broken = {
    ...shouter,
    transforms: shouter.transforms.map((t) => ({ ...t, run: () => Promise.reject(new TypeError("boom")) })),
  };
  const after = definePlugin({
    name: "after",
    consumes: ["report"],
    produces: ["sbom"],
    scope: "project",
    run: async () => {},
  });
  const result = await rig.build([reader(), broken, after]);
  expect(result.outcome).toBe("failed");
  expect(result.errors).toMatchObject([
    {
      code: "SBP_PLUGIN_THREW",
      step: "shouter",
      plugin: "shouter",
      message: 'The plugin "shouter" failed: boom',
    },
  ]);
  expect(result.actions.map(({ outcome }) => outcome)).toEqual(["ran", "failed", "cancelled"]);
  expect(await rig.read("dist/shout.txt")).toBe("HELLO");
  expect(await readdir(join(rig.store.dir, "tmp"))).toEqual([]);
});

test("lanes that do not depend on a failure go on", async () => {
  const lanes = definePlugin({
    name: "lanes",
    lanes: () => ["linux-x64", "linux-arm64"] as const,
    produces: ["runtime"],
    scope: "target",
    async run({ target, write }) {
      if (target === "linux-arm64") throw new SbpError("SBP_TEST", "no runtime");
      await write("runtime", {}, (out) => out.file("node", `${target}`));
    },
  });
  const result = await rig.build([lanes]);
  expect(result.actions.map(({ id, outcome }) => [id, outcome])).toEqual([
    ["linux-x64/lanes", "ran"],
    ["linux-arm64/lanes", "failed"],
  ]);
});

test("a targetless transform runs once for all lanes", async () => {
  let runs = 0;
  const lanes = definePlugin({
    name: "lanes",
    lanes: () => ["linux-x64", "linux-arm64", "darwin-x64"] as const,
    produces: ["host-runtime"],
    scope: "target",
    targetless: true,
    async run({ write }) {
      runs++;
      await write("host-runtime", {}, (out) => out.file("node", "x"));
    },
  });
  const result = await rig.build([lanes]);
  expect(runs).toBe(1);
  expect(result.actions.filter(({ outcome }) => outcome === "cached")).toHaveLength(2);
});

test("cancellation ends running steps and leaves nothing behind", async () => {
  const controller = new AbortController();
  const plugin = definePlugin({
    name: "endless",
    produces: ["report"],
    scope: "project",
    async run({ write, signal }) {
      await write("report", {}, async (out) => {
        await out.file("half", "half");
        controller.abort();
        await new Promise((_, reject) => {
          if (signal.aborted) reject(signal.reason);
          signal.addEventListener("abort", () => reject(signal.reason));
        });
      });
    },
  });
  const result = await rig.build([plugin], { signal: controller.signal });
  expect(result.outcome).toBe("cancelled");
  expect(await readdir(join(rig.store.dir, "tmp"))).toEqual([]);
  expect(await rig.store.list()).toEqual([]);
  expect(await readdir(rig.dir)).toEqual([]);
});

test("wrong outputs of a plugin are refused", async () => {
  const plugin = (fill: (context: Parameters<Plugin["transforms"][0]["run"]>[0]) => Promise<unknown>) =>
    definePlugin({
      name: "wrong",
      produces: ["report"],
      scope: "project",
      run: async (c) => void (await fill(c)),
    });
  const errorOf = async (p: Plugin) => (await rig.build([p])).errors[0];
  expect(await errorOf(plugin(async () => {}))).toMatchObject({ code: "SBP_PLUGIN_OUTPUT" });
  expect(await errorOf(plugin((c) => c.write("image", {}, () => {})))).toMatchObject({
    code: "SBP_PLUGIN_OUTPUT",
  });
  for (const path of ["../up", "/abs", "a/../../b", "", "a\\b", "x/"]) {
    const error = await errorOf(plugin((c) => c.write("report", {}, (out) => out.file(path, "x"))));
    expect(error, path).toMatchObject({ code: "SBP_PLUGIN_OUTPUT" });
  }
  const reserved = plugin((c) => c.write("report", {}, async (out) => void (await out.reserve("never"))));
  expect((await errorOf(reserved))?.message).toMatch(/announced .* but never written/);
});

test("an output folder that is a file is reported, and the file stays", async () => {
  await rig.write("in.txt", "hello");
  await rig.write("dist", "precious");
  const result = await rig.build([reader(), shouter]);
  expect(result.errors).toMatchObject([{ code: "SBP_OUTPUT_NOT_WRITABLE" }]);
  expect(await rig.read("dist")).toBe("precious");
});

test("a changed output is put right again", async () => {
  await rig.write("in.txt", "hello");
  await rig.build([reader(), shouter]);
  await writeFile(join(rig.dir, "dist/shout.txt"), "tampered");
  const result = await rig.build([reader(), shouter]);
  expect(result.ran).toEqual([]);
  expect(await rig.read("dist/shout.txt")).toBe("HELLO");
});

test("warnings come again when the result is taken from the store", async () => {
  const plugin = definePlugin({
    name: "warner",
    produces: ["report"],
    scope: "project",
    async run({ report, write }) {
      report({ severity: "warning", code: "SBP_TEST", message: "careful" });
      await write("report", {}, (out) => out.file("r", "x"));
    },
  });
  await rig.build([plugin]);
  const second = await rig.build([plugin]);
  expect(second.ran).toEqual([]);
  expect(second.diagnostics).toMatchObject([{ message: "careful" }]);
  expect(rig.events.some(({ type }) => type === "diagnostic")).toBe(true);
});

test("the manifest tells what was built and is the same every time", async () => {
  await rig.write("in.txt", "hello");
  await rig.build([reader(), shouter]);
  const manifest = await rig.read("dist/sbp-manifest.json");
  expect(JSON.parse(manifest)).toMatchObject({
    manifestVersion: 1,
    name: "app",
    outputs: [{ path: "shout.txt", kind: "report", size: 5, meta: { length: 5 } }],
  });
  await rm(join(rig.dir, "dist"), { recursive: true });
  await rig.build([reader(), shouter]);
  expect(await rig.read("dist/sbp-manifest.json")).toBe(manifest);
  expect(manifest).not.toContain(rig.top);
});

test("two builds of one project at once both end well", async () => {
  await rig.write("in.txt", "hello");
  const results = await Promise.all([rig.build([reader(), shouter]), rig.build([reader(), shouter])]);
  expect(results.map(({ outcome }) => outcome)).toEqual(["done", "done"]);
  expect(await rig.read("dist/shout.txt")).toBe("HELLO");
});
