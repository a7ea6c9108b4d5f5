import { describe, expect, test } from "vitest";
import { bundleApp, makeApp, runCarried, runSources } from "./app.ts";

/** A package that is carried, since it reads a file of its own, and loads another one that no bundle has seen. */
const host = {
  "package.json": '{"type":"module","dependencies":{"host":"1"}}',
  "main.js": 'import run from "host";\nconsole.log(JSON.stringify(run()));',
  "node_modules/host/package.json": '{"name":"host","version":"1.0.0","dependencies":{"tool":"1"}}',
  "node_modules/host/index.js": `
    require("fs").readFileSync(require("path").join(__dirname, "own.txt"));
    module.exports = () => require("module").createRequire(__filename)("tool");`,
  "node_modules/host/own.txt": "own",
  "node_modules/tool/package.json": '{"name":"tool","version":"1.0.0","dependencies":{"schemas":"1"}}',
};

const schemas = {
  "node_modules/schemas/package.json": '{"name":"schemas","version":"1.0.0"}',
  "node_modules/schemas/index.js": 'exports.name = "schemas";',
  "node_modules/schemas/lib/pet.schema.json": '{"type":"pet"}',
  "node_modules/schemas/lib/other.schema.json": "{}",
};

describe("what a carried package looks for, and tells of in text alone,", () => {
  test.each<[string, string, Readonly<Record<string, string>>, string]>([
    [
      "a file of a package that it depends on",
      `require("schemas");
      const find = (name, { basedir }) => require("module").createRequire(basedir + "/").resolve(name);
      module.exports = require(find("schemas/lib/pet.schema.json", { basedir: __dirname }));`,
      schemas,
      "node_modules/schemas/lib/pet.schema.json",
    ],
    [
      "a file where its package.json lies",
      `const fs = require("fs"), path = require("path");
      const up = (folder) => (fs.existsSync(path.join(folder, "package.json")) ? folder : up(path.dirname(folder)));
      const read = (name) => JSON.parse(fs.readFileSync(path.join(up(__dirname), name), "utf8"));
      module.exports = read("build-info.json");`,
      { "node_modules/tool/build-info.json": '{"build":7}' },
      "node_modules/tool/build-info.json",
    ],
    [
      "a script beside it",
      `const path = () => require("path");
      module.exports = require(path().resolve(__dirname, "./worker.js"));`,
      {
        "node_modules/tool/lib/worker.js": 'module.exports = require("./part.js");',
        "node_modules/tool/lib/part.js": 'module.exports = "part";',
      },
      "node_modules/tool/lib/worker.js",
    ],
    [
      "its own folder, asked for by its name",
      `const root = require("path").dirname(require("module").createRequire(__filename).resolve("tool/package.json"));
      exports.ROOT = root;
      exports.style = () => require("fs").readFileSync(root + "/" + ["static", "style.css"].join("/"), "utf8");
      module.exports = exports.style();`,
      { "node_modules/tool/static/style.css": "a { b: c }" },
      "node_modules/tool/static/style.css",
    ],
    [
      "what TypeScript knows of runtimes",
      `const file = __filename;
      const libraries = new Map([["es5", "lib.es5.d.ts"]]);
      const read = (name) => require("fs").readFileSync(require("path").join(require("path").dirname(file), name), "utf8");
      module.exports = [...libraries.values()].map(read);`,
      { "node_modules/tool/lib/lib.es5.d.ts": "interface Array<T> {}" },
      "node_modules/tool/lib/lib.es5.d.ts",
    ],
  ])("is carried: %s", async (_, code, files, expected) => {
    const app = await makeApp({
      ...host,
      ...files,
      "node_modules/tool/package.json":
        '{"name":"tool","version":"1.0.0","main":"lib/index.js","dependencies":{"schemas":"1"}}',
      "node_modules/tool/lib/index.js": code,
    });
    const bundled = await bundleApp(app, { entry: "main.js" });
    expect(bundled.carried).toContain(expected);
    expect(bundled.carried).not.toContain("node_modules/schemas/lib/other.schema.json");
    expect(await runCarried(bundled)).toBe(await runSources(app, "main.js"));
  });
});

