import { execFile } from "node:child_process";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  buildWorkspace,
  chooseProjects,
  definePlugin,
  findWorkspace,
  isSbpError,
  type Member,
  type Plugin,
  readWorkspace,
  type WorkspaceBuildOptions,
} from "../src/index.ts";
import { Rig } from "./rig.ts";

const run = promisify(execFile);

let rig: Rig;
beforeEach(async () => {
  rig = await Rig.create();
  await rig.write("package.json", '{ "name": "top", "private": true, "workspaces": ["libs/*", "apps/*"] }');
  await rig.write("package-lock.json", "{}");
  await member("libs/text", "@acme/text");
  await member("libs/words", "@acme/words", { "@acme/text": "*" });
  await member("apps/one", "@acme/one", { "@acme/words": "*" }, true);
  await member("apps/two", "@acme/two", { "@acme/one": "*", lodash: "4" }, true);
  await member("apps/alone", "@acme/alone", {}, true);
});
afterEach(() => rig.remove());

async function member(place: string, name: string, dependencies = {}, isProject = false): Promise<void> {
  await rig.write(`${place}/package.json`, JSON.stringify({ name, version: "1.0.0", dependencies }));
  if (isProject) await rig.write(`${place}/sbp.config.json`, "{}");
}

async function chosen(filter: readonly string[], since?: string): Promise<string[]> {
  const projects = await chooseProjects(await readWorkspace(rig.dir), { filter, since });
  return projects.map(({ place }) => place);
}

describe("the projects of a workspace", () => {
  test("are the members with a config", async () => {
    const { members } = await readWorkspace(rig.dir);
    expect(members.map(({ place, isProject, dependencies }) => [place, isProject, dependencies])).toEqual([
      [".", false, []],
      ["apps/alone", true, []],
      ["apps/one", true, ["@acme/words"]],
      ["apps/two", true, ["@acme/one"]],
      ["libs/text", false, []],
      ["libs/words", false, ["@acme/text"]],
    ]);
  });

  test("are found from within a member, and not from elsewhere", async () => {
    expect((await findWorkspace(join(rig.dir, "apps/one/src")))?.dir).toBe(rig.dir);
    expect(await findWorkspace(rig.top)).toBeUndefined();
  });

  test.each([
    [[], ["apps/alone", "apps/one", "apps/two"]],
    [["@acme/one"], ["apps/one"]],
    [["@acme/*"], ["apps/alone", "apps/one", "apps/two"]],
    [["./apps/t*"], ["apps/two"]],
    [["./apps/two/"], ["apps/two"]],
    [["@acme/two..."], ["apps/one", "apps/two"]],
    [["...@acme/text"], ["apps/one", "apps/two"]],
    [["!@acme/alone"], ["apps/one", "apps/two"]],
    [
      ["./apps/*", "!@acme/one..."],
      ["apps/alone", "apps/two"],
    ],
  ])("can be chosen: %j", async (filter, places) => {
    expect(await chosen(filter)).toEqual(places);
  });

  test("that are not there are named, with what is", async () => {
    await expect(chosen(["@acme/onne"])).rejects.toMatchObject({
      code: "SBP_WORKSPACE_FILTER",
      hint: "Did you mean @acme/one? The projects are @acme/alone, @acme/one, @acme/two.",
    });
  });
});

