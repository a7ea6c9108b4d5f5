import { describe, expect, test } from "vitest";
import { type Bundled, bundleApp, makeApp, runCarried, runSources } from "./app.ts";

/** Both print the same, and the build had nothing to say. */
async function bundleAlike(files: Readonly<Record<string, string>>, entry: string): Promise<Bundled> {
  const app = await makeApp(files);
  const bundled = await bundleApp(app, { entry });
  expect(bundled.diagnostics.filter(({ severity }) => severity !== "info")).toEqual([]);
  expect(await runCarried(bundled)).toBe(await runSources(app, entry));
  return bundled;
}

const reasonsOf = ({ packages }: Bundled) =>
  Object.fromEntries(packages.flatMap(({ name, carried }) => (carried ? [[name, carried.because]] : [])));

/** A package with one file in CommonJS. */
const packageOf = (name: string, code: string, more: object = {}) => ({
  [`node_modules/${name}/package.json`]: JSON.stringify({ name, version: "1.0.0", ...more }),
  [`node_modules/${name}/index.js`]: code,
});

describe("packages that only a text names", () => {
  const views = packageOf("views", "exports.render = (engine) => require(engine).render();");

  test("an engine that is imported, and asked for by its name as well, is one copy", async () => {
    const bundled = await bundleAlike(
      {
        "package.json": '{"dependencies":{"views":"1","engine":"1"}}',
        "main.cjs": 'require("engine").partial = "part"; console.log(require("views").render("engine"));',
        ...views,
        ...packageOf("engine", "exports.render = () => exports.partial;"),
      },
      "main.cjs",
    );
    expect(reasonsOf(bundled)).toEqual({ engine: "main.cjs:1 names it" });
  });

  test("a package that is only imported stays in the bundle", async () => {
    const bundled = await bundleAlike(
      {
        "package.json": '{"dependencies":{"views":"1","engine":"1"}}',
        "main.cjs": 'console.log(typeof require("engine").render, typeof require("views"));',
        ...views,
        ...packageOf("engine", "exports.render = () => exports.partial;"),
      },
      "main.cjs",
    );
    expect(bundled.carried).toEqual([]);
  });

  test("what the project declares and a package with computed names asks for", async () => {
    const orm = packageOf(
      "orm",
      `const load = (name) => require(name); exports.driver = () => load("driver").name;`,
    );
    const driver = packageOf("driver", 'exports.name = "driver";');
    const main = { "main.cjs": 'console.log(require("orm").driver());' };
    const declared = await bundleAlike(
      { "package.json": '{"dependencies":{"orm":"1","driver":"1"}}', ...main, ...orm, ...driver },
      "main.cjs",
    );
    expect(reasonsOf(declared)).toEqual({ driver: "node_modules/orm/index.js:1 names it" });
    const forDevelopment = await makeApp({
      "package.json": '{"dependencies":{"orm":"1"},"devDependencies":{"driver":"1"}}',
      ...main,
      ...orm,
      ...driver,
    });
    expect((await bundleApp(forDevelopment, { entry: "main.cjs" })).carried).toEqual([]);
  });

  test("what only the package.json of such a package has is not asked for", async () => {
    const app = await makeApp({
      "package.json": '{"dependencies":{"orm":"1","driver":"1"}}',
      "main.cjs": 'console.log(require("orm").version);',
      ...packageOf(
        "orm",
        'const load = (name) => require(name); exports.version = require("./package.json").version; exports.load = load;',
        { devDependencies: { driver: "1" } },
      ),
      ...packageOf("driver", ""),
    });
    expect((await bundleApp(app, { entry: "main.cjs" })).carried).toEqual([]);
  });
});

