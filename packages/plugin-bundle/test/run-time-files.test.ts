import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, test } from "vitest";
import { type Bundled, bundleApp, makeApp } from "./app.ts";

/** `warning SBP_… src/main.ts:3:5`, sorted. */
function summary({ diagnostics }: Bundled): string[] {
  return diagnostics
    .map(
      ({ severity, code, location }) =>
        `${severity} ${code} ${location?.file}:${location?.line}:${location?.column}`,
    )
    .sort();
}

const modules = `// @ts-nocheck
import { Worker } from "node:worker_threads";
import child, { fork, spawn as start } from "node:child_process";
import { createRequire } from "node:module";
import fs, { readFileSync } from "node:fs";
import path, { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
`;

/** The places of what is found in these lines behind the imports: `SCRIPT 1`, in the order of the lines. */
async function found(
  lines: readonly string[],
  options: { format?: string; minify?: boolean } = {},
): Promise<string[]> {
  const app = await makeApp({ "src/main.mts": modules + lines.join("\n") });
  const { diagnostics } = await bundleApp(app, { entry: "src/main.mts", ...options });
  return diagnostics
    .filter(({ code }) => code !== "SBP_BUNDLE_OPTIONAL")
    .map(({ severity, code, location }) => {
      expect(severity).toBe("warning");
      const line = location!.line! - modules.split("\n").length + 1;
      expect(location!.lineText).toBe(lines[line - 1]);
      return `${code.replace("SBP_BUNDLE_", "")} ${line}`;
    });
}

describe.each(["esm", "cjs"])("warns of what is not in an executable (%s)", (format) => {
  test("scripts of workers and child processes", async () => {
    const lines = [
      'new Worker(new URL("./worker.js", import.meta.url));',
      'new Worker("data", { eval: true });',
      'fork(join(import.meta.dirname, "child.js"));',
      'child.fork("child.js");',
      'fork(process.argv[1]!, ["again"]);',
      'start(process.execPath, ["script.js"]);',
      'start(process.execPath, [process.argv[1]!, "again"]);',
      'start(process.execPath, ["-p", "process.version"]);',
      'start("node", ["script.js"]);',
    ];
    expect(await found(lines, { format })).toEqual(["FILE 1", "FILE 3", "SCRIPT 4", "SCRIPT 6"]);
  });

  test("files beside the source", async () => {
    const lines = [
      'readFileSync(new URL("./page.html", import.meta.url));',
      `new URL(\`./locales/\${process.argv[2]}.json\`, import.meta.url);`,
      'fs.readdirSync(path.join(import.meta.dirname, "views"));',
      "const here = dirname(fileURLToPath(import.meta.url));",
      'readFileSync(join(here, "a.txt"));',
      `readFileSync(\`\${here}/a.txt\`);`,
      'readFileSync(here + "/a.txt");',
      `console.log(here, join("here", "a"), new URL("https://example.org/", import.meta.url).href);`,
      'console.log(process.argv[1] === fileURLToPath(import.meta.url), new URL(".", import.meta.url).href);',
      'console.log(import.meta.resolve("./b.txt"), import.meta.resolve("node:fs"));',
    ];
    expect(await found(lines, { format })).toEqual([1, 2, 3, 5, 6, 7, 10].map((line) => `FILE ${line}`));
  });

  test("what is required through createRequire, native addons", async () => {
    const lines = [
      "const require = createRequire(import.meta.url);",
      'require("../package.json");',
      'require.resolve("some-package");',
      'createRequire(fileURLToPath(import.meta.url))("./x.cjs");',
      'require("fs");',
      'process.dlopen({ exports: {} }, "addon.node");',
    ];
    expect(await found(lines, { format })).toEqual(["FILE 2", "FILE 4", "NATIVE 6"]);
  });
});

test("the same in minified code and without a source map", async () => {
  const lines = [
    'new Worker(new URL("./worker.js", import.meta.url));',
    'join(import.meta.dirname, "views");',
  ];
  const app = await makeApp({ "src/main.mts": modules + lines.join("\n") });
  const bundled = await bundleApp(app, { entry: "src/main.mts", sourcemap: false });
  expect(summary(bundled)).toEqual([
    "warning SBP_BUNDLE_FILE src/main.mts:8:35",
    "warning SBP_BUNDLE_FILE src/main.mts:9:6",
  ]);
  expect(bundled.files).toEqual([
    "decisions.json",
    "demo.mjs",
    "manifest.json",
    "metafile.json",
    "packages.json",
  ]);
  expect(await bundled.text("demo.mjs")).not.toContain("sourceMappingURL");
  expect(JSON.parse(await bundled.text("metafile.json")).outputs).toHaveProperty(["demo.mjs"]);
  expect(await found(['new URL("./page.html", import.meta.url);'], { minify: true })).toEqual(["FILE 1"]);
});

