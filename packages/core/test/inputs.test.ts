import { chmod, readdir, readFile, rename, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type Dependency, definePlugin, type Plugin, type RunContext } from "../src/index.ts";
import { Rig, reader, shouter } from "./rig.ts";

let rig: Rig;
beforeEach(async () => {
  rig = await Rig.create();
});
afterEach(() => rig.remove());

/** Reads what is there, and has something happen before it ends. */
function watcher(dependencies: readonly Dependency[], during: (context: RunContext) => unknown = () => {}) {
  return definePlugin({
    name: "watcher",
    produces: ["report"],
    scope: "project",
    async run(context) {
      context.dependOn(...dependencies);
      await context.write("report", {}, (out) => out.file("r", "x"));
      await during(context as unknown as RunContext);
    },
  });
}

async function reasonFor(plugin: Plugin): Promise<string> {
  const { actions, outcome } = await rig.build([plugin]);
  expect(outcome).toBe("done");
  return actions[0]?.outcome === "ran" ? actions[0].reason : "unchanged";
}

/** Something happens to the inputs while the step runs, the first time. */
async function happensDuring(dependencies: readonly Dependency[], during: () => Promise<unknown>) {
  let times = 0;
  const plugin = watcher(dependencies, async () => {
    if (times++ > 0) return;
    await rig.tick();
    await during();
  });
  await reasonFor(plugin);
  return reasonFor(plugin);
}

const changedWhileRunning = "its inputs changed while it ran last time";

test("a file that goes while the step runs", async () => {
  await rig.write("in.txt", "x");
  const during = () => rm(join(rig.dir, "in.txt"));
  expect(await happensDuring([{ file: "in.txt" }], during)).toBe(changedWhileRunning);
});

test("a folder that goes with its files while the step runs", async () => {
  await rig.write("src/deep/in.txt", "x");
  const during = () => rm(join(rig.dir, "src"), { recursive: true });
  expect(await happensDuring([{ file: "src/deep/in.txt" }], during)).toBe(changedWhileRunning);
});

test.each([
  "changes",
  "goes",
  "comes",
  "is replaced by an older one",
])("a file of a glob that %s while the step runs", async (what) => {
  await rig.write("data/deep/a.txt", "1");
  await rig.write("data/b.txt", "1");
  await rig.write("other/old.txt", "old");
  const a = join(rig.dir, "data/deep/a.txt");
  const happenings: Record<string, () => Promise<unknown>> = {
    changes: () => writeFile(a, "2"),
    goes: () => rm(a),
    comes: () => rig.write("data/deeper/c.txt", "new"),
    "is replaced by an older one": () => rename(join(rig.dir, "other/old.txt"), a),
  };
  expect(await happensDuring([{ glob: "data/**/*.txt" }], happenings[what]!)).toBe(changedWhileRunning);
});

test.each([
  [{ file: "data/run.sh" }, "data/run.sh changed"],
  [{ glob: "data/*.sh" }, "a file matched by data/*.sh changed"],
])("whether the owner may run a file of %j is part of it, other permissions are not", async (one, changed) => {
  await rig.write("data/run.sh", "true");
  const plugin = watcher([one]);
  const file = join(rig.dir, "data/run.sh");
  await reasonFor(plugin);
  for (const [mode, reason] of [
    [0o666, "unchanged"],
    [0o655, "unchanged"],
    [0o744, changed],
    [0o755, "unchanged"],
    // As before: the store has it.
    [0o644, "unchanged"],
  ] as const) {
    await chmod(file, mode);
    expect(await reasonFor(plugin), mode.toString(8)).toBe(reason);
  }
});

test("what happens beside the files of a glob does not matter", async () => {
  await rig.write("data/a.txt", "1");
  await rig.write("other/b.txt", "1");
  const during = () => rig.write("other/c.txt", "1");
  expect(await happensDuring([{ glob: "data/**/*.txt" }], during)).toBe("unchanged");
});