describe("dependencies that a package names in text alone", () => {
  const dictionaries = {
    ...packageOf("@words/all", "", { dependencies: { "@words/english": "1", "@words/unnamed": "1" } }),
    "node_modules/@words/all/all.json": '{"import":["@words/english/words.json"]}',
    ...packageOf("@words/english", ""),
    "node_modules/@words/english/words.json": '{"path":"./words.txt"}',
    "node_modules/@words/english/words.txt": "one two",
    "node_modules/@words/english/words.d.ts": "",
    ...packageOf("@words/unnamed", ""),
  };

  test("come with it, whole where the text is a path, and so on from there", async () => {
    const bundled = await bundleAlike(
      {
        "main.cjs": 'console.log(require("speller")());',
        ...packageOf(
          "speller",
          `const { createRequire } = require("node:module");
           const { readFileSync } = require("node:fs");
           const settings = "@words/all/all.json";
           const at = (name, from) => createRequire(from).resolve(name);
           module.exports = () => {
             const all = at(settings, at("speller", __filename));
             const english = at(JSON.parse(readFileSync(all, "utf8")).import[0], all);
             return readFileSync(at(JSON.parse(readFileSync(english, "utf8")).path, english), "utf8");
           };`,
          { dependencies: { "@words/all": "1" } },
        ),
        ...dictionaries,
      },
      "main.cjs",
    );
    expect(bundled.carried.filter((file) => file.includes("@words"))).toEqual([
      "node_modules/@words/all/all.json",
      "node_modules/@words/all/index.js",
      "node_modules/@words/all/package.json",
      "node_modules/@words/english/index.js",
      "node_modules/@words/english/package.json",
      "node_modules/@words/english/words.json",
      "node_modules/@words/english/words.txt",
    ]);
  });

  test("are loaded by a package that is carried for another reason", async () => {
    const bundled = await bundleAlike(
      {
        "main.cjs": 'console.log(require("reader"));',
        ...packageOf(
          "reader",
          `const load = process.getBuiltinModule("module").createRequire(__filename);
           module.exports = load("painter") + require("fs").readFileSync(__dirname + "/data.txt", "utf8");`,
          { dependencies: { painter: "1" } },
        ),
        "node_modules/reader/data.txt": "!",
        ...packageOf("painter", 'module.exports = "painted";'),
        "node_modules/painter/unused.txt": "",
      },
      "main.cjs",
    );
    expect(bundled.carried).toContain("node_modules/painter/index.js");
    expect(bundled.carried).not.toContain("node_modules/painter/unused.txt");
  });

  test("leave a package in the bundle where the word may be any", async () => {
    const app = await makeApp({
      "main.cjs": 'console.log(require("logs"));',
      ...packageOf("logs", 'module.exports = "colors";', { dependencies: { colors: "1" } }),
      ...packageOf("colors", ""),
    });
    expect((await bundleApp(app, { entry: "main.cjs" })).carried).toEqual([]);
  });
});

describe("modules that a package loads by computed names", () => {
  test("through another name of require", async () => {
    const bundled = await bundleAlike(
      {
        "main.cjs": 'console.log(require("dates").hello("fr"), require("dates").hello("xx"));',
        ...packageOf(
          "dates",
          `exports.hello = (language) => {
            try { const aliased = require; return aliased("./locale/" + language); } catch { return "hello"; }
          };`,
        ),
        "node_modules/dates/locale/fr.js": 'module.exports = "bonjour";',
        "node_modules/dates/test/unused.js": "",
      },
      "main.cjs",
    );
    expect(bundled.carried).toEqual([
      "node_modules/dates/index.js",
      "node_modules/dates/locale/fr.js",
      "node_modules/dates/package.json",
    ]);
  });

  test("by a path that another function gets", async () => {
    const bundled = await bundleAlike(
      {
        "main.cjs": 'console.log(require("logs")("file"), require("logs")("deep"));',
        ...packageOf(
          "logs",
          `const load = (name) => { try { return require(name); } catch { return undefined; } };
           module.exports = (type) => load(\`./sinks/\${type}\`) ?? load("./sinks/x-" + type);`,
        ),
        "node_modules/logs/sinks/file.js": 'module.exports = "to a file";',
        "node_modules/logs/sinks/x-deep/index.js": 'module.exports = "deeply";',
        "node_modules/logs/sinks/deep/data/far.js": "",
        "node_modules/logs/other/unused.js": "",
      },
      "main.cjs",
    );
    expect(bundled.carried).toEqual([
      "node_modules/logs/index.js",
      "node_modules/logs/package.json",
      "node_modules/logs/sinks/file.js",
      "node_modules/logs/sinks/x-deep/index.js",
    ]);
  });

  test("by a function of createRequire that begins elsewhere", async () => {
    const app = await makeApp({
      "package.json": '{"dependencies":{"settings":"1","yaml-reader":"1"}}',
      "main.mjs": 'import { read } from "settings"; console.log(read());',
      ...packageOf(
        "settings",
        `import { createRequire as maker } from "node:module";
         const load = maker(process.cwd() + "/x");
         const reader = "yaml-reader";
         export const read = () => load(reader);`,
        { type: "module" },
      ),
      ...packageOf("yaml-reader", 'module.exports = "read";'),
    });
    const bundled = await bundleApp(app, { entry: "main.mjs" });
    expect(bundled.carried).toContain("node_modules/yaml-reader/index.js");
  });

  test("files that compiled code names beside itself, in a package that is only looked up by name", async () => {
    const bundled = await bundleAlike(
      {
        "package.json": '{"dependencies":{"orm":"1","database":"1"}}',
        "main.cjs": 'console.log(require("orm").open("database"));',
        ...packageOf("orm", "exports.open = (name) => require(name).text;"),
        ...packageOf(
          "database",
          `var dir = ""; dir = __dirname + "/"; const find = (name) => dir + name;
           exports.text = require("fs").readFileSync(find("core.wasm"), "utf8");`,
        ),
        "node_modules/database/core.wasm": "core",
        "node_modules/database/other.wasm": "other",
      },
      "main.cjs",
    );
    expect(bundled.carried).toContain("node_modules/database/core.wasm");
    expect(bundled.carried).not.toContain("node_modules/database/other.wasm");
  });

  test("a source of an old compiler's output does not keep the search busy", async () => {
    const app = await makeApp({
      "package.json": '{"dependencies":{"orm":"1","database":"1"}}',
      "main.cjs": 'console.log(require("orm").open("database"));',
      ...packageOf("orm", "exports.open = (name) => require(name).text;"),
      ...packageOf("database", `exports.text = __dirname.length && "${"AbC0".repeat(500_000)}".length;`),
    });
    expect((await bundleApp(app, { entry: "main.cjs" })).carried).toContain("node_modules/database/index.js");
  });
});

