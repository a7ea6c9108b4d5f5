import { afterEach, beforeEach, expect, test } from "vitest";
import { definePlugin, type Plugin, type RunContext, SbpError, type Target } from "../src/index.ts";
import { projectWith, failure as refusal, rendered } from "./config-rig.ts";
import { Rig } from "./rig.ts";

/*
 * What a plugin does wrong: the error names plugin and step and says what to do, and lanes that have nothing to do with
 * it come to their end.
 */

let rig: Rig;
beforeEach(async () => {
  rig = await Rig.create();
});
afterEach(() => rig.remove());

const lanes: readonly Target[] = ["linux-x64", "linux-arm64", "win32-x64"];

/** Goes wrong in the lane linux-arm64. */
function wrongIn(wrong: (context: RunContext) => Promise<void>, timeLimit = 60): Plugin {
  return definePlugin({
    name: "@acme/wrong",
    lanes: () => lanes,
    produces: ["report"],
    scope: "target",
    timeLimit,
    run: async (context) => {
      if (context.target === "linux-arm64") return wrong(context);
      await context.write("report", {}, (out) => out.file("fine.txt", "fine"));
    },
  });
}

const after: Plugin = definePlugin({
  name: "after",
  consumes: ["report"],
  produces: ["sbom"],
  scope: "target",
  run: async ({ write }) => void (await write("sbom", {}, (out) => out.file("after.txt", "after"))),
});

const cases: Readonly<Record<string, [Plugin, { code: string; message: RegExp; hint: RegExp }]>> = {
  "throws an error of its own": [
    wrongIn(async () => {
      throw new SbpError("ACME_WRONG", "There is no licence", { hint: "Write one." });
    }),
    { code: "ACME_WRONG", message: /^There is no licence$/, hint: /^Write one\.$/ },
  ],
  "throws what it did not expect": [
    wrongIn(async () => {
      (undefined as unknown as string[]).push("");
    }),
    {
      code: "SBP_PLUGIN_THREW",
      message: /^The plugin "@acme\/wrong" failed: Cannot read properties/,
      hint: /--verbose/,
    },
  ],
  "throws what is no error": [
    wrongIn(() => Promise.reject("out of order")),
    { code: "SBP_PLUGIN_THREW", message: /failed: out of order$/, hint: /--verbose/ },
  ],
  "takes longer than its limit, and does not listen": [
    wrongIn(() => new Promise(() => {}), 2),
    { code: "SBP_PLUGIN_TIMED_OUT", message: /did not end within 2 seconds$/, hint: /raise its timeLimit/ },
  ],
  "takes longer than its limit, and ends when it is told": [
    wrongIn(
      ({ signal }) =>
        new Promise((_, reject) => signal.addEventListener("abort", () => reject(new Error("me")))),
      2,
    ),
    { code: "SBP_PLUGIN_TIMED_OUT", message: /did not end within 2 seconds$/, hint: /raise its timeLimit/ },
  ],
  "writes nothing": [
    wrongIn(async () => {}),
    {
      code: "SBP_PLUGIN_OUTPUT",
      message: /ended without writing its "report" artifact$/,
      hint: /exactly once/,
    },
  ],
  "writes what it does not produce": [
    wrongIn(async ({ write }) => void (await write("image", {}, () => {}))),
    { code: "SBP_PLUGIN_OUTPUT", message: /wrote a "image" artifact, but produces report$/, hint: /mistake/ },
  ],
  "misses a program": [
    wrongIn(async ({ tool }) => void (await tool("no-such-program", { install: "apt-get install nothing" }))),
    {
      code: "SBP_TOOL_MISSING",
      message: /^The program "no-such-program" is not on PATH; step "wrong" needs it$/,
      hint: /^apt-get install nothing$/,
    },
  ],
};

