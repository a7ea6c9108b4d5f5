import { chmod, mkdir, rename, rm, symlink, utimes, writeFile } from "node:fs/promises";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { definePlugin, type Plugin, type RunContext, SbpError } from "../src/index.ts";
import { Rig, reader, shouter } from "./rig.ts";
import { WatchRig } from "./watch-rig.ts";

/** The words of all files that a glob matches, in the order of their names. */
const collector: Plugin = definePlugin({
  name: "collector",
  produces: ["bundle"],
  scope: "project",
  async run({ dependOn, projectDir, write }: RunContext) {
    dependOn({ glob: "words/**/*.txt" });
    const { glob, readFile } = await import("node:fs/promises");
    const words: string[] = [];
    for await (const file of glob("words/**/*.txt", { cwd: projectDir }))
      words.push(await readFile(`${projectDir}/${file}`, "utf8"));
    await write("bundle", {}, (out) => out.file("text", words.sort().join(" ")));
  },
});

/** Fails for as long as the file says so; before that it declares what it reads. */
const moody: Plugin = definePlugin({
  name: "moody",
  produces: ["bundle"],
  scope: "project",
  async run({ dependOn, projectDir, write }: RunContext) {
    dependOn({ file: "in.txt" });
    const { readFile } = await import("node:fs/promises");
    const text = await readFile(`${projectDir}/in.txt`, "utf8");
    if (text === "bad") throw new SbpError("SBP_TEST", "in.txt is bad", { location: { file: "in.txt" } });
    await write("bundle", {}, (out) => out.file("text", text));
  },
});

/** Runs until it is told to go on by a file, or cancelled. */
function patient(started: () => void, released: Promise<void>): Plugin {
  return definePlugin({
    name: "patient",
    produces: ["bundle"],
    scope: "project",
    async run({ dependOn, projectDir, signal, write }: RunContext) {
      dependOn({ file: "in.txt" });
      const { readFile } = await import("node:fs/promises");
      const text = await readFile(`${projectDir}/in.txt`, "utf8");
      if (text === "slow") {
        started();
        const cancelled = new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()));
        await Promise.race([released, cancelled]);
        signal.throwIfAborted();
      }
      await write("bundle", {}, (out) => out.file("text", text));
    },
  });
}

let rig: Rig;
let watching: WatchRig;
beforeEach(async () => {
  rig = await Rig.create();
  await rig.write("in.txt", "one");
});
afterEach(async () => {
  await watching.watcher.close();
  await rig.remove();
});

/** A file that is emptied first and then filled may be seen in between, which counts as a change. */
async function writeAtOnce(file: string, text: string): Promise<void> {
  await rig.write(`${file}.new`, text);
  await rename(watching.path(`${file}.new`), watching.path(file));
}

/** Changes a mark, and waits until that alone was built: nothing that happened before it has started a build. */
async function expectNothingElse(mark: (text: string) => Promise<void>): Promise<void> {
  const before = watching.seen.length;
  await mark("mark");
  await watching.next("watching");
  const since = watching.seen.slice(before);
  expect(since.filter(({ type }) => type === "change-detected")).toHaveLength(1);
  const builds = since.filter(({ type }) => type === "build-started");
  // Where the mark was written in the tick in which the build began, it is built again.
  const again = since.filter(
    (event) =>
      event.type === "action-started" && event.reason === "its inputs changed while it ran last time",
  );
  expect(builds.length - again.length).toBe(1);
}

describe("idle → settling → building: a change of a file", () => {
  beforeEach(async () => {
    watching = WatchRig.steps(rig, [reader()]);
    expect(await watching.built()).toBe("one");
    await watching.next("watching");
  });

  test("is told, and built", async () => {
    await rig.write("in.txt", "two");
    expect((await watching.next("change-detected")).files).toEqual(["in.txt"]);
    const { files, result } = await watching.next("built");
    expect(files).toEqual(["in.txt"]);
    expect(result.actions.map(({ reason }) => reason)).toEqual(["in.txt changed"]);
  });

  test("that an editor puts in its place is built, again and again", async () => {
    for (const text of ["two", "three", "four"]) {
      await rig.write("in.txt.new", text);
      await rename(watching.path("in.txt.new"), watching.path("in.txt"));
      expect(await watching.built()).toBe(text);
      await watching.next("watching");
    }
  });

  test("that is deleted and comes again is built both times", async () => {
    await rm(watching.path("in.txt"));
    expect((await watching.next("built")).result.outcome).toBe("failed");
    await watching.next("watching");
    await rig.write("in.txt", "again");
    expect(await watching.built()).toBe("again");
  });

  test("that is gone with its folder and comes again with one is built", async () => {
    await rename(rig.dir, `${rig.dir}-away`);
    expect((await watching.next("built")).result.outcome).toBe("failed");
    await watching.next("watching");
    await mkdir(rig.dir);
    await rig.write("in.txt", "back");
    expect(await watching.built()).toBe("back");
  });

  test("that its owner may run from now on is told", async () => {
    await chmod(watching.path("in.txt"), 0o755);
    expect((await watching.next("change-detected")).files).toEqual(["in.txt"]);
    expect(await watching.built()).toBe("one");
  });

  test("of many writes in a row ends in what the last has written", async () => {
    for (let count = 0; count < 50; count++) await rig.write("in.txt", `${count}`);
    let text = "";
    while (text !== "49") text = await watching.built();
    expect(watching.count("built")).toBeLessThan(40);
  });
});

