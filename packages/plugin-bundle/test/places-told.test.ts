import { describe, expect, test } from "vitest";
import { bundleApp, makeApp, runCarried, runSources } from "./app.ts";

/* Packages whose files nobody finds by following paths, because the places of these are told to others. */

const dependency = (name: string, files: Readonly<Record<string, string>>) =>
  Object.fromEntries(Object.entries(files).map(([file, text]) => [`node_modules/${name}/${file}`, text]));

/** Runs an app of `main.cjs` from its sources and from what was carried. */
async function runBoth(files: Readonly<Record<string, string>>) {
  const app = await makeApp(files);
  const bundled = await bundleApp(app, { entry: "src/main.cjs" });
  expect(await runCarried(bundled)).toBe(await runSources(app, "src/main.cjs"));
  return bundled.carried;
}

describe("a package that is asked for by name and tells where it lies", () => {
  const app = (place: string) => ({
    "src/main.cjs": `const fs = require("fs"), path = require("path"), { createRequire } = require("module");
      const load = createRequire(__filename);
      const told = load("pages");
      console.log(fs.readFileSync(path.join(typeof told === "function" ? told() : told, "page.css"), "utf8"));`,
    ...dependency("pages", {
      "package.json": '{"name":"pages","main":"where.js"}',
      "where.js": place,
      "page.css": "a {}",
      "page.css.map": "{}",
    }),
  });

  test.each([
    "module.exports = __dirname;",
    'const where = function () { return require("path").resolve(__dirname) };\nmodule.exports = where;',
    "module.exports = () => __dirname",
  ])("comes with its data: %s", async (place) => {
    const carried = await runBoth(app(place));
    expect(carried).toContain("node_modules/pages/page.css");
    expect(carried).not.toContain("node_modules/pages/page.css.map");
  });

  test("and one that only uses its place does not", async () => {
    const files = app('const here = __dirname; module.exports = here + "/..";');
    const bundled = await bundleApp(await makeApp(files), { entry: "src/main.cjs" });
    expect(bundled.carried).not.toContain("node_modules/pages/page.css");
  });
});

test("a file that a place and a text make together, behind another text", async () => {
  await runBoth({
    "src/main.cjs":
      'const load = require("module").createRequire(__filename); console.log(load("styles").css);',
    ...dependency("styles", {
      "package.json": '{"name":"styles"}',
      "index.js": `const fs = require("fs"); exports.css = "/* head */" + fs.readFileSync(__dirname + "/style.css", "utf8");`,
      "style.css": "a {}",
    }),
  });
});

test("modules that a package loads by an import that it hides from bundlers", async () => {
  await runBoth({
    "src/main.cjs": 'require("parts").load("b").then(({ default: value }) => console.log(value));',
    ...dependency("parts", {
      "package.json": '{"name":"parts"}',
      "index.js": `const load = eval("(file) => import(file)"); const at = { root: __dirname };
        exports.load = (name) => load(require("url").pathToFileURL(at.root + "/part/" + name + ".mjs").href);`,
      "part/a.mjs": "export default 1;",
      "part/b.mjs": "export default 2;",
    }),
  });
});

test("dependencies of a shared configuration that it only writes", async () => {
  await runBoth({
    "package.json": '{"name":"demo","dependencies":{"tool":"1","config-standard":"1"}}',
    "src/main.cjs": 'console.log(require("tool").read({ extends: "config-standard" }));',
    ...dependency("tool", {
      "package.json": '{"name":"tool"}',
      "index.js": `const { createRequire } = require("module");
        exports.read = function read({ extends: name, rules = [] }, from = __filename) {
          if (!name) return rules;
          const file = createRequire(from).resolve(name);
          return [...rules, ...read(require(file), file)];
        };`,
    }),
    ...dependency("config-standard", {
      "package.json": '{"name":"config-standard","dependencies":{"config-base":"1","unused":"1"}}',
      "index.js": 'module.exports = { extends: "config-base", rules: ["one"] };',
    }),
    ...dependency("config-base", {
      "package.json": '{"name":"config-base"}',
      "index.js": 'module.exports = { rules: ["two"] };',
    }),
    ...dependency("unused", { "package.json": '{"name":"unused"}', "index.js": "" }),
  }).then((carried) => expect(carried.join()).not.toContain("unused"));
});

test("modules of a package that it names in a table as others would", async () => {
  await runBoth({
    "src/main.cjs": 'console.log(require("big").load("one"));',
    ...dependency("big", {
      "package.json": '{"name":"big"}',
      "index.js": `const fs = require("fs"); const text = fs.readFileSync(__dirname + "/a.txt", "utf8");
        const table = new Map([["one", "big/parts/one"], ["two", "big/parts/none"]].map(([k, v]) => [k, v]));
        exports.load = (name) => text + require(table.get(name));`,
      "a.txt": "a",
      "parts/one.js": "module.exports = 1;",
    }),
  });
});