describe("texts beside a place that is given away", () => {
  const server = packageOf(
    "server",
    `const fs = require("fs"), path = require("path");
     exports.send = (name, { root }) => fs.readFileSync(path.resolve(root, name), "utf8");
     exports.list = (name, { root }) => fs.readdirSync(path.resolve(root, name)).sort().join();
     exports.load = (name, { root }) => require(path.resolve(root, name));
     exports.settings = ({ root }) => JSON.parse(fs.readFileSync(path.resolve(root, "package.json"), "utf8")).server;`,
  );

  test("name files, folders and modules from there", async () => {
    const bundled = await bundleAlike(
      {
        "package.json": '{"dependencies":{"server":"1"}}',
        "main.cjs": `const { send, list, load } = require("server");
          console.log(send("page.html", { root: __dirname }), list("views/parts", { root: __dirname }));
          console.log(load("./jobs/a.js", { root: __dirname }));`,
        "page.html": "page",
        "views/parts/foot.html": "foot",
        "views/unused.html": "unused",
        "jobs/a.js": 'module.exports = require("server").list.name;',
        ...server,
      },
      "main.cjs",
    );
    expect(bundled.carried).toEqual([
      "jobs/a.js",
      "node_modules/server/index.js",
      "node_modules/server/package.json",
      "package.json",
      "page.html",
      "views/parts/foot.html",
    ]);
  });

  test("stand in package.json as well, in what is set for a package", async () => {
    const bundled = await bundleAlike(
      {
        "package.json":
          '{"dependencies":{"server":"1"},"files":["unused"],"server":{"commands":"./commands"}}',
        "bin/main.cjs": `const { settings, load } = require("server"), root = require("path").join(__dirname, "..");
          console.log(load(settings({ root }).commands + "/hello.js", { root }));`,
        "commands/hello.js": 'module.exports = "hello";',
        "unused/a.txt": "",
        ...server,
      },
      "bin/main.cjs",
    );
    expect(bundled.carried).toContain("commands/hello.js");
    expect(bundled.carried).not.toContain("unused/a.txt");
  });

  test("where there are none, and other files than sources, the build warns", async () => {
    const app = await makeApp({
      "main.cjs": `const { list } = require("server");\nconsole.log(__dirname.length > 1);\nlist(process.argv[2], { root: __dirname });`,
      "data/a.txt": "a",
      ...server,
    });
    const { diagnostics } = await bundleApp(app, { entry: "main.cjs" });
    expect(diagnostics.filter(({ severity }) => severity === "warning")).toMatchObject([
      { code: "SBP_BUNDLE_FILE", location: { file: "main.cjs", line: 3 } },
    ]);
  });

  test("where all beside the source is bundled, it does not", async () => {
    const app = await makeApp({
      "main.cjs": `require("server").send(process.argv[2], { root: __dirname }); require("./other.cjs");`,
      "other.cjs": "",
      "README.md": "",
      ...server,
    });
    const { diagnostics } = await bundleApp(app, { entry: "main.cjs" });
    expect(diagnostics.filter(({ severity }) => severity === "warning")).toEqual([]);
  });
});

