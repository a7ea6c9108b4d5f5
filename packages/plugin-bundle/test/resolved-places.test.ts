import { describe, expect, test } from "vitest";
import { bundleApp, makeApp, runCarried, runSources } from "./app.ts";

const data = {
  "node_modules/@acme/data/package.json": '{"name":"@acme/data"}',
  "node_modules/@acme/data/best/a.txt": "best",
  "node_modules/@acme/data/fast/a.txt": "fast",
};

describe("what is found by the place of a package", () => {
  test("is carried, whatever finds the place and puts the path together", async () => {
    const app = await makeApp({
      "package.json": '{"type":"module","dependencies":{"@acme/data":"1","@acme/more":"1"}}',
      "main.js": `
        import { readFileSync } from "node:fs";
        import { createRequire } from "node:module";
        import { dirname, join } from "node:path";
        import { fileURLToPath } from "node:url";
        const require = createRequire(import.meta.url);
        const folders = [
          dirname(require.resolve("@acme/data/package.json")) + "/best",
          join(dirname(require.resolve("@acme/more/package.json")), "a"),
          fileURLToPath(new URL("./b", import.meta.resolve("@acme/more/package.json"))),
          join(createRequire(import.meta.url).resolve("@acme/more/package.json"), "../c"),
        ];
        console.log(folders.map((folder) => readFileSync(join(folder, process.argv[2] ?? "a.txt"), "utf8")));`,
      ...data,
      "node_modules/@acme/more/package.json": '{"name":"@acme/more"}',
      "node_modules/@acme/more/a/a.txt": "a",
      "node_modules/@acme/more/b/a.txt": "b",
      "node_modules/@acme/more/c/a.txt": "c",
      "node_modules/@acme/more/d/a.txt": "not for it",
    });
    const bundled = await bundleApp(app, { entry: "main.js" });
    expect(bundled.carried).toEqual([
      "node_modules/@acme/data/best/a.txt",
      "node_modules/@acme/data/package.json",
      ...["a/a.txt", "b/a.txt", "c/a.txt", "package.json"].map((name) => `node_modules/@acme/more/${name}`),
    ]);
    expect(await runCarried(bundled)).toBe(await runSources(app, "main.js"));
  });

  test("by a name in between, without the rest of the package", async () => {
    const app = await makeApp({
      "main.cjs": `
        const { join, dirname } = require("node:path");
        const base = dirname(require.resolve("@acme/data/package.json"));
        console.log(require("node:fs").readFileSync(join(base, "fast", "a.txt"), "utf8"));`,
      ...data,
    });
    const bundled = await bundleApp(app, { entry: "main.cjs" });
    expect(bundled.carried).toContain("node_modules/@acme/data/fast/a.txt");
    expect(bundled.carried).not.toContain("node_modules/@acme/data/best/a.txt");
    expect(await runCarried(bundled)).toBe(await runSources(app, "main.cjs"));
  });

  test("a package that code in a text imports by its place", async () => {
    const app = await makeApp({
      "main.mjs": 'import run from "runner"; console.log(await run());',
      "node_modules/runner/package.json": '{"name":"runner","type":"module","exports":"./index.js"}',
      "node_modules/runner/index.js": `
        import { once } from "node:events";
        import { isMainThread, parentPort, Worker } from "node:worker_threads";
        const inThread = (value) => parentPort.postMessage(value);
        const run = async () => {
          const code = \`import inThread from \${JSON.stringify(import.meta.url)}; inThread(42);\`;
          return (await once(new Worker(code, { eval: true }), "message"))[0];
        };
        export default isMainThread ? run : inThread;`,
    });
    const bundled = await bundleApp(app, { entry: "main.mjs" });
    expect(bundled.carried).toEqual(["node_modules/runner/index.js", "node_modules/runner/package.json"]);
    expect(await runCarried(bundled)).toBe(await runSources(app, "main.mjs"));
  });

  test("the package.json of the app, for a package that looks above itself", async () => {
    const app = await makeApp({
      "package.json": '{"name":"demo","own":"settings"}',
      "main.cjs": 'console.log(require("above").own);',
      "node_modules/above/package.json": '{"name":"above"}',
      "node_modules/above/index.js":
        'const { join } = require("node:path"); const root = join(__dirname, "../.."); exports.own = require("node:fs").readFileSync(root + "/package.json", "utf8");',
    });
    const bundled = await bundleApp(app, { entry: "main.cjs" });
    expect(bundled.carried).toContain("package.json");
    expect(await runCarried(bundled)).toBe(await runSources(app, "main.cjs"));
  });
});

