import { symlink } from "node:fs/promises";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { nativeSample } from "../../executable/test/native-sample.ts";
import { type Bundled, bundleApp, makeApp, runCarried, runSources } from "./app.ts";

/** A package that reads a file of its own, and asks another for its state. */
const reading = {
  "node_modules/reader/package.json":
    '{"name":"reader","version":"1.2.3","license":"MIT","main":"lib/index.js","dependencies":{"state":"1"}}',
  "node_modules/reader/lib/index.js": `
    const fs = require("fs"), path = require("path");
    exports.text = fs.readFileSync(path.join(__dirname, "../data/a.txt"), "utf8");
    exports.state = require("state");`,
  "node_modules/reader/data/a.txt": "text of the reader",
  "node_modules/reader/test/unused.js": "",
  "node_modules/state/package.json": '{"name":"state","version":"1.0.0"}',
  "node_modules/state/index.js": "exports.count = 0;",
  "node_modules/plain/package.json": '{"name":"plain","version":"1.0.0"}',
  "node_modules/plain/index.js": 'exports.plain = "plain";',
};

function carriedPackages({ packages }: Bundled): string[] {
  return packages.filter(({ carried }) => carried).map(({ name, carried }) => `${name}: ${carried?.because}`);
}

describe.each(["esm", "cjs"])("a package that reads files of its own (%s)", (format) => {
  test("is carried with what it needs, once, and the others are bundled", async () => {
    const app = await makeApp({
      ...reading,
      "src/main.ts": `
        import { text, state as theirs } from "reader";
        import { plain } from "plain";
        import * as ours from "state";
        theirs.count++;
        console.log(text, plain, ours.default === theirs, (ours.default ?? ours).count);`.replaceAll(
        "ours.default",
        "(ours.default ?? ours)",
      ),
      "package.json": '{"type":"module"}',
    });
    const bundled = await bundleApp(app, { format });
    expect(carriedPackages(bundled)).toEqual([
      "reader: reads files of its own (lib/index.js:3)",
      "state: reader needs it",
    ]);
    expect(bundled.carried).toEqual([
      "node_modules/reader/data/a.txt",
      "node_modules/reader/lib/index.js",
      "node_modules/reader/package.json",
      "node_modules/state/index.js",
      "node_modules/state/package.json",
    ]);
    expect(bundled.packages.find(({ name }) => name === "reader")).toMatchObject({
      version: "1.2.3",
      license: "MIT",
      bytes: 0,
      carried: { files: 3 },
    });
    expect(bundled.diagnostics).toEqual([]);
    expect(await runCarried(bundled)).toBe(await runSources(app, "src/main.ts"));
    expect(bundled.dependencies).toContainEqual({ file: "node_modules/reader/data/a.txt" });
    expect(bundled.dependencies).toContainEqual({ file: "node_modules/reader/lib/index.js" });
  });
});

test("a package that is there in two versions keeps both", async () => {
  const app = await makeApp({
    ...reading,
    "node_modules/reader/node_modules/state/package.json": '{"name":"state","version":"2.0.0"}',
    "node_modules/reader/node_modules/state/index.js": "exports.count = 2;",
    "src/main.cjs": 'console.log(require("reader").state.count, require("state").count);',
  });
  const bundled = await bundleApp(app, { entry: "src/main.cjs" });
  expect(bundled.carried).toContain("node_modules/reader/node_modules/state/index.js");
  expect(bundled.carried).not.toContain("node_modules/state/index.js");
  expect(await runCarried(bundled)).toBe("2 0\n");
});

