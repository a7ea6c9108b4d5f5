import path from "node:path";
import { describe, expect, test } from "vitest";
import { bundleApp, makeApp, runBundle, runCarried, runSources } from "./app.ts";

describe("an ES module sees nothing of CommonJS", () => {
  const files = {
    "package.json": '{"type":"module"}',
    "src/main.js": `import { asked, here } from "./lib/asked.js"; import old from "old";
      const load = typeof require === "function" ? require : undefined;
      console.log(typeof require, typeof module, typeof exports, typeof __filename, typeof __dirname, this, load);
      console.log(asked, here, old);`,
    "src/lib/asked.js": `export const asked = [typeof require, typeof  module, typeof __dirname].join();
      export const here = typeof import.meta.dirname;`,
    "node_modules/old/package.json": "{}",
    "node_modules/old/index.js":
      "module.exports = [typeof require, typeof module, typeof exports, typeof __dirname, typeof __filename].join();",
  };

  test.each(["esm", "cjs"])("in a bundle in %s", async (format) => {
    const app = await makeApp(files);
    const bundled = await bundleApp(app, { entry: "src/main.js", format });
    expect(await runBundle(bundled)).toBe(await runSources(app, "src/main.js"));
  });

  test("unless it declares such names itself, as bundlers do around CommonJS", async () => {
    const app = await makeApp({
      "package.json": '{"type":"module"}',
      "src/main.ts": `const wrap = (body: Function) => { const module = { exports: {} }; body(module.exports, module); return module.exports; };
        const found = wrap((exports: object, module: { exports: unknown }) => {
          if (typeof module !== "undefined" && module.exports) module.exports = typeof exports;
        });
        console.log(found, typeof require);`,
    });
    const bundled = await bundleApp(app, { entry: "src/main.ts" });
    expect(await runBundle(bundled)).toBe("object undefined\n");
  });

  test("and names that only begin like it stay what they are", async () => {
    const app = await makeApp({
      "package.json": '{"type":"module"}',
      "src/main.js": "const require$1 = 1; console.log(typeof require$1);",
    });
    expect(await runBundle(await bundleApp(app, { entry: "src/main.js" }))).toBe("number\n");
  });

  test("but where types are all that makes it one, a compiler to CommonJS may be meant", async () => {
    const app = await makeApp({
      "src/main.ts": 'import path from "node:path"; console.log(typeof require, typeof path);',
    });
    expect(await runBundle(await bundleApp(app))).toBe("function object\n");
  });
});

test("what an ES module imports of CommonJS has the names that node gives it", async () => {
  const app = await makeApp({
    "src/main.mjs": `import * as all from "./old.cjs"; import old, { one } from "./old.cjs";
      const late = await import("./old.cjs");
      for (const found of [all, late])
        console.log(Object.keys(found).sort().join(), found.default === old, found["module.exports"] === old, one);`,
    "src/old.cjs": "exports.one = 1; exports.two = 2;",
  });
  const bundled = await bundleApp(app, { entry: "src/main.mjs" });
  expect(await runBundle(bundled)).toBe(await runSources(app, "src/main.mjs"));
});

describe("bundled CommonJS modules are modules where somebody asks", () => {
  const files = {
    "src/main.cjs": `
      const path = require("node:path");
      const relative = (file) => path.relative(__dirname, file);
      const counter = require("../lib/counter.cjs");
      counter(); counter();
      const file = Object.keys(require.cache).find((name) => name.endsWith("counter.cjs"));
      console.log(relative(file), require.cache[file].exports === counter, require.cache[file].loaded);
      console.log(module.children.map((child) => relative(child.filename)).join());
      delete require.cache[file];
      console.log(require("../lib/counter.cjs") === counter, require("../lib/counter.cjs")());
      try { require("./bad.cjs"); } catch (error) { console.log(error.message); }
      try { require("./bad.cjs"); } catch (error) { console.log(error.message); }
      console.log(require("tool"), require.main === module);`,
    "lib/counter.cjs": `let count = 0; module.exports = () => ++count;
      exports.parent = module.parent; require("./child.cjs");`,
    "lib/child.cjs": `const path = require("node:path");
      console.log(path.basename(module.parent.filename), path.basename(module.id), module.loaded, module.paths.length > 0);`,
    "src/bad.cjs": `if (module.parent) throw new Error("bad " + (globalThis.tries = (globalThis.tries ?? 0) + 1));`,
    "node_modules/tool/package.json": '{"name":"tool"}',
    "node_modules/tool/index.js": `if (!module.parent) console.log("started by itself");
      module.exports = require.main === module;`,
  };

  test("in a CommonJS app", async () => {
    const app = await makeApp(files);
    const bundled = await bundleApp(app, { entry: "src/main.cjs" });
    expect(bundled.carried).toEqual([]);
    expect(await runCarried(bundled)).toBe(await runSources(app, "src/main.cjs"));
  });

  test("in an ES module", async () => {
    const app = await makeApp({
      ...files,
      "src/main.mjs": `import counter from "../lib/counter.cjs"; console.log(counter());`,
    });
    const bundled = await bundleApp(app, { entry: "src/main.mjs" });
    expect(await runCarried(bundled)).toBe(await runSources(app, "src/main.mjs"));
  });

  test("and as light as ever where nobody does", async () => {
    const app = await makeApp({
      "src/main.cjs": 'console.log(require("./one.cjs"));',
      "src/one.cjs": "module.exports = 1;",
    });
    expect(await (await bundleApp(app, { entry: "src/main.cjs" })).text("demo.cjs")).not.toContain("__sbp_");
  });
});

describe("import() of JSON", () => {
  const data = { "src/data.json": '{"a":1}' };

  test("without an attribute fails as under node, with a warning", async () => {
    const source = `
      const { default: given } = await import("./data.json", { with: { type: "json" } });
      await import("./data.json").catch(({ name, code }) => console.log(name, code, given.a));`;
    const app = await makeApp({ ...data, "src/main.mjs": source });
    const bundled = await bundleApp(app, { entry: "src/main.mjs" });
    expect(await runBundle(bundled)).toBe(await runSources(app, "src/main.mjs"));
    expect(bundled.diagnostics).toMatchObject([
      {
        severity: "warning",
        code: "SBP_BUNDLE_WARNING",
        location: { file: "src/main.mjs", line: 3 },
        hint: 'Write import("./data.json", { with: { type: "json" } }).',
      },
    ]);
    const metafile = await bundled.text("metafile.json");
    expect(metafile).not.toContain(path.dirname(app));
  });

  test.each([
    ["in TypeScript that is compiled to CommonJS", "src/main.ts", {}],
    ["with a loader for it", "src/main.mjs", { loader: { ".json": "json" } }],
  ])("%s is as the bundler has it", async (_, entry, options) => {
    const app = await makeApp({
      ...data,
      [entry]: 'import("./data.json").then((found) => console.log(found.default.a));',
    });
    const bundled = await bundleApp(app, { entry, ...options });
    expect(bundled.diagnostics).toEqual([]);
    expect(await runBundle(bundled)).toBe("1\n");
  });
});