test("what is put into the output folder while the step runs does not matter", async () => {
  await rig.write("data/a.txt", "1");
  await rig.write("dist/linux-x64/own.txt", "1");
  const during = async () => {
    await rig.write("dist/linux-x64/.app.sbp-elsewhere-1-abcdef-1.tmp", "half an output");
    await rig.write("dist/linux-arm64/app", "an output");
  };
  expect(await happensDuring([{ glob: "**/*.txt" }], during)).toBe("unchanged");
});

/** A program on PATH for the time of a function. */
async function withTool(script: string, work: (path: string) => Promise<void>): Promise<void> {
  await rig.write("../bin/mytool", script);
  const tool = join(rig.top, "bin/mytool");
  await chmod(tool, 0o755);
  const path = process.env.PATH;
  process.env.PATH = `${join(rig.top, "bin")}:${path}`;
  try {
    await work(tool);
  } finally {
    process.env.PATH = path;
  }
}

const toolUser = (during: () => unknown = () => {}): Plugin =>
  definePlugin({
    name: "user",
    produces: ["report"],
    scope: "project",
    async run({ tool, write }) {
      const { version } = await tool("mytool");
      await during();
      await write("report", {}, (out) => out.file("r", version));
    },
  });

test("a tool that is replaced while the step runs", async () => {
  await withTool("#!/bin/sh\necho mytool 1.0\n", async (path) => {
    const replace = async () => {
      await rig.tick();
      await writeFile(path, "#!/bin/sh\necho mytool 2.0\n");
    };
    await reasonFor(toolUser(replace));
    expect(await reasonFor(toolUser())).toBe(changedWhileRunning);
    expect(await rig.read("dist/r")).toBe("mytool 2.0");
  });
});

test("a tool that only passes on to another one is asked for its version every time", async () => {
  await rig.write("version", "mytool 1.0");
  await withTool(`#!/bin/sh\ncat ${join(rig.dir, "version")}\n`, async () => {
    await reasonFor(toolUser());
    expect(await reasonFor(toolUser())).toBe("unchanged");
    await rig.write("version", "mytool 2.0");
    expect(await reasonFor(toolUser())).toBe("the program mytool changed");
    expect(await rig.read("dist/r")).toBe("mytool 2.0");
  });
});

test("a tool that no longer tells its version", async () => {
  await withTool("#!/bin/sh\necho mytool 1.0\n", async (path) => {
    await reasonFor(toolUser());
    await writeFile(path, "#!/bin/sh\nexit 1\n");
    const { outcome, errors } = await rig.build([toolUser()]);
    expect(outcome).toBe("failed");
    expect(errors[0]).toMatchObject({ step: "user" });
  });
});

test("a tool is a name on PATH, not a way to a file", async () => {
  const plugin = definePlugin({
    name: "user",
    produces: ["report"],
    scope: "project",
    run: async ({ tool }) => void (await tool("../../bin/sh")),
  });
  const { errors } = await rig.build([plugin]);
  expect(errors).toMatchObject([{ code: "SBP_TOOL_MISSING" }]);
});

test("the outputs of the build are no inputs, other files in their folder are", async () => {
  await rig.write("in.txt", "hello");
  await rig.write("dist/own.txt", "by hand");
  const plugin = watcher([{ glob: "**/*.txt" }, { directory: "." }]);
  const build = async () => (await rig.build([reader(), shouter, plugin])).ran;
  expect(await build()).toEqual(["reader", "shouter", "watcher"]);
  expect(await rig.read("dist/shout.txt")).toBe("HELLO");
  expect(await build()).toEqual([]);
  await rig.write("dist/own.txt", "by hand, again");
  expect(await build()).toEqual(["watcher"]);
});

test("an output folder outside of the project hides nothing", async () => {
  await rig.write("../out/other/data.txt", "1");
  const project = {
    ...rig.project([watcher([{ glob: "../out/other/*.txt" }])]),
    outDir: join(rig.top, "out"),
  };
  expect((await rig.build([], { project })).ran).toEqual(["watcher"]);
  expect((await rig.build([], { project })).ran).toEqual([]);
  await rig.write("../out/other/data.txt", "2");
  expect((await rig.build([], { project })).ran).toEqual(["watcher"]);
});