describe("settling → idle: nothing is built", () => {
  test("for a touched file, one that is written as it is, other files, and our own outputs", async () => {
    watching = WatchRig.steps(rig, [reader(), shouter], { until: "shouter" });
    expect(await watching.built()).toBe("one");
    await watching.next("watching");
    await utimes(watching.path("in.txt"), new Date(), new Date());
    await writeAtOnce("in.txt", "one");
    await rig.write("other.txt", "x");
    await rig.write("dist/shout.txt", "somebody else");
    await expectNothingElse((text) => writeAtOnce("in.txt", text));
  });
});

describe("building → cancelling → building: a change during a build", () => {
  test("cancels it and starts anew", async () => {
    let started = () => {};
    const running = new Promise<void>((resolve) => {
      started = resolve;
    });
    await rig.write("in.txt", "one");
    watching = WatchRig.steps(rig, [patient(() => started(), new Promise(() => {}))]);
    expect(await watching.built()).toBe("one");
    await watching.next("watching");
    await rig.write("in.txt", "slow");
    await watching.next("action-started");
    await running;
    await rig.write("in.txt", "quick");
    expect((await watching.next("build-finished")).outcome).toBe("cancelled");
    expect(await watching.built()).toBe("quick");
  });
});

describe("arming → building: a change before a file was watched", () => {
  test("is seen when it is", async () => {
    let reads = 0;
    const late = reader("in.txt", {
      async run({ dependOn, projectDir, write }: RunContext) {
        dependOn({ file: "in.txt" });
        const { readFile } = await import("node:fs/promises");
        const text = await readFile(`${projectDir}/in.txt`, "utf8");
        // After it was read, and before anybody watches.
        if (reads++ === 0) await writeFile(`${projectDir}/in.txt`, "changed");
        await write("bundle", {}, (out) => out.file("text", text));
      },
    });
    watching = WatchRig.steps(rig, [late]);
    expect(await watching.built()).toBe("one");
    expect(await watching.built()).toBe("changed");
    await watching.next("watching");
    await expectNothingElse((text) => writeAtOnce("in.txt", text));
  });
});

describe("a failed build", () => {
  test("is told with its error, and mended by a change of what it had read", async () => {
    await rig.write("in.txt", "bad");
    watching = WatchRig.steps(rig, [moody]);
    const { result, bundle } = await watching.next("built");
    expect(result.outcome).toBe("failed");
    expect(result.errors[0]?.message).toBe("in.txt is bad");
    expect(bundle).toBeUndefined();
    await watching.next("watching");
    await rig.write("in.txt", "good");
    expect(await watching.built()).toBe("good");
  });
});

describe("loading → refused → loading: a project that cannot be loaded", () => {
  test("is told once, and built when something mends it", async () => {
    let isBroken = true;
    watching = new WatchRig(rig, async () => {
      if (isBroken) throw new SbpError("SBP_CONFIG_INVALID", "broken");
      return rig.project([reader()]);
    });
    expect((await watching.next("build-refused")).error.message).toBe("broken");
    await watching.next("watching");
    await rig.write("src/deep/unrelated.txt", "x");
    await watching.next("watching");
    isBroken = false;
    await rig.write("src/deep/config.txt", "x");
    expect(await watching.built()).toBe("one");
    expect(watching.count("build-refused")).toBe(1);
  });

  test("leaves a running session as it is: a change of its files loads it again", async () => {
    await rig.write("project.txt", "in.txt");
    await rig.write("other.txt", "other");
    watching = new WatchRig(rig, async () => {
      const file = await rig.read("project.txt");
      if (file === "?") throw new SbpError("SBP_CONFIG_INVALID", "no file");
      return { ...rig.project([reader(file)]), files: [watching.path("project.txt")] };
    });
    expect(await watching.built()).toBe("one");
    await watching.next("watching");
    await rig.write("project.txt", "?");
    await watching.next("build-refused");
    await watching.next("watching");
    await rig.write("project.txt", "other.txt");
    // The plugin is the same by name and digest: its result is not.
    expect((await watching.next("built")).result.outcome).toBe("done");
  });
});