test("a path without ending that others require is a module", async () => {
  const bundled = await bundleAlike(
    {
      "main.cjs": 'console.log(require("orm").load(__dirname + "/pet"));',
      "pet.js": 'module.exports = require("orm").load.name;',
      ...packageOf("orm", "exports.load = (file) => require(file);"),
    },
    "main.cjs",
  );
  expect(bundled.carried).toContain("pet.js");
});

test("style sheets of the app bring the packages that they name", async () => {
  const bundled = await bundleAlike(
    {
      "main.mjs": `import { readFileSync } from "node:fs";
        import { createRequire } from "node:module";
        const sheet = new URL("./app.css", import.meta.url);
        const name = /"(.*)"/.exec(readFileSync(sheet, "utf8"))[1];
        console.log(readFileSync(createRequire(sheet).resolve(name + "/sheet.css"), "utf8"));`,
      "app.css": '@import "utilities";',
      ...packageOf("utilities", "", {
        exports: { ".": { style: "./sheet.css" }, "./sheet.css": "./sheet.css" },
      }),
      "node_modules/utilities/sheet.css": '@import "./base.css";',
      "node_modules/utilities/base.css": "a {}",
      "node_modules/utilities/unused.css": "b {}",
    },
    "main.mjs",
  );
  expect(bundled.carried).toEqual([
    "app.css",
    "node_modules/utilities/base.css",
    "node_modules/utilities/package.json",
    "node_modules/utilities/sheet.css",
  ]);
});

test("a package's own class of workers gets scripts beside the source", async () => {
  const bundled = await bundleAlike(
    {
      "main.cjs": 'const { Worker } = require("pool"); new Worker("./work/sum.js", __dirname);',
      "work/sum.js": 'require("worker_threads").parentPort.postMessage(1 + 2);',
      ...packageOf(
        "pool",
        `const path = require("path"), threads = require("worker_threads");
         exports.Worker = class { constructor(name, from) {
           new threads.Worker(path.resolve(from, name)).on("message", (sum) => console.log(sum));
         } };`,
      ),
    },
    "main.cjs",
  );
  expect(bundled.carried).toContain("work/sum.js");
});

test.each([
  "esm",
  "cjs",
])("a package whose source map names no files keeps its place (%s)", async (format) => {
  const map = { version: 3, sources: ["webpack://made/./src/a.js"], names: [], mappings: "AAAA;AACA" };
  const app = await makeApp({
    "package.json": '{"type":"module"}',
    "main.mjs": 'import { text } from "made"; console.log(text);',
    "node_modules/made/package.json":
      '{"name":"made","version":"1.0.0","type":"module","exports":"./index.js"}',
    "node_modules/made/index.js": `import { readFileSync } from "node:fs";
export const text = readFileSync(new URL("./a.txt", import.meta.url), "utf8");
//# sourceMappingURL=index.js.map`,
    "node_modules/made/index.js.map": JSON.stringify(map),
    "node_modules/made/a.txt": "text",
  });
  expect(await runCarried(await bundleApp(app, { entry: "main.mjs", format }))).toBe("text\n");
});

test("a place that is kept for all parts of a server's output leads to what these name", async () => {
  const bundled = await bundleAlike(
    {
      "server/index.mjs": 'globalThis.place = { url: import.meta.url }; await import("./chunks/main.mjs");',
      "server/chunks/main.mjs": `import { readFileSync } from "node:fs";
        const files = { "/a.txt": { path: "../public/a.txt" } };
        console.log(readFileSync(new URL(files["/a.txt"].path, globalThis.place.url), "utf8"));`,
      "public/a.txt": "a",
      "public/unused.txt": "unused",
    },
    "server/index.mjs",
  );
  expect(bundled.carried).toContain("public/a.txt");
  expect(bundled.carried).not.toContain("public/unused.txt");
});

