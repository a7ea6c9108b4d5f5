import { symlinkSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { failure, load, projectWith, rendered } from "./config-rig.ts";

/** The code of a plugin; `top` comes first. */
function pluginCode(name: string, top = "", fields = ""): string {
  return `${top}\nexport default { name: ${name}, produces: ["report"], scope: "project", async run() {}, ${fields} };\n`;
}

function project(use: string, files: Readonly<Record<string, unknown>>, options: object = {}): string {
  return projectWith({ "sbp.config.json": { pipeline: [{ use, ...options }] }, ...files });
}

async function nameOf(use: string, files: Readonly<Record<string, unknown>>): Promise<string> {
  return (await load(project(use, files))).steps[0]!.plugin.name;
}

test("a TypeScript file with local imports, JSON and the contract of @sbp/core, which need not be installed", async () => {
  const dir = project("./tools/licenses.ts", {
    "tools/licenses.ts": `
        import { definePlugin } from "@sbp/core";
        import data from "./spdx.json";
        import { kind, type Kind } from "./kind.ts";
        const kinds: readonly Kind[] = [kind];
        export default definePlugin({
          name: "licenses",
          options: { type: "object", properties: { allow: { type: "array", items: { type: "string" }, default: data } } },
          produces: kinds,
          scope: "project",
          async run() {},
        });`,
    "tools/kind.ts": 'export type Kind = "report";\nexport const kind: Kind = "report";\n',
    "tools/spdx.json": ["MIT", "ISC"],
  });
  const { steps, files } = await load(dir);
  expect(steps[0]).toMatchObject({
    id: "licenses",
    use: "./tools/licenses.ts",
    options: { allow: ["MIT", "ISC"] },
    location: { line: 1 },
  });
  expect(steps[0]!.plugin.transforms[0]!.produces).toEqual(["report"]);
  const tools = ["kind.ts", "licenses.ts", "spdx.json"].map((name) => join(dir, "tools", name));
  expect(files).toEqual([join(dir, "sbp.config.json"), ...tools]);
});

test("files of every extension, and of CommonJS", async () => {
  for (const extension of ["ts", "mts", "js", "mjs"]) {
    expect(await nameOf(`./p.${extension}`, { [`p.${extension}`]: pluginCode('"p"') })).toBe("p");
  }
  const commonJs =
    'const { join } = require("node:path");\nmodule.exports = { name: join("p"), produces: [], scope: "target", run() {} };\n';
  expect(await nameOf("./p.cjs", { "p.cjs": commonJs })).toBe("p");
  expect(await nameOf("./p.cts", { "p.cts": commonJs.replace("const", "const x: number = 1; const") })).toBe(
    "p",
  );
  const compiled = `Object.defineProperty(exports, "__esModule", { value: true });\nexports.default = { name: "c", produces: [], scope: "target", run() {} };\n`;
  expect(await nameOf("./c.js", { "c.js": compiled })).toBe("c");
});

test("packages are imported from where the plugin lies, as Node resolves them", async () => {
  const files = {
    "node_modules/near/package.json": { name: "near", version: "1.0.0", exports: "./root.js" },
    "node_modules/near/root.js": 'module.exports = "root";',
    "tools/node_modules/near/package.json": {
      name: "near",
      version: "2.0.0",
      type: "module",
      exports: { module: "./wrong.js", import: "./near.js" },
    },
    "tools/node_modules/near/near.js": 'export default "near";',
    "tools/p.ts": pluginCode("near", 'import near from "near";'),
  };
  expect(await nameOf("./tools/p.ts", files)).toBe("near");
  const requiring = `const near = require("near");\nmodule.exports = { name: near, produces: [], scope: "target", run() {} };`;
  expect(await nameOf("./p.cjs", { ...files, "p.cjs": requiring })).toBe("root");
  const own = pluginCode(
    "require('near')",
    'import { createRequire } from "node:module";\nconst require = createRequire(import.meta.url);',
  );
  expect(await nameOf("./p.js", { ...files, "p.js": own })).toBe("root");
});

test("an import that is never reached need not be there", async () => {
  const top =
    'const optional = () => import("near");\nlet name = "p"; try { require("gone"); } catch { name = "without"; }';
  const near = {
    "node_modules/near/package.json": { main: "n.js" },
    "node_modules/near/n.js": "throw new Error();",
  };
  expect(await nameOf("./p.js", { ...near, "p.js": pluginCode("name", top) })).toBe("without");
});

test("a plugin knows its own place", async () => {
  const top = `#!/usr/bin/env node
    import { readFileSync } from "node:fs";
    import { dirname, basename } from "node:path";
    const name = readFileSync(new URL("./name.txt", import.meta.url), "utf8") + basename(import.meta.dirname);`;
  expect(
    await nameOf("./tools/p.ts", { "tools/name.txt": "in-", "tools/p.ts": pluginCode("name", top) }),
  ).toBe("in-tools");
});

test("a package: by name, by subpath, scoped, only for import, and linked as source", async () => {
  const installed = {
    "node_modules/@acme/sbp-licenses/package.json": {
      name: "@acme/sbp-licenses",
      version: "3.1.0",
      type: "module",
      exports: { ".": { import: "./index.js" }, "./extra": "./extra.js" },
    },
    "node_modules/@acme/sbp-licenses/index.js": pluginCode('"@acme/licenses"'),
    "node_modules/@acme/sbp-licenses/extra.js": pluginCode('"extra"'),
  };
  const { steps, files } = await load(project("@acme/sbp-licenses", installed));
  expect(steps[0]).toMatchObject({ id: "licenses", plugin: { name: "@acme/licenses" } });
  expect(files.at(-1)).toMatch(/node_modules\/@acme\/sbp-licenses\/package\.json$/);
  expect(await nameOf("@acme/sbp-licenses/extra", installed)).toBe("extra");
  const dir = project("linked", {
    "node_modules/near/package.json": {},
    "linked/package.json": { name: "linked", exports: "./src/index.ts" },
    "linked/src/index.ts": pluginCode('"linked" as string'),
  });
  symlinkSync("../linked", join(dir, "node_modules/linked"));
  expect((await load(dir)).steps[0]!.plugin.name).toBe("linked");
});

test("a plugin that is not there: the nearest name and how to get it", async () => {
  const unknown = async (use: string): Promise<string> => {
    const dir = project(use, { "tools/licenses.ts": "" });
    const error = await failure(dir);
    expect(error.exitCode).toBe(2);
    return rendered(dir, [error]);
  };
  expect(await unknown("./tools/licences.ts")).toMatchInlineSnapshot(`
    "sbp.config.json:1:21 SBP_PLUGIN_UNKNOWN There is no plugin "./tools/licences.ts"
      {"pipeline":[{"use":"./tools/licences.ts"}]}
                          ^^^^^^^^^^^^^^^^^^^^^
      Did you mean "./tools/licenses.ts"? There is no file <dir>/tools/licences.ts."
  `);
  expect(await unknown("./tools/licenses")).toMatchInlineSnapshot(`
    "sbp.config.json:1:21 SBP_PLUGIN_UNKNOWN There is no plugin "./tools/licenses"
      {"pipeline":[{"use":"./tools/licenses"}]}
                          ^^^^^^^^^^^^^^^^^^
      Did you mean "./tools/licenses.ts"? There is no file <dir>/tools/licenses."
  `);
  expect(await unknown("tools/licenses.ts")).toMatchInlineSnapshot(`
    "sbp.config.json:1:21 SBP_PLUGIN_UNKNOWN There is no plugin "tools/licenses.ts"
      {"pipeline":[{"use":"tools/licenses.ts"}]}
                          ^^^^^^^^^^^^^^^^^^^
      Did you mean the file "./tools/licenses.ts"?"
  `);
  expect(await unknown("@acme/gone")).toMatchInlineSnapshot(`
    "sbp.config.json:1:21 SBP_PLUGIN_UNKNOWN There is no plugin "@acme/gone"
      {"pipeline":[{"use":"@acme/gone"}]}
                          ^^^^^^^^^^^^
      Built-in plugins are bundle, cross-target, strip, embed-runtime. A plugin from a package must be installed in the project: npm install --save-dev @acme/gone"
  `);
  expect(await unknown("node:fs")).toMatchInlineSnapshot(`
    "sbp.config.json:1:21 SBP_PLUGIN_UNKNOWN There is no plugin "node:fs"
      {"pipeline":[{"use":"node:fs"}]}
                          ^^^^^^^^^
      Built-in plugins are bundle, cross-target, strip, embed-runtime. A file is named by a relative path that starts with "./"."
  `);
  expect(await unknown("fs")).toContain("SBP_PLUGIN_UNKNOWN");
  expect(await unknown("../../../etc")).toContain("SBP_PLUGIN_UNKNOWN");
});

test("code that does not compile is shown with its place, in UTF-16 columns", async () => {
  const dir = project("./p.ts", { "p.ts": 'export default 1;\nconst ä = "é"; const x = ;\n' });
  const error = await failure(dir);
  expect(error).toMatchObject({ code: "SBP_PLUGIN_FAILED_TO_LOAD", exitCode: 2 });
  expect(rendered(dir, error.diagnostics)).toMatchInlineSnapshot(`
    "p.ts:2:26 SBP_PLUGIN_FAILED_TO_LOAD Unexpected ";"
      const ä = "é"; const x = ;
                               ^"
  `);
});

test("an import of a package that is not installed is shown at the import", async () => {
  const dir = project("./p.ts", { "p.ts": pluginCode('"p"', 'import x from "not-installed"; x();') });
  const error = await failure(dir);
  expect(error.code).toBe("SBP_PLUGIN_FAILED_TO_LOAD");
  expect(rendered(dir, error.diagnostics)).toMatchInlineSnapshot(`
    "p.ts:1:15 SBP_PLUGIN_FAILED_TO_LOAD Could not resolve "not-installed"
      import x from "not-installed"; x();
                    ^^^^^^^^^^^^^^^
      The plugin needs this package: npm install --save-dev not-installed"
  `);
});

test("what a plugin throws while it is loaded is shown in its own source, with its cause", async () => {
  const dir = project("./p.ts", {
    "p.ts": pluginCode('"p"', 'import "./inner.ts";'),
    "inner.ts":
      'interface Gone {\n  x: number;\n}\nfunction fail(): never {\n  throw new TypeError("no luck");\n}\nfail();\n',
  });
  const error = await failure(dir);
  expect(rendered(dir, [error])).toMatchInlineSnapshot(`
    "inner.ts:5:9 SBP_PLUGIN_FAILED_TO_LOAD "./p.ts" failed to load: no luck
        throw new TypeError("no luck");
              ^"
  `);
  expect(error.cause).toBeInstanceOf(TypeError);
});

test("every fault of a plugin's shape is named", async () => {
  const faults = async (code: string): Promise<string> => {
    const dir = project("./p.ts", { "p.ts": code });
    const error = await failure(dir);
    expect(error.code).toBe("SBP_PLUGIN_INVALID");
    expect(error.diagnostics.map(({ location }) => location)).toEqual(
      error.diagnostics.map(() => ({ file: join(dir, "p.ts") })),
    );
    return error.diagnostics.map(({ message }) => message).join("\n");
  };
  expect(await faults("export const x = 1;")).toMatchInlineSnapshot(
    `""./p.ts": The default export must be a plugin (definePlugin({ … })); it is missing"`,
  );
  expect(await faults("export default function plugin() {}")).toMatchInlineSnapshot(
    `""./p.ts": The default export must be a plugin (definePlugin({ … })), not a function"`,
  );
  expect(await faults("export default {};")).toMatchInlineSnapshot(`
    ""./p.ts": "name" must be a name of letters, digits, "-", "_" and "."; it is missing
    "./p.ts": "run" must be a function; it is missing
    "./p.ts": "scope" must be "project" or "target"; it is missing
    "./p.ts": "produces" must be a list of strings; it is missing"
  `);
  expect(
    await faults(`export default { name: "a b", version: 1, options: { type: "array" }, consumes: "bundle",
      produces: ["Report"], scope: "lane", usesApp: 1, run: true, lanes: [] };`),
  ).toMatchInlineSnapshot(`
    ""./p.ts": "name" must be a name of letters, digits, "-", "_" and ".", not "a b"
    "./p.ts": "version" must be a string, not a number
    "./p.ts": "options" must be the JSON schema of an object: { type: "object", properties: { … } }
    "./p.ts": "lanes" must be a function, not an array
    "./p.ts": "run" must be a function, not a boolean
    "./p.ts": "scope" must be "project" or "target", not "lane"
    "./p.ts": "consumes" must be a list of strings, not "bundle"
    "./p.ts": "produces" lists "Report": a kind is of lower-case letters, digits and "-"
    "./p.ts": "usesApp" must be true or false, not a number"
  `);
  expect(
    await faults(`import { definePlugin } from "@sbp/core";
      export default definePlugin({ name: "p", consume: ["bundle"], produces: ["report"], scope: "project", reads: ["x"], run() {} } as never);`),
  ).toMatchInlineSnapshot(`
    ""./p.ts": "reads" lists "x", which "options" does not name
    "./p.ts": "consume" is not known. Did you mean "consumes"?"
  `);
  expect(
    await faults(`const t = { produces: [], scope: "target", run() {} };
      export default { name: "p", transforms: [{ ...t, name: "a", reads: "x" }, { ...t, name: "b", reads: () => ["x"] }] };`),
  ).toMatchInlineSnapshot(
    `""./p.ts": "transforms[0].reads" must be a list of strings or a function, not "x""`,
  );
  expect(
    await faults(`const t = { name: "t", produces: [], scope: "target", run() {} };
      export default { name: "p", run() {}, options: { type: "object", properties: { use: {} } }, transforms: [t, t, { ...t, name: undefined }, 1] };`),
  ).toMatchInlineSnapshot(`
    ""./p.ts": "options" must not name "use": in a config that is the plugin
    "./p.ts": There must be either "run" or "transforms", not both
    "./p.ts": Two transforms have the name "t"
    "./p.ts": "transforms[2].name" must be a name of letters, digits, "-", "_" and "."; it is missing
    "./p.ts": "transforms[3]" must be an object, not a number"
  `);
  expect(await faults(`export default { name: "p", transforms: [] };`)).toMatchInlineSnapshot(
    `""./p.ts": "transforms" must be a list of at least one transform"`,
  );
});

test("an options schema that is none is the plugin's fault", async () => {
  const options = 'options: { type: "object", properties: { x: { type: "text" } } }';
  const error = await failure(project("./p.ts", { "p.ts": pluginCode('"p"', "", options) }));
  expect(error.code).toBe("SBP_PLUGIN_INVALID");
  expect(error.message).toMatch(/^"options" of ".\/p.ts" is not a valid schema: /);
});

test("options of a plugin of one's own are checked like any other", async () => {
  const options =
    'options: { type: "object", properties: { allow: { type: "array", items: { type: "string" } } } }';
  const dir = project("./p.ts", { "p.ts": pluginCode('"p"', "", options) }, { alow: [] });
  expect(rendered(dir, (await failure(dir)).diagnostics)).toMatchInlineSnapshot(`
    "sbp.config.json:1:30 SBP_CONFIG_INVALID "./p.ts" has no option "alow"
      {"pipeline":[{"use":"./p.ts","alow":[]}]}
                                   ^^^^^^
      Did you mean "allow"? Its options are "allow"."
  `);
});
