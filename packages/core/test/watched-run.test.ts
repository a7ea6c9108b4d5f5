import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { buildPlan } from "../src/build.ts";
import { openProjectMemory } from "../src/build-session.ts";
import { definePlugin, planBuild } from "../src/index.ts";
import { Rig } from "./rig.ts";

let rig: Rig;
beforeEach(async () => {
  rig = await Rig.create();
});
afterEach(() => rig.remove());

const reader = definePlugin({
  name: "reader",
  produces: ["bundle"],
  scope: "project",
  async run({ dependOn, write }) {
    dependOn({ file: "in.txt" });
    await write("bundle", {}, async () => {});
  },
});

/** Builds in the tick of the clock in which the file is written, mostly. True where the result can be kept. */
async function isKept(text: string, changed: readonly string[]): Promise<boolean> {
  const project = rig.project([reader]);
  const memory = openProjectMemory(project, rig.store);
  const watching = { changed: new Set(changed), onArtifact: async () => {} };
  writeFileSync(join(rig.dir, "in.txt"), text);
  const { outcomes } = await buildPlan(
    planBuild(project),
    { project, store: rig.store },
    memory,
    () => {},
    watching,
  );
  return outcomes.every((outcome) => "cacheable" in outcome && outcome.cacheable);
}

test("a watched run begins behind the tick of the changes that started it: it need not be repeated", async () => {
  for (let save = 0; save < 20; save++) expect(await isKept(`save ${save}`, ["in.txt"])).toBe(true);
});

test("what else has changed in that tick may have come after it", async () => {
  let save = 0;
  while (save < 500 && (await isKept(`save ${save}`, []))) save++;
  expect(save).toBeLessThan(500);
});