describe("what changed since a commit", () => {
  const git = (...words: string[]) =>
    run("git", ["-c", "user.name=t", "-c", "user.email=t@example.com", ...words], { cwd: rig.dir });
  beforeEach(async () => {
    await git("init", "-q", "-b", "main");
    await rig.write(".gitignore", "dist\n");
    await git("add", "-A");
    await git("commit", "-qm", "first");
  });

  test("is nothing at first", async () => {
    expect(await chosen([], "main")).toEqual([]);
  });

  test("brings what depends on it: changed, added, deleted and committed files", async () => {
    await rig.write("libs/text/index.ts", "new");
    expect(await chosen([], "main")).toEqual(["apps/one", "apps/two"]);
    await git("switch", "-qc", "branch");
    await git("add", "-A");
    await git("commit", "-qm", "second");
    expect(await chosen([], "main")).toEqual(["apps/one", "apps/two"]);
    expect(await chosen(["@acme/two"], "main")).toEqual(["apps/two"]);
    expect(await chosen([], "HEAD")).toEqual([]);
    await rm(join(rig.dir, "apps/alone/sbp.config.json"));
    await rig.write("apps/alone/dist/ignored", "");
    expect(await chosen([], "HEAD")).toEqual([]);
    await rig.write("apps/alone/sbp.config.json", "{ }");
    expect(await chosen([], "HEAD")).toEqual(["apps/alone"]);
  });

  test("counts from where the branch left: what others have done since is none of it", async () => {
    await git("switch", "-qc", "branch");
    await git("switch", "-q", "main");
    await rig.write("apps/alone/new.ts", "");
    await git("add", "-A");
    await git("commit", "-qm", "on main");
    await git("switch", "-q", "branch");
    expect(await chosen([], "main")).toEqual([]);
  });

  test("is everything when a file of all changed", async () => {
    await rig.write("package-lock.json", '{ "lockfileVersion": 3 }');
    expect(await chosen([], "main")).toEqual(["apps/alone", "apps/one", "apps/two"]);
  });

  test("is told by paths from the workspace, where that is a folder of the repository", async () => {
    await rm(join(rig.dir, ".git"), { recursive: true });
    const inTop = (...words: string[]) =>
      run("git", ["-c", "user.name=t", "-c", "user.email=t@example.com", ...words], { cwd: rig.top });
    await inTop("init", "-q", "-b", "main");
    await inTop("add", "project");
    await inTop("commit", "-qm", "first");
    await rig.write("apps/alone/new.ts", "");
    expect(await chosen([], "HEAD")).toEqual(["apps/alone"]);
    await writeFile(join(rig.top, "shared.json"), "");
    expect(await chosen([], "HEAD")).toEqual(["apps/alone", "apps/one", "apps/two"]);
  });

  test.each(["no-such-branch", "--output=/tmp/x"])("a commit that is none is refused: %s", async (since) => {
    await expect(chosen([], since)).rejects.toMatchObject({ code: "SBP_WORKSPACE_SINCE" });
  });
});

