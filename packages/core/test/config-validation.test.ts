import { expect, test } from "vitest";
import { failure, load, projectWith, rendered } from "./config-rig.ts";

const app = { "src/main.ts": "", "package.json": { name: "health", version: "1.2.0" } };

/** The findings for a config; a list stands for its pipeline. */
async function findings(config: string): Promise<string> {
  const text = config.startsWith("[") ? `{ "pipeline": ${config} }` : config;
  const dir = projectWith({ ...app, "sbp.config.json": text });
  const error = await failure(dir);
  expect(error.exitCode).toBe(2);
  return rendered(dir, error.diagnostics.length > 0 ? error.diagnostics : [error]);
}

test("everything that is wrong is told at once, in the order of the file", async () => {
  const config = `{
  "nam": "health",
  "outDir": 7,
  "pipeline": [
    { "use": "bundle", "entry": "src/main.ts", "fromat": "esm" },
    { "use": "strap" },
    { "use": "strip", "level": "high", "maps": { "kepe": true } },
    { "uses": "strip" },
    "strip"
  ]
}
`;
  expect(await findings(config)).toMatchInlineSnapshot(`
    "sbp.config.json:2:3 SBP_CONFIG_INVALID sbp.config.json has no key "nam"
        "nam": "health",
        ^^^^^
      Did you mean "name"? Its keys are "$schema", "name", "version", "outDir", "restart", "pipeline".
    sbp.config.json:3:13 SBP_CONFIG_INVALID "outDir" must be a string, not the number 7
        "outDir": 7,
                  ^
      The folder that outputs are put in, relative to this file.
    sbp.config.json:5:48 SBP_CONFIG_INVALID "bundle" has no option "fromat"
          { "use": "bundle", "entry": "src/main.ts", "fromat": "esm" },
                                                     ^^^^^^^^
      Did you mean "format"? Its options are "entry", "format", "define".
    sbp.config.json:6:14 SBP_PLUGIN_UNKNOWN There is no plugin "strap"
          { "use": "strap" },
                   ^^^^^^^
      Did you mean "strip"? Built-in plugins are bundle, cross-target, strip, embed-runtime. A plugin from a package must be installed in the project: npm install --save-dev strap
    sbp.config.json:7:32 SBP_CONFIG_INVALID Option "level" of "strip" must be a whole number, not the string "high"
          { "use": "strip", "level": "high", "maps": { "kepe": true } },
                                     ^^^^^^
      From fast to small.
    sbp.config.json:7:50 SBP_CONFIG_INVALID Option "maps" of "strip" has no key "kepe"
          { "use": "strip", "level": "high", "maps": { "kepe": true } },
                                                       ^^^^^^
      Did you mean "keep"? Its keys are "keep".
    sbp.config.json:8:5 SBP_CONFIG_INVALID "pipeline[3].use" is missing
          { "uses": "strip" },
          ^
      The plugin: a built-in name, the name of an installed package, or a path relative to this file (./tools/licenses.ts).
    sbp.config.json:9:5 SBP_CONFIG_INVALID "pipeline[4]" must be an object, not the string "strip"
          "strip"
          ^^^^^^^"
  `);
});

test("the summary counts the errors", async () => {
  const dir = projectWith({ ...app, "sbp.config.json": '{ "a": 1, "b": 2 }' });
  expect(await failure(dir)).toMatchObject({
    code: "SBP_CONFIG_INVALID",
    message: "sbp.config.json has 2 errors",
  });
});

test("a config that is no object", async () => {
  expect(await findings('"bundle"')).toMatchInlineSnapshot(`
    "sbp.config.json:1:1 SBP_CONFIG_INVALID sbp.config.json must be an object, not the string "bundle"
      "bundle"
      ^^^^^^^^"
  `);
});

test("a wrong word: what is allowed, and the nearest", async () => {
  expect(await findings('[{ "use": "bundle", "format": "ems" }]')).toMatchInlineSnapshot(`
    "sbp.config.json:1:45 SBP_CONFIG_INVALID Option "format" of "bundle" must be one of "esm", "cjs", not the string "ems"
      { "pipeline": [{ "use": "bundle", "format": "ems" }] }
                                                  ^^^^^"
  `);
});

