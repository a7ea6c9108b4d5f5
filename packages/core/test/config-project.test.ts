import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { failure, load, projectWith, rendered } from "./config-rig.ts";

const main = { "src/main.ts": "" };

test("the config is found from a folder inside the project", async () => {
  const dir = projectWith({ ...main, "sbp.config.json": { name: "a" }, "package.json": {} });
  const project = await load(join(dir, "src"));
  expect(project).toMatchObject({ dir, configFile: join(dir, "sbp.config.json"), outDir: join(dir, "dist") });
  expect(project.files).toEqual([join(dir, "sbp.config.json"), join(dir, "package.json")]);
});

test("the search ends at the nearest package.json: a package of a workspace is a project of its own", async () => {
  const dir = projectWith({
    "sbp.config.json": { name: "root" },
    "packages/a/package.json": { name: "@acme/a" },
    "packages/a/src/main.ts": "",
  });
  const project = await load(join(dir, "packages/a/src"));
  expect(project.dir).toBe(join(dir, "packages/a"));
  expect(project.configFile).toBeUndefined();
  expect(project.app.name).toBe("a");
});

test("a config that is named is used, and its folder is the project", async () => {
  const dir = projectWith({ "deploy/edge.json": { name: "edge", outDir: "../out" }, "deploy/main.js": "" });
  const project = await load(dir, { configFile: "deploy/edge.json" });
  expect(project).toMatchObject({ dir: join(dir, "deploy"), outDir: join(dir, "out") });
});

test("without a config the default pipeline runs", async () => {
  const { steps } = await load(projectWith(main));
  expect(steps.map(({ id }) => id)).toEqual(["bundle", "cross-target", "strip", "embed-runtime"]);
  expect(steps.map(({ location }) => location)).toEqual([undefined, undefined, undefined, undefined]);
  expect(steps[0]!.options).toEqual({ entry: "src/main.ts", format: "esm" });
});

test("a step's id is its plugin's name; the second of a name gets a number", async () => {
  const pipeline = [{ use: "strip" }, { use: "embed-runtime" }, { use: "strip", level: 1 }, { use: "strip" }];
  const { steps } = await load(projectWith({ ...main, "sbp.config.json": { pipeline } }));
  expect(steps.map(({ id }) => id)).toEqual(["strip", "embed-runtime", "strip-2", "strip-3"]);
  expect(steps.map(({ pluginDigest }) => pluginDigest)).toEqual([
    "strip@1",
    "embed-runtime@1",
    "strip@1",
    "strip@1",
  ]);
});

test("name and version: config, else package.json without scope, else the folder", async () => {
  const packageJson = { name: "@acme/health", version: "1.2.0" };
  const config = { name: "service", version: "2.0.0" };
  const app = async (files: Readonly<Record<string, unknown>>, folder = ".") =>
    (await load(join(projectWith(files), folder))).app;
  expect(await app({ ...main, "package.json": packageJson, "sbp.config.json": config })).toEqual(config);
  expect(await app({ ...main, "package.json": packageJson })).toEqual({ name: "health", version: "1.2.0" });
  expect(await app({ ...main, "package.json": { name: 1, version: [] } })).toMatchObject({
    version: "0.0.0",
  });
  expect(await app({ "tool/main.js": "" }, "tool")).toEqual({ name: "tool", version: "0.0.0" });
});

test("names that cannot name a file are refused where they stand", async () => {
  const refusal = async (files: Readonly<Record<string, unknown>>): Promise<string> => {
    const dir = projectWith({ ...main, ...files });
    return rendered(dir, [await failure(dir)]);
  };
  expect(await refusal({ "sbp.config.json": '{\n  "name": "../health"\n}' })).toMatchInlineSnapshot(`
    "sbp.config.json:2:11 SBP_NAME_INVALID The name is "../health", which cannot name a file: it contains "/"
        "name": "../health"
                ^^^^^^^^^^^
      Set "name" in sbp.config.json to a name of letters, digits, "-", "_" and "."."
  `);
  expect(await refusal({ "package.json": '{ "name": "@acme/.." }' })).toMatchInlineSnapshot(`
    "package.json:1:11 SBP_NAME_INVALID The name of package.json is "..", which cannot name a file: it stands for a folder
      { "name": "@acme/.." }
                ^^^^^^^^^^
      Set "name" in sbp.config.json to a name of letters, digits, "-", "_" and "."."
  `);
  for (const name of [
    ".",
    "a/b",
    "a\\b",
    "a:b",
    "a\u0000",
    "con",
    "COM1.txt",
    "a.",
    "a ",
    "a".repeat(201),
    "\ud800",
  ]) {
    expect(await refusal({ "sbp.config.json": { name } })).toContain("SBP_NAME_INVALID");
  }
  for (const name of ["héalth", "a b", "console", "a.b-c_d", ".hidden"]) {
    expect((await load(projectWith({ ...main, "sbp.config.json": { name } }))).app.name).toBe(name);
  }
});

test("the project must not lie in the output folder", async () => {
  for (const outDir of [".", "..", "/", "a/.."]) {
    const dir = projectWith({ ...main, "sbp.config.json": { outDir } });
    expect((await failure(dir)).diagnostics[0]!.message).toBe(
      '"outDir" must be a folder of its own: the project lies in this one',
    );
  }
});

test("the folder of a project without any file of its own is the current one", async () => {
  const dir = projectWith({ "main.mjs": "" });
  mkdirSync(join(dir, "inner"));
  expect((await load(dir)).dir).toBe(dir);
  expect((await failure(join(dir, "inner"))).code).toBe("SBP_ENTRY_MISSING");
});
