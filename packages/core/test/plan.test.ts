import { afterEach, beforeEach, expect, test } from "vitest";
import { definePlugin, type Plugin, planBuild, SbpError, type Transform } from "../src/index.ts";
import { bundleAction, planFor, planUntil } from "../src/plan.ts";
import { Rig } from "./rig.ts";

let rig: Rig;
beforeEach(async () => {
  rig = await Rig.create();
});
afterEach(() => rig.remove());

const run = async () => {};
const plugin = (name: string, transform: Omit<Transform, "run">): Plugin => ({
  name,
  transforms: [{ ...transform, run }],
});
const bundle = plugin("bundle", { produces: ["bundle"], scope: "project" });
const lanes = definePlugin({
  name: "lanes",
  lanes: () => ["linux-x64", "linux-arm64"] as const,
  produces: ["runtime"],
  scope: "target",
  run,
});
const embed = plugin("embed", { consumes: ["bundle", "runtime"], produces: ["executable"], scope: "target" });

function problems(steps: Parameters<Rig["project"]>[0]) {
  try {
    planBuild(rig.project(steps));
  } catch (error) {
    if (error instanceof SbpError) return error.diagnostics.map(({ message, hint }) => `${message}. ${hint}`);
    throw error;
  }
  return [];
}

test("project artifacts flow into every lane, each step takes the newest", () => {
  const minify = plugin("minify", { consumes: ["bundle"], produces: ["bundle"], scope: "project" });
  const plan = planBuild(rig.project([bundle, lanes, minify, embed]));
  expect(plan.actions.map(({ id }) => id)).toEqual([
    "bundle",
    "linux-x64/lanes",
    "linux-arm64/lanes",
    "minify",
    "linux-x64/embed",
    "linux-arm64/embed",
  ]);
  const last = plan.actions.at(-1)!;
  expect([...last.sources].map(([kind, { id }]) => `${kind} from ${id}`)).toEqual([
    "bundle from minify",
    "runtime from linux-arm64/lanes",
  ]);
  expect(plan.actions.filter(({ published }) => published.length > 0).map(({ id }) => id)).toEqual([
    "linux-x64/embed",
    "linux-arm64/embed",
  ]);
});

test("chosen targets take the place of the config's", () => {
  expect(planBuild(rig.project([lanes]), ["darwin-x64"]).targets).toEqual(["darwin-x64"]);
});

test("a bundle that nobody takes is an output", () => {
  expect(planBuild(rig.project([bundle])).actions[0]?.published).toEqual(["bundle"]);
});

test("a step without what it consumes is refused, with who makes it", () => {
  expect(problems([lanes, embed])).toEqual([
    'Step "embed" needs "bundle", which no step before it makes. Put a "bundle" step before it.',
  ]);
  expect(problems([plugin("x", { consumes: ["odd"], produces: ["y"], scope: "project" })])).toEqual([
    'Step "x" needs "odd", which no step before it makes. Put a step whose plugin produces it before this one.',
  ]);
});

test("a step per target without targets is refused", () => {
  expect(problems([bundle, embed])).toEqual([
    'Step "embed" works per target, but no step before it names targets. Put a "cross-target" step before it.',
  ]);
});

test("a project step cannot take what is made per target", () => {
  const report = plugin("report", { consumes: ["runtime"], produces: ["report"], scope: "project" });
  expect(problems([lanes, report])).toEqual([
    'Step "report" works once for the project, but "runtime" is made once per target. A plugin that consumes it must have the scope "target".',
  ]);
});

test("all impossible steps are named at once", () => {
  expect(
    problems([embed, plugin("x", { consumes: ["odd"], produces: ["y"], scope: "project" })]),
  ).toHaveLength(2);
});

test("optional transforms are left out, but one of them must do", () => {
  const strip = definePlugin({
    name: "strip",
    transforms: [
      {
        name: "javascript",
        consumes: ["bundle"],
        produces: ["bundle"],
        scope: "project",
        optional: true,
        run,
      },
      { name: "runtime", consumes: ["runtime"], produces: ["runtime"], scope: "target", optional: true, run },
    ],
  });
  expect(planBuild(rig.project([bundle, strip])).actions.map(({ id }) => id)).toEqual([
    "bundle",
    "strip:javascript",
  ]);
  expect(problems([strip])).toHaveLength(1);
});

test("a plan is cut after a step, which is named by its id or by what it makes", () => {
  const report = plugin("report", { consumes: ["executable"], produces: ["report"], scope: "target" });
  const plan = planBuild(rig.project([bundle, lanes, embed, report]));
  const ids = (until: string) => planUntil(plan, until).actions.map(({ id }) => id);
  expect(ids("executable")).toEqual(ids("embed"));
  expect(ids("embed")).toEqual([
    "bundle",
    "linux-x64/lanes",
    "linux-arm64/lanes",
    "linux-x64/embed",
    "linux-arm64/embed",
  ]);
  expect(planUntil(plan, "embed").publishes).toBe(true);
  // Nothing of it is published: the list of outputs stays as it is.
  expect(planUntil(plan, "lanes").publishes).toBe(false);
  expect(() => planUntil(plan, "exectable")).toThrow('There is no step "exectable"');
});

test("the plan of the app's first bundle is what that needs", () => {
  const minify = plugin("minify", { consumes: ["bundle"], produces: ["bundle"], scope: "project" });
  const plan = planBuild(rig.project([lanes, bundle, minify, embed]));
  const first = planFor(plan, bundleAction(plan)!);
  expect(first.actions.map(({ id }) => id)).toEqual(["bundle"]);
  expect(first.steps.map(({ id }) => id)).toEqual(["bundle"]);
});
