import { join } from "node:path";
import { expect, test } from "vitest";
import { failure, load, projectWith, rendered } from "./config-rig.ts";

async function entryOf(
  files: Readonly<Record<string, unknown>>,
  entry?: string,
  folder = ".",
): Promise<unknown> {
  const { steps } = await load(join(projectWith(files), folder), { entry });
  return steps.find(({ use }) => use === "bundle")!.options["entry"];
}

const everything = {
  "sbp.config.json": { pipeline: [{ use: "bundle", entry: "./config.ts" }] },
  "package.json": { source: "source.ts", bin: { tool: "bin.js" }, module: "module.mjs", main: "main.cjs" },
  "option.ts": "",
  "config.ts": "",
  "source.ts": "",
  "bin.js": "",
  "module.mjs": "",
  "main.cjs": "",
  "src/main.ts": "",
};

test("the command line goes before the config, the config before package.json", async () => {
  expect(await entryOf(everything, "option.ts")).toBe("option.ts");
  expect(await entryOf(everything)).toBe("config.ts");
  const { "sbp.config.json": _, ...withoutConfig } = everything;
  expect(await entryOf(withoutConfig)).toBe("source.ts");
});

test("the entry of the command line is relative to the current folder", async () => {
  expect(await entryOf(everything, "main.ts", "src")).toBe("src/main.ts");
});

test("package.json: source, the only bin, module, main; only what is there", async () => {
  const { "sbp.config.json": _, "source.ts": __, ...files } = everything;
  const fields = files["package.json"];
  expect(await entryOf(files)).toBe("bin.js");
  expect(await entryOf({ ...files, "package.json": { ...fields, bin: "option.ts" } })).toBe("option.ts");
  expect(await entryOf({ ...files, "package.json": { ...fields, bin: { a: "bin.js", b: "bin.js" } } })).toBe(
    "module.mjs",
  );
  expect(await entryOf({ ...files, "package.json": { main: "main.cjs" } })).toBe("main.cjs");
  expect(await entryOf({ "package.json": { main: "lib" }, "lib/index.js": "" })).toBe("lib/index.js");
  expect(await entryOf({ "package.json": { main: "lib/app" }, "lib/app.js": "" })).toBe("lib/app.js");
});

test("package.json does not lead out of the project", async () => {
  const files = { "secret.js": "", "app/package.json": { main: "../secret.js" }, "app/index.tsx": "" };
  expect(await entryOf(files, undefined, "app")).toBe("index.tsx");
});

test("the usual places, src first, TypeScript first", async () => {
  expect(await entryOf({ "index.ts": "", "main.cjs": "", "src/index.ts": "", "src/main.mjs": "" })).toBe(
    "src/main.mjs",
  );
  expect(await entryOf({ "index.ts": "", "main.cjs": "" })).toBe("main.cjs");
  expect(await entryOf({ "index.js": "", "index.ts": "" })).toBe("index.ts");
});

test("no entry: everything that was looked for is told", async () => {
  const dir = projectWith({ "package.json": { main: "dist/index.js" } });
  const error = await failure(dir);
  expect(error.exitCode).toBe(2);
  expect(rendered(dir, [error]).replace(dir, "<dir>")).toMatchInlineSnapshot(`
    "SBP_ENTRY_MISSING No entry of the app was found in <dir>
      Name it: "sbp build FILE", or "entry" of the bundle step in sbp.config.json. Looked for main of package.json (dist/index.js), src/main.{ts,mts,cts,tsx,js,mjs,cjs,jsx}, src/index.{ts,mts,cts,tsx,js,mjs,cjs,jsx}, main.{ts,mts,cts,tsx,js,mjs,cjs,jsx}, index.{ts,mts,cts,tsx,js,mjs,cjs,jsx}."
  `);
});

test("an entry that does not exist is shown in the config, with the nearest name", async () => {
  const dir = projectWith({
    "sbp.config.json": '{\n  "pipeline": [{ "use": "bundle", "entry": "src/mian.ts" }]\n}',
    "src/main.ts": "",
  });
  expect(rendered(dir, [await failure(dir)])).toMatchInlineSnapshot(`
    "sbp.config.json:2:44 SBP_ENTRY_MISSING The entry "src/mian.ts" is not a file
        "pipeline": [{ "use": "bundle", "entry": "src/mian.ts" }]
                                                 ^^^^^^^^^^^^^
      Did you mean "src/main.ts"? There is no file <dir>/src/mian.ts."
  `);
  expect(await failure(dir, { entry: "src" })).toMatchObject({
    code: "SBP_ENTRY_MISSING",
    location: undefined,
  });
});

test("of several bundle steps the first takes the entry of the command line", async () => {
  const dir = projectWith({
    "sbp.config.json": {
      pipeline: [
        { use: "bundle", entry: "a.ts" },
        { use: "bundle", entry: "a.ts" },
      ],
    },
    "a.ts": "",
    "b.ts": "",
  });
  const { steps } = await load(dir, { entry: "b.ts" });
  expect(steps.map(({ options }) => options["entry"])).toEqual(["b.ts", "a.ts"]);
});

test("an entry that nothing takes is refused", async () => {
  const dir = projectWith({ "sbp.config.json": { pipeline: [{ use: "strip" }] }, "a.ts": "" });
  expect(await failure(dir, { entry: "a.ts" })).toMatchObject({ code: "SBP_ENTRY_UNUSED", exitCode: 2 });
});

test("a missing entry is told together with what else is wrong", async () => {
  const dir = projectWith({
    "sbp.config.json": {
      pipeline: [
        { use: "bundle", entry: "gone.ts" },
        { use: "strip", level: "x" },
      ],
    },
  });
  const error = await failure(dir);
  expect(error.code).toBe("SBP_CONFIG_INVALID");
  expect(error.diagnostics.map(({ code }) => code)).toEqual(["SBP_ENTRY_MISSING", "SBP_CONFIG_INVALID"]);
});
