import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { scriptProject } from "./projects.ts";
import { folder, sbp } from "./sbp.ts";

/** The names of the modules that a command has run, as the coverage of V8 reports them. */
async function modulesOf(words: readonly string[], cwd: string): Promise<string[]> {
  const coverage = await folder();
  const { code } = await sbp(words, { cwd, env: { NODE_V8_COVERAGE: coverage } });
  expect(code).toBe(0);
  return readdirSync(coverage)
    .flatMap((name) => JSON.parse(readFileSync(join(coverage, name), "utf8")).result as { url: string }[])
    .map(({ url }) => url)
    .filter((url) => url.startsWith("file:"));
}

test("--version loads nothing but itself", async () => {
  const modules = await modulesOf(["--version"], await folder());
  expect(modules.map((url) => url.replace(/^.*\//, ""))).toEqual(["main.ts"]);
});

test("a build without changes loads neither compilers nor what draws", async () => {
  const cwd = await scriptProject();
  await sbp(["build"], { cwd });
  const modules = await modulesOf(["build"], cwd);
  expect(modules.filter((url) => /log-update|plugin-(strip|bundle|embed)/.test(url))).toEqual([]);
});