test("a wrong type: what is there and what is allowed", async () => {
  expect(
    await findings('[{ "use": "strip", "locales": "en", "level": 1.5, "maps": [] }]'),
  ).toMatchInlineSnapshot(`
    "sbp.config.json:1:45 SBP_CONFIG_INVALID Option "locales" of "strip" must be a list of strings, not the string "en"
      { "pipeline": [{ "use": "strip", "locales": "en", "level": 1.5, "maps": [] }] }
                                                  ^^^^
      Write it as a list: ["en"].
    sbp.config.json:1:60 SBP_CONFIG_INVALID Option "level" of "strip" must be a whole number, not the number 1.5
      { "pipeline": [{ "use": "strip", "locales": "en", "level": 1.5, "maps": [] }] }
                                                                 ^^^
      From fast to small.
    sbp.config.json:1:73 SBP_CONFIG_INVALID Option "maps" of "strip" must be an object, not a list
      { "pipeline": [{ "use": "strip", "locales": "en", "level": 1.5, "maps": [] }] }
                                                                              ^"
  `);
});

test("limits and patterns come with the description", async () => {
  expect(
    await findings('[{ "use": "strip", "locales": ["en", "eng"], "level": 12 }]'),
  ).toMatchInlineSnapshot(`
    "sbp.config.json:1:52 SBP_CONFIG_INVALID Option "locales[1]" of "strip" must be a string that matches ^[a-z]{2}$, not the string "eng"
      { "pipeline": [{ "use": "strip", "locales": ["en", "eng"], "level": 12 }] }
                                                         ^^^^^
      Two letters.
    sbp.config.json:1:69 SBP_CONFIG_INVALID Option "level" of "strip" must be at most 9, not 12
      { "pipeline": [{ "use": "strip", "locales": ["en", "eng"], "level": 12 }] }
                                                                          ^^
      From fast to small."
  `);
  expect(await findings('{ "name": "", "pipeline": [] }')).toMatchInlineSnapshot(`
    "sbp.config.json:1:11 SBP_CONFIG_INVALID "name" must not be empty
      { "name": "", "pipeline": [] }
                ^^
      The app's name and that of its executable. Default: the name in package.json, without its scope.
    sbp.config.json:1:27 SBP_CONFIG_INVALID "pipeline" must not be empty
      { "name": "", "pipeline": [] }
                                ^
      The steps, in order. Each takes the newest artifact of every kind it needs from the steps before it."
  `);
});

test("a missing key is shown at the step", async () => {
  expect(await findings('[{ "use": "cross-target", "runtime": { "verify": true } }]')).toMatchInlineSnapshot(`
    "sbp.config.json:1:52 SBP_CONFIG_INVALID Option "runtime.path" of "cross-target" is missing
      { "pipeline": [{ "use": "cross-target", "runtime": { "verify": true } }] }
                                                         ^"
  `);
});