test("a place that walks upwards may find what it looks for elsewhere", async () => {
  const app = await makeApp({
    "src/main.ts": `
      import { existsSync } from "node:fs";
      import { dirname } from "node:path";
      let folder = import.meta.dirname;
      while (!folder.endsWith("src")) folder = dirname(folder);
      console.log(existsSync(folder + "/entry.txt"));`,
  });
  expect((await bundleApp(app)).diagnostics).toEqual([]);
});

describe("beside what is carried", () => {
  test("descriptions that others refer to", async () => {
    const app = await makeApp({
      "main.mjs": `
        import { readFileSync } from "node:fs";
        const api = new URL("./api.yaml", import.meta.url);
        const pet = new URL(api.href.replace(/api.yaml$/, "schemas/pet.yaml"));
        console.log(readFileSync(api, "utf8"), readFileSync(pet, "utf8"));`,
      "api.yaml":
        "schema:\n  $ref: ./schemas/pet.yaml#/Pet\n  other: { $ref: 'https://example.org/x.yaml' }\n",
      "schemas/pet.yaml": 'Pet: { "$ref": "name.json" }\n',
      "schemas/name.json": '{"$ref":"#/here"}',
    });
    const bundled = await bundleApp(app, { entry: "main.mjs" });
    expect(bundled.carried).toEqual(["api.yaml", "schemas/name.json", "schemas/pet.yaml"]);
    expect(await runCarried(bundled)).toBe(await runSources(app, "main.mjs"));
  });

  test("modules that a glob of an ORM means", async () => {
    const app = await makeApp({
      "main.cjs": `
        const { globSync } = require("node:fs");
        const { join, dirname, basename } = require("node:path");
        const pattern = __dirname + "/**/*.entity{.ts,.js}";
        console.log(pattern.endsWith("{.ts,.js}"), require("./" + ["cats", "cat.entity"].join("/")).name);`,
      "cats/cat.entity.js": 'exports.name = "cat";',
      "cats/cat.module.js": 'exports.name = "not for it";',
    });
    const bundled = await bundleApp(app, { entry: "main.cjs" });
    expect(bundled.carried).toEqual(["cats/cat.entity.js"]);
  });

  test("modules beside a source that lists them", async () => {
    const app = await makeApp({
      "package.json": "{}",
      "main.js": 'console.log(require("./models/index.js"));',
      "models/index.js": `
        const fs = require("fs");
        const path = require("path");
        const models = {};
        fs.readdirSync(__dirname)
          .filter((file) => file !== path.basename(__filename) && file.endsWith(".js"))
          .forEach((file) => Object.assign(models, require(path.join(__dirname, file))));
        module.exports = models;`,
      "models/cat.js": 'exports.cat = require("./base.js").base + "cat";',
      "models/base.js": 'exports.base = "a ";',
      "models/cat.test.js": "",
    });
    const bundled = await bundleApp(app, { entry: "main.js" });
    expect(bundled.carried).toEqual(["models/base.js", "models/cat.js", "package.json"]);
    expect(bundled.diagnostics).toEqual([]);
    expect(await runCarried(bundled)).toBe(await runSources(app, "main.js"));
  });

  test("a configuration by the app's name for it", async () => {
    const app = await makeApp({
      "main.mjs": `
        import { load } from "loader";
        console.log((await load({ name: "tool", cwd: import.meta.dirname })).default);`,
      "tool.config.mjs": 'export default "configured";',
      "other.config.mjs": 'export default "not for it";',
      "node_modules/loader/package.json": '{"name":"loader","type":"module","exports":"./index.js"}',
      "node_modules/loader/index.js":
        // biome-ignore lint/suspicious/noTemplateCurlyInString: what the package says
        "export const load = ({ name, cwd }) => import(`${cwd}/${name}.config.mjs`);",
    });
    const bundled = await bundleApp(app, { entry: "main.mjs" });
    expect(bundled.carried).toContain("tool.config.mjs");
    expect(bundled.carried).not.toContain("other.config.mjs");
    expect(await runCarried(bundled)).toBe(await runSources(app, "main.mjs"));
  });
});