describe("what is watched", () => {
  test("of a glob: files that come, go and change in new folders, too", async () => {
    await rig.write("words/a.txt", "a");
    watching = WatchRig.steps(rig, [collector]);
    expect(await watching.built()).toBe("a");
    await watching.next("watching");
    await mkdir(watching.path("words/new/deep"), { recursive: true });
    await rig.write("words/new/deep/b.txt", "b");
    expect(await watching.built()).toBe("a b");
    await watching.next("watching");
    await rig.write("words/new/deep/b.txt", "c");
    expect(await watching.built()).toBe("a c");
    await watching.next("watching");
    await rename(watching.path("words/new"), watching.path("words/other"));
    expect(await watching.built()).toBe("a c");
    await rm(watching.path("words/other"), { recursive: true });
    let text = "";
    while (text !== "a") text = await watching.built();
  });

  test("of a link: what it leads to", async () => {
    await mkdir(`${rig.top}/elsewhere`);
    await writeFile(`${rig.top}/elsewhere/real.txt`, "real");
    await symlink(`${rig.top}/elsewhere/real.txt`, `${rig.dir}/link.txt`);
    watching = WatchRig.steps(rig, [reader("link.txt")]);
    expect(await watching.built()).toBe("real");
    await watching.next("watching");
    await writeFile(`${rig.top}/elsewhere/real.txt`, "changed");
    expect(await watching.built()).toBe("changed");
  });

  test("with poll: the same, without news of the system", async () => {
    watching = WatchRig.steps(rig, [reader("sub/in.txt")], { poll: true });
    expect((await watching.next("built")).result.outcome).toBe("failed");
    await watching.next("watching");
    await rig.write("sub/in.txt", "appeared");
    let text = "";
    while (text !== "appeared")
      text = await watching
        .next("built")
        .then(async ({ bundle }) => `${bundle ? await bundle.read("text") : ""}`);
    await watching.next("watching");
    await rig.write("sub/in.txt", "polled, and longer");
    expect(await watching.built()).toBe("polled, and longer");
  });
});

describe("any state → closed", () => {
  test("idle: the events end, and nothing keeps the process", async () => {
    watching = WatchRig.steps(rig, [reader()]);
    await watching.next("watching");
    await watching.watcher.close();
    await expect(watching.next("built")).rejects.toThrow("ended without");
    expect(process.getActiveResourcesInfo().filter((name) => name === "FSEventWrap")).toEqual([]);
  });

  test("building: the build is cancelled", async () => {
    await rig.write("in.txt", "slow");
    let started = () => {};
    const running = new Promise<void>((resolve) => {
      started = resolve;
    });
    watching = WatchRig.steps(rig, [patient(() => started(), new Promise(() => {}))]);
    await watching.next("action-started");
    await running;
    await watching.watcher.close();
    expect((await watching.next("build-finished")).outcome).toBe("cancelled");
  });

  test("by its signal", async () => {
    const controller = new AbortController();
    watching = WatchRig.steps(rig, [reader()], { signal: controller.signal });
    await watching.next("watching");
    controller.abort();
    await expect(watching.next("built")).rejects.toThrow("ended without");
  });
});

/** Writes sbp.lock.json. */
const pinner = definePlugin({
  name: "pinner",
  lanes: () => ["linux-x64"] as const,
  produces: ["report"],
  scope: "target",
  resolve: async () => ({ pins: {}, lock: 1, changes: ["pinned"] }),
  run: async ({ write }) => void (await write("report", {}, (out) => out.file("r", "x"))),
});

test("the lock that a build writes does not cancel it", async () => {
  let runs = 0;
  const last = definePlugin({
    name: "last",
    consumes: ["report"],
    produces: ["sbom"],
    scope: "target",
    async run({ projectDir, signal, write }) {
      if (runs++ === 0) {
        // Whatever is seen of the lock is seen together with this, or before.
        await writeFile(`${projectDir}/words/b.txt`, "b");
        await new Promise((resolve) => signal.addEventListener("abort", resolve));
        signal.throwIfAborted();
      }
      await write("sbom", {}, (out) => out.file("s", "x"));
    },
  });
  await mkdir(`${rig.dir}/words`);
  await writeFile(`${rig.dir}/words/a.txt`, "a");
  watching = WatchRig.steps(rig, [collector, pinner, last]);
  await watching.next("watching");
  watching.watcher.rebuild({ everything: true });
  await watching.next("lock-changed");
  const { files } = await watching.next("change-detected");
  expect(files).toEqual(["words/**/*.txt"]);
  expect(await watching.built()).toBe("a b");
  expect(await rig.read("sbp.lock.json")).toContain('"pinner": 1');
});

test("whoever changes the lock after the first build, which wrote it unseen, is heard", async () => {
  watching = WatchRig.steps(rig, [pinner]);
  await watching.next("lock-changed");
  await watching.next("watching");
  await rig.write("sbp.lock.json", `${await rig.read("sbp.lock.json")}\n`);
  expect((await watching.next("change-detected")).files).toEqual(["sbp.lock.json"]);
});