test("globs follow links, see hidden files, and leave out what is ignored", async () => {
  await rig.write("data/.hidden.txt", "1");
  await rig.write("data/ignored/a.txt", "1");
  await rig.write("elsewhere/b.txt", "1");
  await symlink(join(rig.dir, "elsewhere"), join(rig.dir, "data/link"));
  await symlink(join(rig.dir, "data/self"), join(rig.dir, "data/self"));
  await symlink("nowhere", join(rig.dir, "data/dangling.txt"));
  const plugin = watcher([{ glob: "data/**/*.txt", ignore: ["data/ignored/**"] }]);
  expect(await reasonFor(plugin)).toBe("never built here");
  expect(await reasonFor(plugin)).toBe("unchanged");
  await rig.write("data/ignored/a.txt", "2");
  expect(await reasonFor(plugin)).toBe("unchanged");
  for (const file of ["data/.hidden.txt", "elsewhere/b.txt"]) {
    await rig.write(file, "2");
    expect(await reasonFor(plugin), file).toBe("a file matched by data/**/*.txt changed");
  }
});

test("an input that can no longer be looked at runs the step instead of failing the build", async () => {
  const plugin = watcher([{ file: "maybe.json" }, { file: "folder/maybe.json" }]);
  await reasonFor(plugin);
  await symlink("maybe.json", join(rig.dir, "maybe.json"));
  expect(await reasonFor(plugin)).toBe("maybe.json cannot be read");
  expect(await reasonFor(plugin)).toBe(changedWhileRunning);
  await rm(join(rig.dir, "maybe.json"));
  await rig.write("folder", "now a file");
  expect(await reasonFor(plugin)).toBe("unchanged");
});

test("an empty file, an empty folder and an absent one are three things", async () => {
  const plugin = watcher([{ file: "f" }, { directory: "d" }]);
  await reasonFor(plugin);
  await rig.write("f", "");
  expect(await reasonFor(plugin)).toBe("f appeared");
  await rig.write("d/x", "");
  await rm(join(rig.dir, "d/x"));
  expect(await reasonFor(plugin)).toBe("the folder d appeared");
  await rm(join(rig.dir, "f"));
  expect(await reasonFor(plugin)).toBe("f is gone");
  await rig.write("f/x", "");
  expect(await reasonFor(plugin)).toBe("f is a folder now");
});

test("the same tool with other arguments is another input", async () => {
  await rig.write("version", "1");
  await withTool(`#!/bin/sh\n[ "$1" = -v ] && exec echo one\ncat ${join(rig.dir, "version")}\n`, async () => {
    const plugin = definePlugin({
      name: "user",
      produces: ["report"],
      scope: "project",
      async run({ tool, write }) {
        const all = await tool("mytool", { versionArgs: ["--all"] });
        await tool("mytool", { versionArgs: ["-v"] });
        await write("report", {}, (out) => out.file("r", all.version));
      },
    });
    await reasonFor(plugin);
    await rig.write("version", "2");
    expect(await reasonFor(plugin)).toBe("the program mytool changed");
    expect(await rig.read("dist/r")).toBe("2");
  });
});

test("file digests of another machine's or a damaged memory are not taken", async () => {
  await rig.write("in.txt", "hello");
  await rig.build([reader(), shouter]);
  const projects = join(rig.store.dir, "projects");
  const path = join(projects, (await readdir(projects))[0]!, "digests.json");
  const file = join(rig.dir, "in.txt");
  for (const entry of [
    null,
    1,
    "x",
    {},
    { value: "x" },
    { value: "x", stat: null },
    { value: 7, stat: {} },
  ]) {
    await writeFile(path, JSON.stringify({ [file]: entry }));
    expect(await rig.build([reader(), shouter]), JSON.stringify(entry)).toMatchObject({
      outcome: "done",
      ran: [],
    });
  }
  for (const text of ["", "[]", "null", '"abc"', "[1]", '{"__proto__":{"value":"x"}}']) {
    await writeFile(path, text);
    expect(await rig.build([reader(), shouter]), text).toMatchObject({ outcome: "done", ran: [] });
  }
  expect(await readFile(join(rig.dir, "dist/shout.txt"), "utf8")).toBe("HELLO");
});