test.each([
  [
    "computed names of files",
    'exports.text = require("fs").readFileSync(__dirname + "/fonts/" + (process.argv[2] ?? "a") + ".txt", "utf8");',
  ],
  [
    "a folder that is handed on",
    'exports.text = read(__dirname); function read(f) { return require("fs").readFileSync(f + "/fonts/a.txt", "utf8"); }',
  ],
  [
    "a worker",
    'new (require("worker_threads").Worker)(require("path").resolve(__dirname, "worker.js")); exports.text = "";',
  ],
  ["a lookup", 'exports.text = require("fs").readFileSync(require.resolve("./fonts/a.txt"), "utf8");'],
  [
    "a require of its own",
    'const own = require("module").createRequire(__filename); exports.text = own("#data").text;',
  ],
])("%s within a package", async (_, code) => {
  const app = await makeApp({
    "node_modules/p/package.json": '{"name":"p","version":"1.0.0","imports":{"#data":"./data.json"}}',
    "node_modules/p/index.js": code,
    "node_modules/p/worker.js": 'console.log("in the worker");',
    "node_modules/p/fonts/a.txt": "font",
    "node_modules/p/data.json": '{"text":"data"}',
    "src/main.cjs": 'console.log(require("p").text);',
  });
  const bundled = await bundleApp(app, { entry: "src/main.cjs" });
  expect(bundled.packages).toMatchObject([{ name: "p", carried: {} }]);
  expect(await runCarried(bundled)).toBe(await runSources(app, "src/main.cjs"));
});

test.each([
  ["a comparison", 'exports.isMain = process.argv[1] === __filename || typeof __dirname === "number";'],
  ["Node's own modules", 'exports.os = require("module").createRequire(__filename)("os").EOL.length;'],
])("%s is no reason to carry", async (_, code) => {
  const app = await makeApp({
    "node_modules/p/package.json": '{"name":"p","version":"1.0.0"}',
    "node_modules/p/index.js": code,
    "src/main.cjs": 'console.log(require("p"));',
  });
  const bundled = await bundleApp(app, { entry: "src/main.cjs" });
  expect(bundled.carried).toEqual([]);
  expect(bundled.diagnostics).toEqual([]);
});

test("packages that the app names for others to load", async () => {
  const app = await makeApp({
    "package.json": '{"dependencies":{"engine":"1","host":"1","unnamed":"1"}}',
    "node_modules/host/package.json": '{"name":"host"}',
    "node_modules/host/index.js": "module.exports = (name) => require(name);",
    "node_modules/engine/package.json": '{"name":"engine"}',
    "node_modules/engine/index.js": 'exports.name = "engine";',
    "node_modules/unnamed/package.json": '{"name":"unnamed"}',
    "node_modules/unnamed/index.js": "",
    "src/main.cjs": 'console.log(require("host")("engine").name);',
  });
  const bundled = await bundleApp(app, { entry: "src/main.cjs" });
  expect(carriedPackages(bundled)).toEqual(["engine: src/main.cjs:1 names it"]);
  expect(await runCarried(bundled)).toBe("engine\n");
});