test.each(Object.entries(cases))("a plugin that %s", async (_, [plugin, { code, message, hint }]) => {
  const project = rig.project([plugin, after]);
  // As a config gives it: without the scope.
  const steps = project.steps.map((step) => ({ ...step, id: step.id.replace("@acme/", "") }));
  const result = await rig.build([], { project: { ...project, steps } });
  expect(result.errors).toMatchObject([{ code, plugin: "@acme/wrong", step: "wrong" }]);
  expect(result.errors[0]!.message).toMatch(message);
  expect(result.errors[0]!.hint).toMatch(hint);
  expect(Object.fromEntries(result.actions.map(({ id, outcome }) => [id, outcome]))).toEqual({
    "linux-x64/wrong": "ran",
    "linux-arm64/wrong": "failed",
    "win32-x64/wrong": "ran",
    "linux-x64/after": "ran",
    "linux-arm64/after": "cancelled",
    "win32-x64/after": "ran",
  });
});

/** A project that uses an installed plugin with this package.json. */
function installed(manifest: object, files: Readonly<Record<string, unknown>> = {}): string {
  return projectWith({
    "package.json": { name: "demo", version: "1.0.0" },
    "sbp.config.json": { pipeline: [{ use: "@acme/sizes" }] },
    "node_modules/@acme/sizes/package.json": {
      name: "@acme/sizes",
      version: "3.1.0",
      type: "module",
      exports: "./index.js",
      ...manifest,
    },
    "node_modules/@acme/sizes/index.js": `
      import { definePlugin } from "@sbp/core";
      export default definePlugin({ name: "@acme/sizes", produces: ["report"], scope: "project", async run() {} });`,
    ...files,
  });
}

test("a plugin for another version of sbp", async () => {
  const dir = installed({ peerDependencies: { "@sbp/core": "^7.2.0" } });
  const error = await refusal(dir);
  expect(error.code).toBe("SBP_PLUGIN_PEER");
  expect(rendered(dir, [error, ...error.diagnostics])).toContain(
    '"@acme/sizes" 3.1.0 is for @sbp/core ^7.2.0, and this is 0.1.0',
  );
  expect(error.diagnostics[0]).toMatchObject({
    hint: expect.stringContaining('npm install --save-dev @sbp/cli@"^7.2.0"'),
    location: { line: 1 },
  });
});

test("a plugin whose peers are not there, or others", async () => {
  const dir = installed(
    {
      peerDependencies: { "@sbp/core": "^0.1.0", missing: "^2.0.0", old: ">=3", maybe: "^1", fine: "^1.0.0" },
      peerDependenciesMeta: { maybe: { optional: true } },
    },
    {
      "node_modules/old/package.json": { name: "old", version: "2.9.0" },
      "node_modules/fine/package.json": { name: "fine", version: "1.4.0" },
    },
  );
  const error = await refusal(dir);
  expect(error.diagnostics.map(({ message, hint }) => [message, hint])).toEqual([
    [
      '"@acme/sizes" 3.1.0 needs the package "missing" (^2.0.0), which is not installed',
      'Install it in the project: npm install --save-dev missing@"^2.0.0"',
    ],
    [
      '"@acme/sizes" 3.1.0 needs "old" >=3, and 2.9.0 is installed',
      'Install it in the project: npm install --save-dev old@">=3"',
    ],
  ]);
});

test("a plugin that imports what is not installed", async () => {
  const dir = projectWith({
    "package.json": { name: "demo", version: "1.0.0" },
    "sbp.config.json": { pipeline: [{ use: "./tools/plugin.ts" }] },
    "tools/plugin.ts": 'import spdx from "@acme/spdx/list";\nexport default spdx;\n',
  });
  const error = await refusal(dir);
  expect(error.code).toBe("SBP_PLUGIN_FAILED_TO_LOAD");
  expect(error.diagnostics).toMatchObject([
    {
      location: { line: 1 },
      hint: "The plugin needs this package: npm install --save-dev @acme/spdx",
    },
  ]);
});
