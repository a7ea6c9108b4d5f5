import { execFile } from "node:child_process";
import { copyFile, mkdir, symlink } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { addFiles, bundleApp, makeApp, repository, runBundle, runCarried } from "./app.ts";

const commonJsDependency = {
  "node_modules/old/package.json": '{"name":"old","version":"1.0.0","license":"MIT"}',
  "node_modules/old/index.js": `
    const { join } = require("path");
    const fs = require("node:fs");
    exports.joined = join("a", "b");
    exports.reads = typeof fs.readFileSync;
    exports.dirname = __dirname;
    exports.filename = __filename;`,
};

describe("the bundle does what the sources do", () => {
  test("ESM: from .ts with type module, JSON, tsconfig paths, top-level await", async () => {
    const app = await makeApp({
      "package.json": '{"type":"module","version":"3.2.1"}',
      "tsconfig.json": '{ /* c */ "compilerOptions": { "paths": { "@lib/*": ["./src/lib/*"], }, }, }',
      "src/main.ts": `
        import pkg from "../package.json" with { type: "json" };
        import { greet } from "@lib/greet";
        console.log(await greet(pkg.version));`,
      "src/lib/greet.ts": "export const greet = async (who: string): Promise<string> => 'hello ' + who;",
    });
    const bundled = await bundleApp(app);
    expect(bundled.files).toEqual([
      "decisions.json",
      "demo.mjs",
      "demo.mjs.map",
      "manifest.json",
      "metafile.json",
      "packages.json",
    ]);
    expect(bundled.meta).toMatchObject({
      format: "esm",
      main: "demo.mjs",
      entry: "src/main.ts",
      packages: 0,
    });
    expect(bundled.meta["bytes"]).toBe((await bundled.text("demo.mjs")).length);
    expect(await runBundle(bundled)).toBe("hello 3.2.1\n");
  });

  test("CJS: from .js without type, where require.main is the module", async () => {
    const app = await makeApp({
      "index.js": `
        const { one } = require("./lib");
        exports.one = one;
        if (require.main === module) console.log("main", one, typeof __filename);`,
      "lib/index.js": 'exports.one = 1; if (require.main === module) console.log("lib is not main");',
    });
    const bundled = await bundleApp(app, { entry: "index.js" });
    expect(bundled.meta).toMatchObject({ format: "cjs", main: "demo.cjs" });
    expect(await runBundle(bundled)).toBe("main 1 string\n");
  });

  test("auto turns to ESM where CommonJS cannot hold a top-level await", async () => {
    const app = await makeApp({ "src/main.ts": "console.log(await Promise.resolve('later'));" });
    const bundled = await bundleApp(app);
    expect(bundled.meta["format"]).toBe("esm");
    expect(await runBundle(bundled)).toBe("later\n");
  });

  test.each([
    ["src/main.mts", "{}", "esm"],
    ["src/main.cts", '{"type":"module"}', "cjs"],
    ["src/main.js", '{"type":"module"}', "esm"],
    ["src/main.ts", "{}", "cjs"],
  ])("%s beside package.json %s is %s", async (entry, content, format) => {
    const app = await makeApp({ "package.json": content, [entry]: "console.log(1)" });
    expect((await bundleApp(app, { entry })).meta["format"]).toBe(format);
  });

  test.each([false, true])("CommonJS dependencies in an ESM bundle (minify: %s)", async (minify) => {
    const app = await makeApp({
      ...commonJsDependency,
      "src/main.mts": `
        import { createRequire } from "node:module";
        import { dirname, join } from "node:path";
        import { fileURLToPath } from "node:url";
        import old from "old";
        const require = createRequire(import.meta.url);
        const __filename = fileURLToPath(import.meta.url);
        const __dirname = dirname(__filename);
        console.log(old.joined, old.reads, typeof require("node:os").cpus);
        console.log(/node_modules.old$/.test(old.dirname) && old.dirname !== __dirname, old.filename === join(old.dirname, "index.js"));`,
    });
    const bundled = await bundleApp(app, { entry: "src/main.mts", minify });
    expect(await runCarried(bundled)).toBe("a/b function function\ntrue true\n");
    expect(bundled.diagnostics).toEqual([]);
  });

  test("a slash at the end means the folder, not the file of its name", async () => {
    const app = await makeApp({
      "main.cjs":
        'console.log(require("words/parts/"), require("./own/"), require("./own"), require("words/"));',
      "own.js": 'module.exports = "own file";',
      "own/index.js": 'module.exports = "own folder";',
      "node_modules/words/package.json": '{"name":"words"}',
      "node_modules/words/index.js": 'module.exports = "words";',
      "node_modules/words/parts.js": 'module.exports = "file";',
      "node_modules/words/parts/index.js": 'module.exports = "folder";',
    });
    expect(await runBundle(await bundleApp(app, { entry: "main.cjs" }))).toBe(
      "folder own folder own file words\n",
    );
  });

  test("a require of the app's own, without any dependency that needs one", async () => {
    const app = await makeApp({
      "src/main.mts":
        'import { createRequire } from "node:module"; const require = createRequire(import.meta.url); console.log(require("os").EOL.length);',
    });
    expect(await runBundle(await bundleApp(app, { entry: "src/main.mts" }))).toBe("1\n");
  });

  test.each([false, true])("import.meta in a CommonJS bundle (minify: %s)", async (minify) => {
    const source = `
      import { fileURLToPath } from "node:url";
      const { filename } = import.meta;
      console.log(fileURLToPath(import.meta.url) === filename, filename.startsWith(import.meta.dirname));
      console.log(import.meta.resolve("./x.txt") === new URL("x.txt", import.meta.url).href);
      console.log(import.meta.resolve("fs"), import.meta.resolve("node:fs"), import.meta.main, import.meta.env);`;
    const app = await makeApp({ "src/main.mts": source });
    const bundled = await bundleApp(app, { entry: "src/main.mts", format: "cjs", minify });
    expect(bundled.diagnostics).toMatchObject([{ code: "SBP_BUNDLE_FILE", location: { line: 5 } }]);
    expect(await runBundle(bundled)).toBe("true true\ntrue\nnode:fs node:fs true undefined\n");
  });

  test("what the app does not use is not added", async () => {
    const app = await makeApp({ "src/main.ts": "console.log(1);" });
    expect(await (await bundleApp(app, { sourcemap: false, minify: false })).text("demo.cjs")).toBe(
      "\n\n// src/main.ts\nconsole.log(1);\n",
    );
  });

  test("strict mode, a first line for the shell, and import.meta in one CommonJS file", async () => {
    const app = await makeApp({
      "tsconfig.json": '{"compilerOptions":{"strict":true}}',
      "src/main.ts":
        "#!/usr/bin/env node\nfunction self(this: unknown) { return this; }\nconsole.log(self(), import.meta.main);",
    });
    const bundled = await bundleApp(app);
    expect(await bundled.text("demo.cjs")).toMatch(/^#!\/usr\/bin\/env node\n/);
    expect(await runBundle(bundled)).toBe("undefined true\n");
  });

  test("stack traces name the sources through the map", async () => {
    const app = await makeApp({
      "src/main.ts":
        "interface A { a: 1 }\n\nfunction fail(): A {\n  throw new Error('x');\n}\ntry { fail(); } catch (error) { console.log((error as Error).stack); }",
    });
    for (const options of [{}, { format: "esm" }, { minify: true }])
      expect(await runBundle(await bundleApp(app, options))).toMatch(/src\/main\.ts:4:9/);
  });

  test("names of functions and classes survive collisions and minification", async () => {
    const app = await makeApp({
      "src/main.ts":
        'import { Failure as Other } from "./other"; class Failure {} console.log(Failure.name, Other.name);',
      "src/other.ts": "export class Failure {}",
    });
    expect(await runBundle(await bundleApp(app, { minify: true }))).toBe("Failure Failure\n");
    expect(await runBundle(await bundleApp(app, { keepNames: false }))).not.toBe("Failure Failure\n");
  });

  test("NODE_ENV is read at run time unless it is defined", async () => {
    const app = await makeApp({ "src/main.ts": "console.log(process.env.NODE_ENV ?? 'unset');" });
    expect(await (await bundleApp(app, { minify: true })).text("demo.cjs")).toContain("process.env.NODE_ENV");
    const defined = await bundleApp(app, { define: { "process.env.NODE_ENV": '"production"' } });
    expect(await runBundle(defined)).toBe("production\n");
  });

  test("loader and conditions", async () => {
    const app = await makeApp({
      "node_modules/two/package.json":
        '{"name":"two","exports":{"special":"./special.js","module":"./module.js","default":"./plain.js"}}',
      "node_modules/two/special.js": "module.exports = 'special'",
      "node_modules/two/module.js": "export default 'module'",
      "node_modules/two/plain.js": "module.exports = 'plain'",
      "src/main.ts": 'import two from "two"; import sql from "./q.sql"; console.log(two, sql);',
      "src/q.sql": "select 1",
    });
    const loader = { ".sql": "text" };
    expect(await runBundle(await bundleApp(app, { loader }))).toBe("plain select 1\n");
    const conditions = ["special"];
    expect(await runBundle(await bundleApp(app, { loader, conditions }))).toBe("special select 1\n");
  });

  test("a tsconfig of one's own", async () => {
    const app = await makeApp({
      "tsconfig.app.json": '{"extends":"./base.json"}',
      "base.json": '{"compilerOptions":{"paths":{"the-lib":["./src/lib.ts"]}}}',
      "src/main.ts": 'import { a } from "the-lib"; console.log(a);',
      "src/lib.ts": "export const a = 7;",
    });
    expect(await runBundle(await bundleApp(app, { tsconfig: "tsconfig.app.json" }))).toBe("7\n");
  });

  test("the output is ASCII, and licences stay at its end", async () => {
    const app = await makeApp({ "src/main.ts": "/*! (c) me */\nconsole.log('\u00fc\u{1f600}');" });
    const bundled = await bundleApp(app, { minify: true });
    const code = await bundled.text("demo.cjs");
    expect(code).toMatch(/^[\x00-\x7f]*$/);
    expect(code).toMatch(/\/\*! \(c\) me \*\/\n\/\/# sourceMappingURL=demo\.cjs\.map\n$/);
    expect(await runBundle(bundled)).toBe("\u00fc\u{1f600}\n");
  });

  test("scoped names and a file of the output's name in the project", async () => {
    const app = await makeApp({ "health.mjs": "console.log('ok')" });
    const bundled = await bundleApp(app, { entry: "health.mjs" }, { app: "@acme/health" });
    expect(bundled.meta["main"]).toBe("health.mjs");
    expect(await runBundle(bundled)).toBe("ok\n");
  });

  test("a package of the workspace, through its link", async () => {
    const workspace = await makeApp({
      "package.json": '{"workspaces":["*"]}',
      "lib/package.json": '{"name":"@w/lib","exports":"./lib.ts"}',
      "lib/lib.ts": "export const n: number = 5;",
      "app/src/main.ts": 'import { n } from "@w/lib"; console.log(n);',
    });
    await mkdir(path.join(workspace, "node_modules/@w"), { recursive: true });
    await symlink("../../lib", path.join(workspace, "node_modules/@w/lib"));
    const bundled = await bundleApp(path.join(workspace, "app"));
    expect(await runBundle(bundled)).toBe("5\n");
    expect(bundled.packages).toEqual([]);
    expect(bundled.dependencies).toContainEqual({ file: "../node_modules/@w/lib/package.json" });
    expect(bundled.dependencies).toContainEqual({ file: "../lib/lib.ts" });
  });
});

test("loading the plugin does not load esbuild", async () => {
  const script = `await import("@sbp/plugin-bundle");
    const { createRequire } = await import("node:module");
    const { _cache } = createRequire(import.meta.url)("node:module");
    console.log(Object.keys(_cache).filter((file) => file.includes("esbuild")).length);
    await import("esbuild");
    console.log(Object.keys(_cache).filter((file) => file.includes("esbuild")).length > 0);`;
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ["--conditions=@sbp/source", "--input-type=module", "-e", script],
    { cwd: path.join(repository, "packages/plugin-bundle") },
  );
  expect(stdout).toBe("0\ntrue\n");
});

test("packages.json lists the npm packages with code in the bundle", async () => {
  const app = await makeApp({
    "src/main.ts": `
      import satisfies from "semver/functions/satisfies.js";
      import colors from "picocolors";
      import "nested"; import "unused"; import "a";
      console.log(satisfies("1.2.3", "^1.0.0"), typeof colors.red);`,
    "node_modules/unused/package.json": '{"name":"unused","version":"1.0.0","sideEffects":false}',
    "node_modules/unused/index.js": "export const x = 1;",
    "node_modules/nested/package.json": '{"name":"nested","version":"1.0.0","license":{"type":"ISC"}}',
    "node_modules/nested/index.js": 'console.log("nested", require("a"));',
    "node_modules/nested/node_modules/a/package.json":
      '{"name":"a","version":"2.0.0","licenses":[{"type":"MIT"},{"type":"BSD-3-Clause"}]}',
    "node_modules/nested/node_modules/a/index.js": "module.exports = 2;",
    "node_modules/a/package.json": '{"name":"a","version":"1.0.0"}',
    "node_modules/a/dist/index.js": 'console.log("a");',
  });
  await addFiles(app, { "node_modules/a/index.js": 'module.exports = require("./dist/index.js");' });
  for (const name of ["semver", "picocolors"])
    await symlink(path.join(repository, "node_modules", name), path.join(app, "node_modules", name));
  await copyFile(path.join(repository, "package.json"), path.join(app, "package.json"));
  const bundled = await bundleApp(app);
  expect(await runBundle(bundled)).toBe("nested 2\na\ntrue function\n");
  const semver = bundled.packages.find(({ name }) => name === "semver")!;
  expect(semver).toMatchObject({ version: "7.8.6", license: "ISC" });
  expect(bundled.packages.map(({ name, version, license }) => `${name} ${version} ${license}`)).toEqual([
    "a 1.0.0 UNKNOWN",
    "a 2.0.0 (MIT OR BSD-3-Clause)",
    "nested 1.0.0 ISC",
    "picocolors 1.1.1 ISC",
    "semver 7.8.6 ISC",
  ]);
  expect(bundled.meta["packages"]).toBe(5);
  const { outputs } = JSON.parse(await bundled.text("metafile.json"));
  const inputs = Object.entries<{ bytesInOutput: number }>(outputs["demo.mjs"].inputs);
  const bytes = inputs.filter(([name]) => name.includes("/semver/")).map(([, input]) => input.bytesInOutput);
  expect(semver.bytes).toBe(bytes.reduce((sum, n) => sum + n));
});
