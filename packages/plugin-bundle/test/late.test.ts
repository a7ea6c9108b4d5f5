import { describe, expect, test } from "vitest";
import { bundleApp, makeApp, runBundle } from "./app.ts";

describe("optional packages that a dependency asks for in a function", () => {
  const framework = {
    "node_modules/framework/package.json": "{}",
    "node_modules/framework/index.js": `
      exports.load = (name) => ({ "extra-one": () => require("extra-one"), late: () => import("@acme/late/deep") })[name]();`,
  };

  test.each([
    ["src/main.mts", "esm"],
    ["src/main.cts", "cjs"],
  ])("are no obstacle: they fail when they are asked for (%s)", async (entry, format) => {
    const app = await makeApp({
      ...framework,
      [entry]: `
        ${format === "esm" ? 'import { load } from "framework";' : 'const { load } = require("framework");'}
        try { load("extra-one"); } catch (error) { console.log(error.code); }
        load("late").catch((error) => console.log(error.code));`,
    });
    const bundled = await bundleApp(app, { entry });
    expect(await runBundle(bundled)).toBe("MODULE_NOT_FOUND\nERR_MODULE_NOT_FOUND\n");
    expect(bundled.diagnostics).toMatchObject([
      { severity: "info", code: "SBP_BUNDLE_OPTIONAL", location: { line: 2 } },
      { severity: "info", code: "SBP_BUNDLE_OPTIONAL", location: { line: 2 } },
    ]);
    // Once it is installed, the bundle must be made again.
    expect(bundled.dependencies).toContainEqual({ directory: "node_modules" });
  });

  test("are missed in the app's own sources, and where a dependency cannot do without", async () => {
    const own = await makeApp({
      ...framework,
      "src/main.ts": 'require("framework"); const f = () => require("extra-one");',
    });
    await expect(bundleApp(own)).rejects.toMatchObject({
      code: "SBP_BUNDLE_UNRESOLVED",
      diagnostics: [{ location: { file: "src/main.ts" } }],
    });
    const dependency = await makeApp({
      "src/main.ts": 'import "dep";',
      "node_modules/dep/package.json": "{}",
      "node_modules/dep/index.mjs": "",
      "node_modules/dep/index.js": 'import "extra-one";',
    });
    await expect(bundleApp(dependency)).rejects.toMatchObject({
      code: "SBP_BUNDLE_UNRESOLVED",
      diagnostics: [{ location: { file: "node_modules/dep/index.js" } }],
    });
  });
});

describe.each([false, true])("paths that are put together (minify: %s)", (minify) => {
  const files = {
    "src/locales/de.js": 'export default "hallo";',
    "src/locales/en.js": 'export default "hello";',
    "src/plugins/one.cjs": 'module.exports = "one";',
  };

  test.each([
    ["src/main.mjs", "import { createRequire } from 'node:module';"],
    ["src/main.cjs", ""],
  ])("are found, and fail as under node where nothing is (%s)", async (entry, first) => {
    const app = await makeApp({
      ...files,
      [entry]: `${first}
        const load = (name) => import(\`./locales/\${name}.js\`);
        load("de").then((found) => console.log(found.default))
          .then(() => load("xx").catch((error) => { console.log(error.code); return load("en"); }))
          .then((found) => console.log(found.default))
          .then(() => {
            console.log(require("./plugins/" + "one" + ".cjs"));
            try { require("./plugins/" + process.argv.length + ".cjs"); } catch (error) { console.log(error.code); }
          });`,
    });
    const bundled = await bundleApp(app, { entry, minify });
    const printed = (await runBundle(bundled)).split("\n");
    expect(printed).toEqual(["hallo", "ERR_MODULE_NOT_FOUND", "hello", "one", "MODULE_NOT_FOUND", ""]);
  });
});
