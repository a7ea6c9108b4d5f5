import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { definePlugin, type Plugin } from "../src/index.ts";
import { Rig } from "./rig.ts";

/*
 * An output that is a base and a tail: its base is copied while its step still works.
 */

let rig: Rig;
beforeEach(async () => {
  rig = await Rig.create();
});
afterEach(() => rig.remove());

function steps(base: string, tail: string, end: () => Promise<void> = async () => {}): Plugin[] {
  const template = definePlugin({
    name: `base-${base}`,
    produces: ["template"],
    scope: "project",
    run: async ({ write }) =>
      void (await write("template", {}, (out) => out.file("node", base.repeat(100_000)))),
  });
  const executable = definePlugin({
    name: `tail-${tail}`,
    consumes: ["template"],
    produces: ["executable"],
    scope: "project",
    async run({ artifacts, write }) {
      await end();
      const composition = { base: { artifact: artifacts.template, file: "node" }, tail: [Buffer.from(tail)] };
      await write("executable", {}, (out) => out.compose("app", composition, { executable: true }));
    },
  });
  return [template, executable];
}

const output = () => readFile(join(rig.dir, "dist/app"), "utf8");
const listed = async () => (await readdir(join(rig.dir, "dist"))).sort();

test("while the step works, the base is there already; in the end so is the tail", async () => {
  await rig.build(steps("a", "one"));
  let during: string[] = [];
  await rig.build(
    steps("a", "two", async () => {
      // The copy began before the step did.
      for (let tries = 0; during.length < 3 && tries < 500; tries++) {
        during = await listed();
        await new Promise((resolve) => setImmediate(resolve));
      }
    }),
  );
  expect(during).toEqual([expect.stringMatching(/^\.app\.sbp-.*\.tmp$/), "app", "sbp-manifest.json"]);
  expect(await output()).toBe(`${"a".repeat(100_000)}two`);
  expect((await stat(join(rig.dir, "dist/app"))).mode & 0o777).toBe(0o755);
  expect(await listed()).toEqual(["app", "sbp-manifest.json"]);
});

test("a wrong guess is thrown away", async () => {
  await rig.build(steps("a", "one"));
  const result = await rig.build(steps("b", "two"));
  expect(result.outcome).toBe("done");
  expect(await output()).toBe(`${"b".repeat(100_000)}two`);
  expect(await listed()).toEqual(["app", "sbp-manifest.json"]);
});

test("a step that fails leaves the old output and no copy", async () => {
  await rig.build(steps("a", "one"));
  const result = await rig.build(steps("a", "two", () => Promise.reject(new Error("no"))));
  expect(result.outcome).toBe("failed");
  expect(await output()).toBe(`${"a".repeat(100_000)}one`);
  expect(await listed()).toEqual(["app", "sbp-manifest.json"]);
});
