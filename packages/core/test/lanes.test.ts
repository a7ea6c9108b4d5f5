import { afterEach, beforeEach, expect, test } from "vitest";
import { problemsOfPlugin } from "../src/config/plugin-shape.ts";
import { definePlugin, planBuild, SbpError, type Target } from "../src/index.ts";
import { Rig } from "./rig.ts";

/* What a project's step takes from all lanes at once. */

let rig: Rig;
beforeEach(async () => {
  rig = await Rig.create();
});
afterEach(() => rig.remove());

/** Opens lanes, and makes a file of each one's name and a text. */
const lanes = (targets: readonly Target[], text: (target: string) => string = () => "1") =>
  definePlugin({
    name: "lanes",
    lanes: () => targets,
    produces: ["part"],
    scope: "target",
    async run({ target, dependOn, write }) {
      dependOn({ env: `SBP_TEST_${text(target!)}` });
      await write("part", {}, (out) => out.file("part.txt", `${target} ${text(target!)}\n`));
    },
  });

const together = definePlugin({
  name: "together",
  consumesLanes: ["part"],
  produces: ["sum"],
  scope: "project",
  async run({ artifacts, lanes, write }) {
    const texts = await Promise.all([...lanes.values()].map(({ part }) => part!.read("part.txt")));
    const [first] = [...lanes.values()];
    await write("sum", { artifacts: Object.keys(artifacts), lanes: [...lanes.keys()] }, async (out) => {
      await out.file("sum.txt", texts.join(""));
      await out.file("first.txt", { artifact: first!.part!, file: "part.txt" });
    });
  },
});

const both = ["linux-x64", "linux-arm64"] as const;

test("a step of the project takes a kind from every lane, in the order of the targets' names", async () => {
  const result = await rig.build([lanes(both), together]);
  expect(result).toMatchObject({ outcome: "done", ran: expect.arrayContaining(["together"]) });
  expect(await rig.read("dist/sum.txt")).toBe("linux-arm64 1\nlinux-x64 1\n");
  expect(await rig.read("dist/first.txt")).toBe("linux-arm64 1\n");
  const { meta } = result.outputs.find(({ kind }) => kind === "sum")!;
  expect(meta).toEqual({ artifacts: [], lanes: ["linux-arm64", "linux-x64"] });
});

test("it runs again when one lane's artifact is another, and for another set of lanes", async () => {
  const steps = (text: string) => [lanes(both, (target) => (target === "linux-x64" ? text : "1")), together];
  await rig.build(steps("1"));
  // Another order of the same lanes is the same.
  expect((await rig.build([lanes([...both].reverse()), together])).ran).toEqual([]);
  const more = [lanes([...both, "darwin-arm64"]), together] as const;
  expect((await rig.build(more)).ran).toEqual(["darwin-arm64/lanes", "together"]);
  const less = await rig.build(more, { targets: ["linux-x64"] });
  expect(less.ran).toEqual(["together"]);
  expect(await rig.read("dist/sum.txt")).toBe("linux-x64 1\n");
});

test("a kind that no lane makes is refused", () => {
  const refused = (steps: Parameters<Rig["project"]>[0]) => {
    try {
      planBuild(rig.project(steps));
    } catch (error) {
      if (error instanceof SbpError) return error.diagnostics.map(({ message }) => message);
      throw error;
    }
    return [];
  };
  expect(refused([together])).toEqual(['Step "together" needs "part", which no step before it makes']);
  const other = definePlugin({
    name: "other",
    consumesLanes: ["odd"],
    produces: ["sum"],
    scope: "project",
    async run() {},
  });
  expect(refused([lanes(both), other])).toEqual(['Step "other" needs "odd", which no step before it makes']);
});

test("a plugin whose transform is per target cannot take from all lanes", () => {
  const wrong = { name: "p", consumesLanes: ["part"], produces: ["sum"], scope: "target", run() {} };
  expect(problemsOfPlugin(wrong)).toEqual([
    '"consumesLanes" is for the scope "project": a lane has its own artifacts alone',
  ]);
});