describe("packages that are named at run time", () => {
  const host = {
    "node_modules/host/package.json":
      '{"name":"host","peerDependencies":{"pg":"8","sql.js":"1","mysql2":"3","ts-node":"1"}}',
    "node_modules/host/index.js": "module.exports = (name) => require(name);",
  };
  const installed = (...names: readonly string[]) =>
    Object.fromEntries(
      names.flatMap((name) => [
        [`node_modules/${name}/package.json`, JSON.stringify({ name })],
        [`node_modules/${name}/index.js`, `exports.name = ${JSON.stringify(name)};`],
      ]),
    );
  const drivers = { ...host, ...installed("pg", "sql.js", "mysql2", "ts-node") };
  const manifest = JSON.stringify({
    dependencies: { host: "1", pg: "8", "sql.js": "1" },
    devDependencies: { "ts-node": "1" },
  });

  test("are the peers of a package that computes names, if the app has them", async () => {
    const app = await makeApp({
      ...drivers,
      "package.json": manifest,
      "src/main.cjs": "console.log(require('host')(process.env.NONE ?? 'p' + 'g').name);",
    });
    const bundled = await bundleApp(app, { entry: "src/main.cjs" });
    expect(carriedPackages(bundled)).toEqual(["pg: host may ask for it", "sql.js: host may ask for it"]);
    expect(await runCarried(bundled)).toBe("pg\n");
  });

  test("are the one of these that the app names, however it spells it", async () => {
    const app = await makeApp({
      ...drivers,
      "package.json": manifest,
      "src/main.cjs": "const type = 'sqljs'; console.log(require('host')(type.replace('js', '.js')).name);",
    });
    const bundled = await bundleApp(app, { entry: "src/main.cjs" });
    expect(carriedPackages(bundled)).toEqual(["sql.js: src/main.cjs names it in short"]);
    expect(await runCarried(bundled)).toBe("sql.js\n");
  });

  test("are plugins that are named in short, or by their beginning", async () => {
    const app = await makeApp({
      ...host,
      ...installed(
        "host-preset-env",
        "@host/plugin-react",
        "style-loader",
        "locale-de",
        "locale-en",
        "other",
      ),
      "package.json": JSON.stringify({
        dependencies: Object.fromEntries(
          ["host", "host-preset-env", "@host/plugin-react", "style-loader", "locale-de", "other"].map(
            (name) => [name, "1"],
          ),
        ),
      }),
      "src/main.mjs": `import host from "host";
        const use = (kind, name) => host(\`\${kind}\${name}\`).name;
        const { name } = (await import(\`locale-\${process.argv[2] ?? "de"}\`)).default;
        console.log(use("host-preset-", "env"), use("@host/plugin-", "react"), host(["style", "loader"].join("-")).name, name);`,
    });
    const bundled = await bundleApp(app, { entry: "src/main.mjs" });
    expect(carriedPackages(bundled)).toEqual([
      "@host/plugin-react: src/main.mjs names it in short",
      "host-preset-env: src/main.mjs names it in short",
      "locale-de: src/main.mjs names what begins like it",
      "style-loader: src/main.mjs names it in short",
    ]);
    expect(await runCarried(bundled)).toBe("host-preset-env @host/plugin-react style-loader locale-de\n");
  });

  test("are found where a script that is carried names them", async () => {
    const app = await makeApp({
      ...host,
      ...installed("engine"),
      "package.json": '{"dependencies":{"host":"1","engine":"1"}}',
      "src/main.cjs":
        'console.log(require("host")(require("node:path").join(__dirname, "plugins/one.cjs")).name);',
      "src/plugins/one.cjs": 'module.exports = require("host")(["engine"][0]);',
    });
    const bundled = await bundleApp(app, { entry: "src/main.cjs" });
    expect(carriedPackages(bundled)).toContain("engine: src/plugins/one.cjs:1 names it");
    expect(await runCarried(bundled)).toBe("engine\n");
  });
});

test("names of imports that a source begins have all their targets carried", async () => {
  const app = await makeApp({
    "package.json": JSON.stringify({
      name: "self",
      type: "module",
      imports: {
        "#late/*": { node: "./late/*.node.js", default: "./late/*.js" },
        "#late/special": "./special.js",
      },
    }),
    "late/one.node.js": 'export const name = "one of node";',
    "late/one.js": 'export const name = "one";',
    "special.js": 'export const name = "special";',
    "src/main.js": `for (const name of ["one", "special"]) console.log((await import(\`#late/\${name}\`)).name);`,
  });
  const bundled = await bundleApp(app, { entry: "src/main.js" });
  expect(bundled.diagnostics.filter(({ severity }) => severity !== "info")).toEqual([]);
  expect(await runCarried(bundled)).toBe(await runSources(app, "src/main.js"));
});

test("a package's files come with what only they name", async () => {
  const app = await makeApp({
    "node_modules/fonts/package.json": '{"name":"fonts"}',
    "node_modules/fonts/index.js": `const { join } = require("node:path"); exports.font = join(__dirname, "data/sans.fnt");
      exports.engine = require.resolve("engine");`,
    "node_modules/fonts/data/sans.fnt": "page sans.png",
    "node_modules/fonts/data/sans.png": "",
    "node_modules/fonts/data/sans_1.png": "",
    "node_modules/fonts/data/serif.png": "",
    "node_modules/fonts/data/sans.md": "",
    "node_modules/engine/package.json": '{"name":"engine","main":"engine.js"}',
    "node_modules/engine/engine.js": "",
    "node_modules/engine/engine.wasm": "",
    "node_modules/engine/engine-debug.wasm": "",
    "src/main.cjs": 'console.log(require("fonts").font.length > 0);',
  });
  const bundled = await bundleApp(app, { entry: "src/main.cjs" });
  expect(bundled.carried).toEqual([
    "node_modules/engine/engine.js",
    "node_modules/engine/engine.wasm",
    "node_modules/engine/package.json",
    "node_modules/fonts/data/sans.fnt",
    "node_modules/fonts/data/sans.png",
    "node_modules/fonts/data/sans_1.png",
    "node_modules/fonts/index.js",
    "node_modules/fonts/package.json",
  ]);
});