describe("a build of a workspace", () => {
  /** Makes a bundle that says which project it is of. */
  function maker(work: (place: string) => Promise<void> = async () => {}): Plugin {
    return definePlugin({
      name: "maker",
      produces: ["bundle"],
      scope: "project",
      async run({ projectDir, write }) {
        await work(projectDir.slice(rig.dir.length + 1));
        await write("bundle", {}, (out) => out.file("text", "same"));
      },
    });
  }

  async function buildAll(steps: readonly Plugin[], options: Partial<WorkspaceBuildOptions> = {}) {
    const workspace = await readWorkspace(rig.dir);
    const projects = await chooseProjects(workspace, {});
    const order: string[] = [];
    const result = await buildWorkspace({
      workspace,
      projects,
      open: async ({ dir }: Member) => rig.project(steps, dir),
      store: rig.store,
      onEvent: (event) => {
        if (event.type !== "project-event") order.push(`${event.type} ${event.member.place}`);
      },
      ...options,
    });
    const outcomes = Object.fromEntries(
      [...result.projects].map(([{ place }, { outcome }]) => [place, outcome]),
    );
    return { ...result, order, outcomes };
  }

  test("begins a project when those that it depends on have ended", async () => {
    const { outcome, outcomes, order } = await buildAll([maker()]);
    expect(outcome).toBe("done");
    expect(outcomes).toEqual({ "apps/alone": "done", "apps/one": "done", "apps/two": "done" });
    expect(order.indexOf("project-started apps/two")).toBeGreaterThan(
      order.indexOf("project-finished apps/one"),
    );
  });

  test("goes on without what needs a project that failed", async () => {
    const failing = maker(async (place) => {
      if (place === "apps/one") throw new Error("no");
    });
    const { outcome, outcomes, projects } = await buildAll([failing]);
    expect(outcome).toBe("failed");
    expect(outcomes).toEqual({ "apps/alone": "done", "apps/one": "failed", "apps/two": "not-run" });
    const last = [...projects.values()].at(-1)!;
    expect(last.outcome === "not-run" && last.because?.place).toBe("apps/one");
  });

  test("a project that cannot be read is one that failed", async () => {
    const { SbpError } = await import("../src/index.ts");
    const open = async ({ place, dir }: Member) => {
      if (place === "apps/alone") throw new SbpError("SBP_CONFIG_INVALID", "wrong");
      return rig.project([maker()], dir);
    };
    const { outcome, outcomes, projects } = await buildAll([], { open });
    expect(outcome).toBe("failed");
    expect(outcomes).toEqual({ "apps/alone": "refused", "apps/one": "done", "apps/two": "done" });
    const first = [...projects.values()][0]!;
    expect(first.outcome === "refused" && isSbpError(first.error)).toBe(true);
  });

  test("does once what several projects need, also when they need it at the same time", async () => {
    let times = 0;
    const template = definePlugin({
      name: "template",
      consumes: ["bundle"],
      produces: ["executable"],
      scope: "project",
      async run({ write }) {
        times++;
        await write("executable", {}, (out) => out.file("app", "x"));
      },
    });
    const { outcome } = await buildAll([maker(), template], { concurrency: 4 });
    expect(outcome).toBe("done");
    expect(times).toBe(1);
  });

  test("keeps projects with the same options apart", async () => {
    const reader = definePlugin({
      name: "reader",
      produces: ["report"],
      scope: "project",
      async run({ projectDir, dependOn, write }) {
        dependOn({ file: "in.txt" });
        const { readFile } = await import("node:fs/promises");
        const text = await readFile(join(projectDir, "in.txt"), "utf8").catch(() => "none");
        await write("report", {}, (out) => out.file("report.txt", text));
      },
    });
    const places = Array.from({ length: 20 }, (_, index) => `apps/many-${index}`);
    for (const place of places) {
      await member(place, `@acme/${place.slice(5)}`, {}, true);
      await rig.write(`${place}/in.txt`, place);
    }
    await buildAll([reader]);
    for (const place of places) expect(await rig.read(`${place}/dist/report.txt`)).toBe(place);
    const again = await buildAll([reader]);
    const ran = [...again.projects.values()].flatMap((one) =>
      "build" in one ? one.build.actions.filter(({ outcome }) => outcome === "ran") : [],
    );
    expect(ran).toEqual([]);
  });

  test("disposes of plugins once, when all projects have ended", async () => {
    const order: string[] = [];
    const plugin = definePlugin({
      ...maker(async (place) => void order.push(place)),
      dispose: async () => void order.push("dispose"),
    });
    await buildAll([plugin]);
    expect(order.filter((word) => word === "dispose")).toHaveLength(1);
    expect(order.at(-1)).toBe("dispose");
  });

  test("can be cancelled: what has not begun does not", async () => {
    const controller = new AbortController();
    const stopper = maker(async () => controller.abort());
    const { outcome, outcomes } = await buildAll([stopper], { signal: controller.signal, concurrency: 1 });
    expect(outcome).toBe("cancelled");
    expect(Object.values(outcomes)).not.toContain("done");
  });

  test("members that depend on one another in a circle are built all the same", async () => {
    await member("apps/one", "@acme/one", { "@acme/two": "*" }, true);
    const { outcome } = await buildAll([maker()]);
    expect(outcome).toBe("done");
  });
});

describe("package managers", () => {
  test.each([
    ["pnpm", { "pnpm-workspace.yaml": "packages:\n  - 'apps/*'\n", "pnpm-lock.yaml": "" }, {}],
    ["Yarn", { "yarn.lock": "" }, { workspaces: { packages: ["apps/*"] } }],
    ["Bun", { "bun.lock": "{}" }, { workspaces: ["apps/*"] }],
  ])("%s", async (_, files, manifest) => {
    await rm(join(rig.dir, "package-lock.json"));
    await rig.write("package.json", JSON.stringify({ name: "top", private: true, ...manifest }));
    for (const [name, text] of Object.entries(files)) await rig.write(name, text);
    expect(await chosen([])).toEqual(["apps/alone", "apps/one", "apps/two"]);
  });
});