describe("no false alarm", () => {
  test("where require.resolve names a carried module without its ending", async () => {
    const bundled = await bundleAlike(
      {
        "main.cjs": 'console.log(require(require.resolve("./work")));',
        "work.js": 'module.exports = "work";',
      },
      "main.cjs",
    );
    expect(bundled.carried).toContain("work.js");
  });

  test("where an addon that is not built is only an optional dependency", async () => {
    const files = {
      "main.cjs": 'console.log(require("shell").fast);',
      ...packageOf(
        "shell",
        'try { require("speed"); } catch {} exports.fast = require("fs").existsSync(__dirname + "/a.txt");',
        {
          optionalDependencies: { speed: "1" },
        },
      ),
      "node_modules/shell/a.txt": "",
      ...packageOf("speed", 'require("./build/speed.node");', { gypfile: true }),
    };
    const optional = await bundleAlike(files, "main.cjs");
    expect(optional.diagnostics).toMatchObject([{ severity: "info", code: "SBP_BUNDLE_NATIVE" }]);
    const needed = await makeApp({ ...files, "package.json": '{"dependencies":{"speed":"1"}}' });
    const { diagnostics } = await bundleApp(needed, { entry: "main.cjs" });
    expect(diagnostics).toMatchObject([{ severity: "warning", code: "SBP_BUNDLE_NATIVE" }]);
  });

  test("where packages say that importing them does nothing: in one note for all", async () => {
    const idle = { sideEffects: false, type: "module" };
    const { diagnostics } = await bundleAlike(
      {
        "main.mjs": 'import "idle"; import "@s/lazy"; import "./other.mjs"; console.log(1);',
        "other.mjs": 'import "idle"; console.log(2);',
        ...packageOf("idle", "globalThis.idle = true;", idle),
        ...packageOf("@s/lazy", "globalThis.lazy = true;", idle),
      },
      "main.mjs",
    );
    expect(diagnostics).toMatchObject([{ severity: "info", code: "SBP_BUNDLE_WARNING" }]);
    expect(diagnostics[0]?.message).toMatch(/^3 imports are left out, .*: @s\/lazy, idle$/);
  });

  test("but of the app's own modules each is told with its place", async () => {
    const { diagnostics } = await bundleAlike(
      {
        "package.json": '{"type":"module","sideEffects":["main.mjs"]}',
        "main.mjs": 'import "./a.mjs"; import "./b.mjs"; console.log(1);',
        "a.mjs": "export const a = 1;",
        "b.mjs": "export const b = 1;",
      },
      "main.mjs",
    );
    expect(diagnostics).toMatchObject([
      { severity: "info", location: { file: "main.mjs", column: 8 } },
      { severity: "info", location: { file: "main.mjs", column: 26 } },
    ]);
  });
});

test("a word that is a folder of outputs is a word", async () => {
  const bundled = await bundleAlike(
    {
      "package.json": '{"type":"module"}',
      "src/main.mjs": `const known = (place) => ["dist", "src"].some((word) => place.includes("/" + word + "/"));
        console.log(known(import.meta.dirname + "/"));`,
      "src/dist/app": "an executable",
    },
    "src/main.mjs",
  );
  expect(bundled.carried).toEqual([]);
});

test("who only takes the name of its place, compares it or prints it needs no files", async () => {
  const bundled = await bundleAlike(
    {
      "package.json": '{"type":"module"}',
      "src/main.mjs": `import { basename } from "node:path";
        import { fileURLToPath } from "node:url";
        if (process.argv[1] === fileURLToPath(import.meta.url)) console.log("main", basename(import.meta.url).length > 4);`,
      "src/data.txt": "",
    },
    "src/main.mjs",
  );
  expect(bundled.carried).toEqual([]);
});