test("external has a package carried, include adds files of it, exclude takes some out", async () => {
  const app = await makeApp({
    "node_modules/p/package.json": '{"name":"p","version":"1.0.0"}',
    "node_modules/p/index.js": 'exports.p = require("./other.js").other;',
    "node_modules/p/other.js": "exports.other = 1;",
    "node_modules/p/data/a.txt": "a",
    "node_modules/p/data/b.txt": "b",
    "src/main.mjs": 'import { p } from "p"; console.log(p);',
  });
  const include = ["node_modules/p/data/**"];
  const bundled = await bundleApp(app, {
    entry: "src/main.mjs",
    external: ["p"],
    include,
    exclude: ["**/b.txt"],
  });
  expect(carriedPackages(bundled)).toEqual(['p: "external" names it']);
  expect(bundled.carried).toEqual([
    "node_modules/p/data/a.txt",
    "node_modules/p/index.js",
    "node_modules/p/other.js",
    "node_modules/p/package.json",
  ]);
  expect(await runCarried(bundled)).toBe("1\n");
});

test("packages of a node_modules elsewhere appear in the project's own", async () => {
  const elsewhere = await makeApp(reading);
  const app = await makeApp({ "src/main.cjs": 'console.log(require("reader").text);' });
  await symlink(path.join(elsewhere, "node_modules"), path.join(app, "node_modules"));
  const bundled = await bundleApp(app, { entry: "src/main.cjs" });
  expect(bundled.carried).toContain("node_modules/reader/data/a.txt");
  expect(bundled.meta["place"]).toBe("src/main.cjs");
  expect(await runCarried(bundled)).toBe("text of the reader\n");
});

test("packages above the project in a workspace", async () => {
  const workspace = await makeApp({
    "package.json": '{"workspaces":["apps/*"]}',
    ...reading,
    "apps/one/src/main.cjs": 'console.log(require("reader").text, require("../lib.cjs"));',
    "apps/one/lib.cjs": 'module.exports = require("reader").state.count;',
  });
  const bundled = await bundleApp(path.join(workspace, "apps/one"), { entry: "src/main.cjs" });
  expect(bundled.meta["place"]).toBe("apps/one/src/main.cjs");
  expect(bundled.carried).toContain("node_modules/reader/data/a.txt");
  expect(await runCarried(bundled)).toBe("text of the reader 0\n");
});

test("a dependency with a source map of its own is known all the same", async () => {
  const map = {
    version: 3,
    sources: ["../src/index.ts"],
    names: [],
    mappings: "AAAA",
    sourcesContent: ["// typescript"],
  };
  const app = await makeApp({
    "node_modules/m/package.json": '{"name":"m","version":"1.0.0","main":"dist/index.js"}',
    "node_modules/m/dist/index.js":
      'exports.text = require("fs").readFileSync(require("path").join(__dirname, "a.txt"), "utf8");\n//# sourceMappingURL=index.js.map\n',
    "node_modules/m/dist/index.js.map": JSON.stringify(map),
    "node_modules/m/dist/a.txt": "mapped",
    "src/main.cjs": 'console.log(require("m").text);',
  });
  const bundled = await bundleApp(app, { entry: "src/main.cjs" });
  expect(bundled.carried).toContain("node_modules/m/dist/a.txt");
  expect(await runCarried(bundled)).toBe("mapped\n");
});

test("the current folder's files are the user's, and never carried", async () => {
  const app = await makeApp({
    ...reading,
    ".env": "SECRET=1",
    "node_modules/reader/lib/index.js": `
      const path = require("path"), fs = require("fs");
      exports.env = () => fs.readFileSync(path.join(process.cwd(), ".env"), "utf8");
      exports.text = fs.readFileSync(path.join(__dirname, "../data/a.txt"), "utf8");`,
    "src/main.cjs": 'console.log(require("reader").text);',
  });
  const bundled = await bundleApp(app, { entry: "src/main.cjs" });
  expect(bundled.carried.filter((file) => !file.startsWith("node_modules/reader/"))).toEqual([]);
});