test("only what is used counts, and in dependencies only for the curious", async () => {
  const app = await makeApp({
    "src/main.cjs": `
      // new Worker(__filename) in a comment
      const { join } = require("node:path");
      class Worker { constructor(...words) { console.log(words); } }
      new Worker("not a thread", { fork() {} }.fork("x"));
      console.log("join(__dirname".length, require("dep"), require("./lib.cjs"));`,
    "src/lib.cjs": 'const path = require("path"); module.exports = path.join(__dirname, "..", "views");',
    "node_modules/dep/package.json": "{}",
    "node_modules/dep/index.js":
      'const { Worker } = require("worker_threads");\nexports.start = () => new Worker(__dirname + "/w.js");',
  });
  expect(summary(await bundleApp(app, { entry: "src/main.cjs" }))).toEqual([
    "info SBP_BUNDLE_FILE node_modules/dep/index.js:2:34",
    "warning SBP_BUNDLE_FILE src/lib.cjs:1:58",
  ]);
});

test("paths of this machine in a source, as outputs of other builds have them", async () => {
  const app = await makeApp({
    "src/main.mjs": 'import { manifest } from "./manifest.mjs"; console.log(manifest);',
    "src/manifest.mjs": "",
    "dist/client/page.html": "page",
  });
  const url = pathToFileURL(app).href;
  const manifest = {
    root: `${url}/`,
    client: `${url}/dist/client/`,
    gone: `${url}/gone/`,
    other: `${url}2/dist`,
  };
  await writeFile(join(app, "src/manifest.mjs"), `\nexport const manifest = ${JSON.stringify(manifest)};`);
  const bundled = await bundleApp(app, { entry: "src/main.mjs" });
  expect(bundled.diagnostics).toMatchObject([
    {
      severity: "warning",
      code: "SBP_BUNDLE_FILE",
      message: expect.stringContaining('which the executable does not have: "dist/client"'),
      hint: expect.stringContaining('"assets"'),
      location: { file: "src/manifest.mjs", line: 2 },
    },
  ]);
  const named = await bundleApp(app, { entry: "src/main.mjs", assets: ["dist/client"] });
  expect(named.diagnostics).toEqual([]);
  expect(named.carried).toEqual(["dist/client/page.html"]);
});

describe("emitDecoratorMetadata", () => {
  const source = `/**
 * @param x is no decorator
 */
function injectable(): ClassDecorator { return () => {}; }
@injectable()
export class Service {}
console.log(Service.name);`;
  const config = '{"compilerOptions":{"experimentalDecorators":true,"emitDecoratorMetadata":true}}';

  test("is warned of at the first decorator", async () => {
    const app = await makeApp({
      "src/main.ts": source,
      "base.json": config,
      "tsconfig.json": '{"extends":"./base.json"}',
    });
    expect((await bundleApp(app)).diagnostics).toMatchObject([
      {
        severity: "warning",
        code: "SBP_BUNDLE_DECORATORS",
        location: { file: "src/main.ts", line: 5, column: 1, lineText: "@injectable()" },
      },
    ]);
  });

  test.each([
    ["without decorators", { "src/main.ts": "console.log(1);", "tsconfig.json": config }],
    [
      "not asked for",
      { "src/main.ts": source, "tsconfig.json": config.replace('Metadata":true', 'Metadata":false') },
    ],
    ["without a tsconfig", { "src/main.ts": source }],
  ])("%s there is nothing to say", async (_, files) => {
    expect((await bundleApp(await makeApp(files))).diagnostics).toEqual([]);
  });
});

test("scripts that the app names in text, for somebody to start", async () => {
  const files = {
    "src/main.ts": `
      import { Pool } from "pool";
      import "./part.ts";
      new Pool(2, "./worker.js");
      new Pool(2, "./src/carried.js");
      console.log("./part.ts", "./none.js");`,
    "src/part.ts": "",
    "src/worker.js": "",
    "src/carried.js": "",
    "node_modules/pool/package.json": '{"name":"pool","type":"module","exports":"./index.js"}',
    "node_modules/pool/index.js": "export class Pool { constructor(size, script) { this.script = script; } }",
  };
  const bundled = await bundleApp(await makeApp(files), { assets: ["src/carried.js"] });
  expect(summary(bundled)).toEqual(["warning SBP_BUNDLE_SCRIPT src/main.ts:4:1"]);
  expect(bundled.diagnostics[0]!.hint).toContain('new URL("./worker.js", import.meta.url)');
});
