import { describe, expect, test } from "vitest";
import { codeLoadsFreely } from "../src/free-loads.ts";
import { addFiles, bundleApp, makeApp } from "./app.ts";

describe("code that can load a module of any name", () => {
  test.each([
    "require(name)",
    "import(name)",
    "import(/* @vite-ignore */ name)",
    "import(\n  // any\n  name)",
    `require(\`\${name}/plugin\`)`,
    "require('' + name)",
    "require.resolve(name)",
    "import.meta.resolve(name)",
    "module.require(name)",
    "Module._load(name, module)",
    "__require(name)",
    "__non_webpack_require__(name)",
    "const load = require;",
    "load(require)",
    "({ require })",
    'eval("require")("x")',
    'new Function("name", "return import(name)")',
    "const load = createRequire(import.meta.url); load(name)",
    "const load = module.createRequire(here); load.resolve(name)",
    "import { createRequire as make } from 'module'; make(here)(name)",
  ])("%s", (code) => {
    expect(codeLoadsFreely(code)).toBe(true);
  });
});

describe("code that cannot", () => {
  test.each([
    "require('a'); import(\"b\"); import(`c`)",
    `require(\`@img/sharp-\${platform}/sharp.node\`)`,
    "require('./locales/' + name)",
    "import(/* the part */ './part.js')",
    "import.meta.resolve('a')",
    `const require = createRequire(import.meta.url); require('a'); require(\`a-\${b}\`)`,
    "if (typeof require !== 'undefined') require('a')",
    "var require_a = __commonJS({}); require_a();",
  ])("%s", (code) => {
    expect(codeLoadsFreely(code)).toBe(false);
  });
});

describe("a package that the app names in text, and declares", () => {
  const files = {
    "package.json": '{"type":"module","dependencies":{"builder":"1","native":"1"}}',
    "src/main.ts": 'import native from "native"; console.log(native, { adapterName: "builder" });',
    "node_modules/builder/package.json": '{"name":"builder","version":"1.0.0"}',
    "node_modules/builder/index.js": "",
    "node_modules/native/package.json": '{"name":"native","version":"1.0.0"}',
    "node_modules/native/index.js": `try { require(\`@native/\${process.platform}-\${process.arch}\`); } catch {} require("fs").readFileSync(__dirname + "/data.txt");`,
    "node_modules/native/data.txt": "data",
  };
  const carriedOf = async (more: Record<string, string> = {}) => {
    const app = await makeApp(files);
    await addFiles(app, more);
    return (await bundleApp(app)).carried;
  };
  const builder = "node_modules/builder/index.js";

  test("stays out where all that is loaded by computed names begins otherwise", async () => {
    const carried = await carriedOf();
    expect(carried).toContain("node_modules/native/data.txt");
    expect(carried).not.toContain(builder);
  });

  test("is carried where the bundle loads any name", async () => {
    const main = `${files["src/main.ts"]} export const load = (name: string) => import(name);`;
    expect(await carriedOf({ "src/main.ts": main })).toContain(builder);
  });

  test("is carried where a carried package loads any name", async () => {
    const index = `${files["node_modules/native/index.js"]} exports.host = require("host");`;
    const carried = await carriedOf({
      "node_modules/native/index.js": index,
      "node_modules/host/package.json": '{"name":"host","version":"1.0.0"}',
      "node_modules/host/index.js": "exports.use = (name) => require(name);",
    });
    expect(carried).toContain(builder);
  });

  test("stays out where only a comment names it", async () => {
    const carried = await carriedOf({
      "src/main.ts": `/** @import { Builder } from 'builder' */
        import native from "native"; console.log(native);
        export const load = (name: string) => import(name);`,
    });
    expect(carried).not.toContain(builder);
  });
});

test("the main file is bundled, and what it needs is not carried for its sake, where a chunk names it", async () => {
  const app = await makeApp({
    "package.json": '{"type":"module","dependencies":{"plain":"1"}}',
    "src/main.mjs":
      'import plain from "plain"; import { client } from "./server/chunk.mjs"; console.log(client, plain);',
    "src/server/chunk.mjs": `import path from "node:path";
      const entry = path.join(import.meta.dirname, "../main.mjs");
      export const client = new URL("client/", "file://" + entry).href.length;`,
    "node_modules/plain/package.json": '{"name":"plain","version":"1.0.0"}',
    "node_modules/plain/index.js": "module.exports = 1;",
  });
  expect((await bundleApp(app, { entry: "src/main.mjs" })).carried).toEqual([]);
});