test("the app's own addons are carried, and loaded from where they are", async () => {
  const app = await makeApp({
    "src/main.cjs": 'require("../native/load.cjs");',
    "native/load.cjs": 'try { require("./build/own.node"); } catch ({ code }) { console.log(code); }',
    "native/build/own.node": nativeSample("win32-x64"),
  });
  const bundled = await bundleApp(app, { entry: "src/main.cjs" });
  expect(bundled.platform.files).toEqual(["native/build/own.node"]);
  expect(bundled.platform.packages).toMatchObject([{ name: "native/build/own.node", required: true }]);
  expect(await runCarried(bundled)).toBe("ERR_DLOPEN_FAILED\n");
});

test("an addon that was not built is warned of, with the cure", async () => {
  const app = await makeApp({
    "node_modules/addon/package.json": '{"name":"addon","gypfile":true}',
    "node_modules/addon/index.js": 'module.exports = () => require("./build/Release/addon.node");',
    "src/main.cjs": 'require("addon");',
  });
  const { diagnostics } = await bundleApp(app, { entry: "src/main.cjs" });
  expect(diagnostics.filter(({ severity }) => severity === "warning")).toMatchObject([
    { code: "SBP_BUNDLE_NATIVE", hint: "npm rebuild addon" },
  ]);
});

test("a package that finds addons for others has none that could be missing", async () => {
  const app = await makeApp({
    "node_modules/tracer/package.json": '{"name":"tracer","dependencies":{"node-gyp-build":"4"}}',
    "node_modules/tracer/index.js": "exports.trace = () => {};",
    "src/main.cjs": 'require("tracer");',
  });
  const { diagnostics } = await bundleApp(app, { entry: "src/main.cjs" });
  expect(diagnostics).toEqual([]);
});

test("an entry in a package that is carried stays the main file, and imports the rest of it", async () => {
  const app = await makeApp({
    ...reading,
    "package.json": '{"dependencies":{"tool":"1"}}',
    "node_modules/tool/package.json":
      '{"name":"tool","version":"1.0.0","type":"module","dependencies":{"reader":"1"}}',
    "node_modules/tool/bin/tool.js": 'import "../lib/cli.js";',
    "node_modules/tool/lib/cli.js": `
      import { readFileSync } from "node:fs";
      import reader from "reader";
      console.log(readFileSync(new URL("../data.txt", import.meta.url), "utf8"), reader.text);`,
    "node_modules/tool/data.txt": "data of the tool",
  });
  const entry = "node_modules/tool/bin/tool.js";
  const bundled = await bundleApp(app, { entry });
  expect(bundled.carried).toEqual(
    expect.arrayContaining(["node_modules/tool/lib/cli.js", "node_modules/reader/lib/index.js"]),
  );
  expect(await bundled.text(String(bundled.meta["main"]))).not.toContain("readFileSync");
  expect(await runCarried(bundled)).toBe(await runSources(app, entry));
});

test("a package that hands its require on is carried with what it asks for by that", async () => {
  const app = await makeApp({
    "package.json": '{"type":"module"}',
    "main.js": 'import umd from "umd";\nconsole.log(umd.sum(1, 2));',
    "node_modules/umd/package.json": '{"name":"umd","version":"1.0.0","main":"lib/main.js"}',
    "node_modules/umd/lib/main.js": `
      (function (factory) {
        if (typeof module === "object" && typeof module.exports === "object") {
          var v = factory(require, exports);
          if (v !== undefined) module.exports = v;
        } else if (typeof define === "function" && define.amd) define(["require", "exports", "./sum"], factory);
      })(function (require, exports) {
        "use strict";
        Object.defineProperty(exports, "__esModule", { value: true });
        exports.sum = require("./sum").sum;
      });`,
    "node_modules/umd/lib/sum.js": "exports.sum = (a, b) => a + b;",
  });
  const bundled = await bundleApp(app, { entry: "main.js" });
  expect(bundled.carried).toContain("node_modules/umd/lib/sum.js");
  expect(await runCarried(bundled)).toBe(await runSources(app, "main.js"));
});