test("alternatives: one message, for the alternative that is meant", async () => {
  // A word for a list, a near word, a wrong item, an item twice.
  expect(await findings('[{ "use": "cross-target", "targets": "linux-x64" }]')).toMatchInlineSnapshot(`
    "sbp.config.json:1:52 SBP_CONFIG_INVALID Option "targets" of "cross-target" must be one of "host", "all" or a list, not the string "linux-x64"
      { "pipeline": [{ "use": "cross-target", "targets": "linux-x64" }] }
                                                         ^^^^^^^^^^^
      Write it as a list: ["linux-x64"]."
  `);
  expect(await findings('[{ "use": "cross-target", "targets": "hots" }]')).toMatchInlineSnapshot(`
    "sbp.config.json:1:52 SBP_CONFIG_INVALID Option "targets" of "cross-target" must be one of "host", "all" or a list, not the string "hots"
      { "pipeline": [{ "use": "cross-target", "targets": "hots" }] }
                                                         ^^^^^^
      Did you mean "host"?"
  `);
  expect(await findings('[{ "use": "cross-target", "targets": ["linux-x46"] }]')).toMatchInlineSnapshot(`
    "sbp.config.json:1:53 SBP_CONFIG_INVALID Option "targets[0]" of "cross-target" must be one of "linux-x64", "linux-arm64", not the string "linux-x46"
      { "pipeline": [{ "use": "cross-target", "targets": ["linux-x46"] }] }
                                                          ^^^^^^^^^^^
      Did you mean "linux-x64"?"
  `);
  expect(
    await findings('[{ "use": "cross-target", "targets": ["linux-x64", "linux-x64"] }]'),
  ).toMatchInlineSnapshot(`
    "sbp.config.json:1:66 SBP_CONFIG_INVALID Option "targets" of "cross-target" must not list "linux-x64" twice
      { "pipeline": [{ "use": "cross-target", "targets": ["linux-x64", "linux-x64"] }] }
                                                                       ^^^^^^^^^^^"
  `);
  // No alternative has the type; the objects are told apart by their keys.
  expect(await findings('[{ "use": "cross-target", "runtime": 26 }]')).toMatchInlineSnapshot(`
    "sbp.config.json:1:52 SBP_CONFIG_INVALID Option "runtime" of "cross-target" must be a string that matches ^node@ or an object, not the number 26
      { "pipeline": [{ "use": "cross-target", "runtime": 26 }] }
                                                         ^^
      The runtime to embed. For example "node@26"."
  `);
  expect(await findings('[{ "use": "cross-target", "runtime": "nodejs@26" }]')).toMatchInlineSnapshot(`
    "sbp.config.json:1:52 SBP_CONFIG_INVALID Option "runtime" of "cross-target" must be a string that matches ^node@ or an object, not the string "nodejs@26"
      { "pipeline": [{ "use": "cross-target", "runtime": "nodejs@26" }] }
                                                         ^^^^^^^^^^^
      The runtime to embed. For example "node@26"."
  `);
  expect(
    await findings('[{ "use": "cross-target", "runtime": { "path": "x", "verfy": true } }]'),
  ).toMatchInlineSnapshot(`
    "sbp.config.json:1:67 SBP_CONFIG_INVALID Option "runtime" of "cross-target" has no key "verfy"
      { "pipeline": [{ "use": "cross-target", "runtime": { "path": "x", "verfy": true } }] }
                                                                        ^^^^^^^
      Did you mean "verify"? Its keys are "path", "verify"."
  `);
  expect(
    await findings('[{ "use": "cross-target", "runtime": { "linux-x46": "node@26" } }]'),
  ).toMatchInlineSnapshot(`
    "sbp.config.json:1:54 SBP_CONFIG_INVALID Option "runtime" of "cross-target" has no key "linux-x46"
      { "pipeline": [{ "use": "cross-target", "runtime": { "linux-x46": "node@26" } }] }
                                                           ^^^^^^^^^^^
      Did you mean "linux-x64"? Its keys are "default", "linux-x64"."
  `);
});

test("a plugin without options has none", async () => {
  expect(await findings('[{ "use": "embed-runtime", "x": 1 }]')).toMatchInlineSnapshot(`
    "sbp.config.json:1:42 SBP_CONFIG_INVALID "embed-runtime" has no option "x"
      { "pipeline": [{ "use": "embed-runtime", "x": 1 }] }
                                               ^^^
      It has no options."
  `);
});

test("a hostile number of wrong values costs no time", async () => {
  const locales = JSON.stringify(Array.from({ length: 100_000 }, () => 1));
  const runtimes = JSON.stringify(
    Object.fromEntries(Array.from({ length: 50_000 }, (_, index) => [`k${index}`, 1])),
  );
  const dir = projectWith({
    ...app,
    "sbp.config.json": `{ "pipeline": [{ "use": "strip", "locales": ${locales} }, { "use": "bundle", "define": ${runtimes} }] }`,
  });
  const error = await failure(dir);
  expect(error.diagnostics).toHaveLength(50);
});

test("defaults are filled in at any depth, and the config is left as it was", async () => {
  const dir = projectWith({
    ...app,
    "sbp.config.json": {
      pipeline: [
        { use: "bundle", define: { DEBUG: "false" } },
        { use: "cross-target", runtime: { path: "vendor/node" } },
        { use: "strip", maps: {} },
      ],
    },
  });
  const { steps, config } = await load(dir);
  expect(steps.map(({ options }) => options)).toEqual([
    { entry: "src/main.ts", format: "esm", define: { DEBUG: "false" } },
    { targets: "host", runtime: { path: "vendor/node", verify: true } },
    { level: 6, maps: { keep: false } },
  ]);
  expect(config).toEqual({
    name: "health",
    version: "1.2.0",
    outDir: "dist",
    pipeline: [
      { use: "bundle", entry: "src/main.ts", format: "esm", define: { DEBUG: "false" } },
      { use: "cross-target", targets: "host", runtime: { path: "vendor/node", verify: true } },
      { use: "strip", level: 6, maps: { keep: false } },
    ],
  });
});