describe("the package.json of the main file", () => {
  const read = 'const { version } = JSON.parse(fs.readFileSync(path.join(folder, "package.json"), "utf8"));';
  const code = (folder: string) =>
    `const fs = require("fs"), path = require("path");\nconst folder = ${folder};\n${read}\nconsole.log(version);`;

  test.each([
    ["require.main.path"],
    ["path.dirname(require.main?.filename ?? process.cwd())"],
    ['path.dirname((require.main || {}).filename || "")'],
  ])("is carried where somebody looks for it from %s on", async (folder) => {
    const app = await makeApp({
      "package.json": '{"version":"4.5.6"}',
      "main.js": 'require("tool");',
      "node_modules/tool/package.json": '{"name":"tool","version":"1.0.0"}',
      "node_modules/tool/index.js": code(folder),
    });
    const bundled = await bundleApp(app, { entry: "main.js" });
    expect(bundled.carried).toEqual(["package.json"]);
    expect(await runCarried(bundled)).toBe("4.5.6\n");
  });

  test("is not where somebody only asks whether this is the main file", async () => {
    const app = await makeApp({
      "package.json": '{"version":"4.5.6"}',
      "main.js": 'if (require.main === module) console.log("package.json");',
    });
    expect((await bundleApp(app, { entry: "main.js" })).carried).toEqual([]);
  });
});

test("a bundled package has its package.json where a function gets its place to read that", async () => {
  const app = await makeApp({
    "package.json": '{"type":"module"}',
    "main.js": 'import { version } from "tool";\nconsole.log(version);',
    "node_modules/tool/package.json": '{"name":"tool","version":"1.2.3","type":"module"}',
    "node_modules/tool/index.js": `
      import { load } from "loader";
      export const { version } = load(import.meta.url, "./package.json");`,
    "node_modules/loader/package.json": '{"name":"loader","version":"1.0.0","type":"module"}',
    "node_modules/loader/index.js": `
      import { readFileSync } from "node:fs";
      export const load = (from, name) => JSON.parse(readFileSync(new URL(name, from), "utf8"));`,
  });
  const bundled = await bundleApp(app, { entry: "main.js" });
  expect(bundled.carried).toContain("node_modules/tool/package.json");
  expect(await runCarried(bundled)).toBe("1.2.3\n");
});

test("what a package asks for from its own place by a text is looked up as node does", async () => {
  const app = await makeApp({
    "package.json": '{"type":"module"}',
    "main.js": 'import { version } from "tool";\nconsole.log(version);',
    "node_modules/tool/package.json":
      '{"name":"tool","version":"1.2.3","type":"module","main":"index.js","dependencies":{"part":"1","finder":"1"}}',
    "node_modules/tool/index.js": `
      import { readFileSync } from "node:fs";
      import { resolve } from "finder";
      import { part } from "part";
      export const { version } = JSON.parse(
        readFileSync(new URL("package.json", resolve("part", import.meta.url)), "utf8"),
      );
      part();`,
    "node_modules/part/package.json": '{"name":"part","version":"3.0.0","type":"module","main":"index.js"}',
    "node_modules/part/index.js": "export const part = () => {};",
    "node_modules/finder/package.json":
      '{"name":"finder","version":"1.0.0","type":"module","main":"index.js"}',
    "node_modules/finder/index.js": `
      import { createRequire } from "node:module";
      import { pathToFileURL } from "node:url";
      export const resolve = (name, from) => pathToFileURL(createRequire(from).resolve(name)).href;`,
  });
  const bundled = await bundleApp(app, { entry: "main.js" });
  expect(await runCarried(bundled)).toBe("3.0.0\n");
});

test("modules that a function of createRequire loads by a name that is put together are carried", async () => {
  const app = await makeApp({
    "package.json": '{"type":"module"}',
    "main.js": 'import { read } from "tool";\nconsole.log(read("js"));',
    "node_modules/tool/package.json":
      '{"name":"tool","version":"1.0.0","type":"module","main":"src/index.js"}',
    "node_modules/tool/src/index.js": `
      import { createRequire } from "node:module";
      const require = createRequire(import.meta.url);
      export const read = (name) => require(\`../generated/\${name}.cjs\`).name;`,
    "node_modules/tool/generated/js.cjs": 'exports.name = "js";',
    "node_modules/tool/generated/ts.cjs": 'exports.name = "ts";',
  });
  const bundled = await bundleApp(app, { entry: "main.js" });
  expect(bundled.carried).toContain("node_modules/tool/generated/ts.cjs");
  expect(await runCarried(bundled)).toBe("js\n");
});