test("who is given import.meta finds the app's package.json", async () => {
  const bundled = await bundleAlike(
    {
      "package.json": '{"type":"module","version":"1.2.3"}',
      "src/main.mjs": 'import help from "help"; console.log(help({ importMeta: import.meta }));',
      "src/data.txt": "",
      ...packageOf(
        "help",
        `const fs = require("fs"), path = require("path");
         module.exports = ({ importMeta }) =>
           JSON.parse(fs.readFileSync(path.join(importMeta.dirname, "../package.json"), "utf8")).version;`,
      ),
    },
    "src/main.mjs",
  );
  expect(bundled.carried).toEqual(["package.json"]);
});

describe("plugins that the app declares and names nowhere", () => {
  const app = (files: Readonly<Record<string, string>>) =>
    makeApp({
      "package.json":
        '{"type":"module","dependencies":{"host":"1","plugin":"1","host-rule-words":"1","lone":"1"}}',
      "main.js":
        'import { load } from "host";\nconsole.log(JSON.stringify(await load(process.argv.slice(2))));',
      "node_modules/host/package.json":
        '{"name":"host","version":"1.0.0","type":"module","main":"index.js","peerDependencies":{"core":"1"}}',
      "node_modules/host/index.js": `
        const prefixes = { rule: "host-rule-" };
        export const load = async (names) => {
          const found = [];
          for (const name of names) found.push((await import(name.replace(/^rule:/, prefixes.rule))).default);
          return found;
        };`,
      "node_modules/lone/package.json": '{"name":"lone","version":"1.0.0"}',
      "node_modules/lone/index.js": "module.exports = 0;",
      ...files,
    });

  test("are carried where the package that loads them writes how their names begin", async () => {
    const folder = await app({
      "node_modules/host-rule-words/package.json": '{"name":"host-rule-words","version":"1.0.0"}',
      "node_modules/host-rule-words/index.js": 'module.exports = "words";',
    });
    const bundled = await bundleApp(folder, { entry: "main.js" });
    expect(await runCarried(bundled, "rule:words")).toBe('["words"]\n');
    expect(bundled.carried.filter((file) => file.includes("lone"))).toEqual([]);
  });

  test("are carried where they are made for what that package uses", async () => {
    const folder = await app({
      "node_modules/plugin/package.json":
        '{"name":"plugin","version":"1.0.0","peerDependencies":{"core":"1"}}',
      "node_modules/plugin/index.js": 'module.exports = "plugin";',
    });
    const bundled = await bundleApp(folder, { entry: "main.js" });
    expect(await runCarried(bundled, "plugin")).toBe('["plugin"]\n');
    expect(bundled.packages.find(({ name }) => name === "plugin")?.carried?.because).toBe(
      "it is made for core",
    );
  });
});

test("an import() of what lies in a folder that is carried is not warned of", async () => {
  const files = {
    "package.json": '{"type":"module"}',
    "main.js": `
      import { readdirSync } from "node:fs";
      import path from "node:path";
      for (const name of readdirSync(path.join(import.meta.dirname, "plugins")).sort())
        console.log((await import(path.join(import.meta.dirname, "plugins", name))).default);`,
    "plugins/a.js": 'export default "a";',
    "plugins/b.js": 'export default "b";',
  };
  await bundleAlike(files, "main.js");
});

test("what one package depends on is carried where another one names how it begins", async () => {
  const app = await makeApp({
    "package.json": '{"dependencies":{"@acme/cli":"1"}}',
    "main.js": 'require("@acme/cli");',
    "node_modules/@acme/cli/package.json":
      '{"name":"@acme/cli","version":"1.0.0","dependencies":{"@acme/commands":"1","@acme/list-command":"1","@types/x":"1"}}',
    "node_modules/@acme/cli/index.js":
      'console.log(require("@acme/commands").load(["list"].map((name) => name)));',
    "node_modules/@acme/commands/package.json": '{"name":"@acme/commands","version":"1.0.0"}',
    "node_modules/@acme/commands/index.js": `exports.load = (names) => names.map((name) => require(\`@acme/\${name}-command\`).run()).join();`,
    "node_modules/@acme/list-command/package.json": '{"name":"@acme/list-command","version":"1.0.0"}',
    "node_modules/@acme/list-command/index.js": 'exports.run = () => "listed";',
    "node_modules/@types/x/package.json": '{"name":"@types/x","version":"1.0.0"}',
  });
  const bundled = await bundleApp(app, { entry: "main.js" });
  expect(bundled.packages.map(({ name }) => name)).not.toContain("@types/x");
  expect(await runCarried(bundled)).toBe("listed\n");
});
