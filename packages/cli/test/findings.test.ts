import { mkdir, symlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { folder, jsonLines, sbp } from "./sbp.ts";

/*
 * All that the step bundle finds amiss, each with a small app, through the real command: how bad it is, its code, the place
 * with the line, and the cure.
 */

type Files = Readonly<Record<string, string>>;

interface Finding {
  readonly files: Files;
  /** Links of folders, relative to the app. */
  readonly links?: Files;
  /** Of the step bundle. */
  readonly options?: object;
  readonly severity: "error" | "warning" | "info";
  readonly code: string;
  /** Default: 1 for errors, else 0. */
  readonly exit?: number;
  /** `file:line:column`. */
  readonly place?: string;
  /** Parts of what is printed: message, source line, hint. */
  readonly says: readonly string[];
}

const app = (source: string, more: Files = {}): Files => ({
  "package.json": '{ "name": "app", "type": "module", "dependencies": { "dep": "1" } }',
  "src/main.ts": source,
  ...more,
});
const dep = (code: string, manifest: object = {}, more: Files = {}): Files => ({
  "node_modules/dep/package.json": JSON.stringify({ name: "dep", version: "1.0.0", ...manifest }),
  "node_modules/dep/index.js": code,
  ...more,
});

const findings: Record<string, Finding> = {
  "a package that is not installed": {
    files: app('import "express";\n'),
    severity: "error",
    code: "SBP_BUNDLE_UNRESOLVED",
    place: "src/main.ts:1:8",
    says: ['Could not resolve "express"', '1 | import "express";', "~~~~~~~~~", "npm install express"],
  },
  "a file that is not there": {
    files: app('import "./routes.ts";\n', { "src/router.ts": "" }),
    severity: "error",
    code: "SBP_BUNDLE_UNRESOLVED",
    place: "src/main.ts:1:8",
    says: ['import "./routes.ts"', 'Did you mean "./router.ts"?'],
  },
  "an address": {
    files: app('import "https://example.org/x.js";\n'),
    severity: "error",
    code: "SBP_BUNDLE_UNRESOLVED",
    place: "src/main.ts:1:8",
    says: ["Node cannot import it", "https://example.org/x.js", "Install it as a package"],
  },
  "an export that is missing": {
    files: app('import { join } from "./lib.ts";\nconsole.log(join);\n', {
      "src/lib.ts": "export const joined = 1;",
    }),
    severity: "error",
    code: "SBP_BUNDLE_EXPORT",
    place: "src/main.ts:1:10",
    says: ['No matching export in "src/lib.ts" for import "join"', "~~~~"],
  },
  "a mistake in the syntax": {
    files: app("const x = ;\n"),
    severity: "error",
    code: "SBP_BUNDLE_SYNTAX",
    place: "src/main.ts:1:11",
    says: ["const x = ;"],
  },
  "a top-level await in CommonJS": {
    files: app("await 1;\n"),
    options: { format: "cjs" },
    severity: "error",
    code: "SBP_BUNDLE_TOP_LEVEL_AWAIT",
    place: "src/main.ts:1:1",
    says: ["await 1;", 'set "format" of the step bundle to "auto" or "esm"'],
  },
  "a file that nobody can read": {
    files: app('import text from "./a.sql";\nconsole.log(text);\n', { "src/a.sql": "SELECT 1" }),
    severity: "error",
    code: "SBP_BUNDLE_LOADER",
    place: "src/main.ts:1:18",
    says: ['import text from "./a.sql"', '{".sql": "text"}'],
  },
  "an option that esbuild refuses": {
    files: app(""),
    options: { define: { "a-b": "1" } },
    severity: "error",
    code: "SBP_BUNDLE_OPTION",
    exit: 2,
    says: ['in "a-b" (define name)'],
  },
  "assets outside of the workspace": {
    files: app(""),
    options: { assets: ["../*.ts"] },
    severity: "error",
    code: "SBP_BUNDLE_ASSETS",
    exit: 2,
    says: ['"../*.ts" of assets', "Executables mirror the tree of the sources"],
  },
  "packages of Yarn's Plug'n'Play": {
    files: app('import "dep";', { ".pnp.cjs": "" }),
    severity: "error",
    code: "SBP_BUNDLE_PNP",
    exit: 2,
    place: ".pnp.cjs",
    says: ["Plug'n'Play", "nodeLinker: node-modules"],
  },
  "a suspicious comparison": {
    files: app("console.log(Number(process.argv[2]) === NaN);\n"),
    severity: "warning",
    code: "SBP_BUNDLE_WARNING",
    place: "src/main.ts:1:37",
    says: ["is always false", "Number.isNaN"],
  },
  "a computed import": {
    files: app("const name = process.argv[2]!;\nawait import(name);\n"),
    severity: "warning",
    code: "SBP_BUNDLE_DYNAMIC",
    place: "src/main.ts:2:7",
    says: ["What this import() loads only shows at run time", "await import(name);", 'files in "assets"'],
  },
  "a computed require": {
    files: app("const name = process.argv[2]!;\nrequire(name);\n"),
    options: { format: "cjs" },
    severity: "warning",
    code: "SBP_BUNDLE_DYNAMIC",
    place: "src/main.ts:2:1",
    says: ["What this require() loads only shows at run time", "require(name);", 'packages in "external"'],
  },
  "a computed import, where assets name what it can be": {
    files: app("await import(process.argv[2]!);\n", { "plugins/a.js": "" }),
    options: { assets: ["plugins"] },
    severity: "info",
    code: "SBP_BUNDLE_DYNAMIC",
    place: "src/main.ts:1:7",
    says: ["What this import() loads"],
  },
  "a computed require of a dependency": {
    files: app('import "dep";\n', dep("exports.load = (name) => require(name);\nexports.load;")),
    severity: "info",
    code: "SBP_BUNDLE_DYNAMIC",
    place: "node_modules/dep/index.js:1:26",
    says: ["What this require() loads"],
  },
  "a package that the user wants outside": {
    files: app('console.log(await import("elsewhere"));\n'),
    options: { external: ["elsewhere"] },
    severity: "info",
    code: "SBP_BUNDLE_EXTERNAL",
    place: "src/main.ts:1:26",
    says: ['"elsewhere" stays outside the bundle, as "external" says'],
  },
  "an optional package": {
    files: app('import "dep";\n', dep('try { require("fast-one"); } catch {}')),
    severity: "info",
    code: "SBP_BUNDLE_OPTIONAL",
    place: "node_modules/dep/index.js:1:15",
    says: ['"fast-one" is not installed', "as it does under node"],
  },
  "a file beside the source that is not there": {
    files: app('console.log(new URL("./page.html", import.meta.url).href);\n'),
    severity: "warning",
    code: "SBP_BUNDLE_FILE",
    place: "src/main.ts:1:36",
    says: [
      '"src/page.html" is not there',
      'new URL("./page.html", import.meta.url)',
      "make it before the build",
    ],
  },
  "a path to nearly anything": {
    files: app(
      'import { join } from "node:path";\nconsole.log(join(import.meta.dirname, process.argv[2]!));\n',
    ),
    severity: "warning",
    code: "SBP_BUNDLE_FILE",
    place: "src/main.ts:2:18",
    says: ["only shows at run time", 'Name them in "assets"'],
  },
  "a file outside of the workspace": {
    files: app('console.log(new URL("../../../../../../../../../../etc/hostname", import.meta.url).href);\n'),
    severity: "warning",
    code: "SBP_BUNDLE_FILE",
    place: "src/main.ts:1:67",
    says: ["lies outside of the workspace", "move it below the project"],
  },
  "assets that find nothing": {
    files: app(""),
    options: { assets: ["public/**"] },
    severity: "warning",
    code: "SBP_BUNDLE_FILE",
    says: ['"public/**" of assets finds no file', "Globs are relative to the project."],
  },
  "a worker from the current folder": {
    files: app('import { Worker } from "node:worker_threads";\nnew Worker("./worker.js");\n'),
    severity: "warning",
    code: "SBP_BUNDLE_SCRIPT",
    place: "src/main.ts:2:1",
    says: ["The script of this worker is not in the executable", 'new Worker("./worker.js");', "new URL("],
  },
  "a child process of a script that is computed": {
    files: app('import { fork } from "node:child_process";\nfork(process.argv[2]!);\n'),
    severity: "warning",
    code: "SBP_BUNDLE_SCRIPT",
    place: "src/main.ts:2:1",
    says: ["The script of this child process is not in the executable", "fork(process.argv[2]!);"],
  },
  "a child process by process.execPath": {
    files: app('import { spawn } from "node:child_process";\nspawn(process.execPath, ["script.js"]);\n'),
    severity: "warning",
    code: "SBP_BUNDLE_SCRIPT",
    place: "src/main.ts:2:7",
    says: [
      "This script is looked for in the current folder at run time",
      'spawn(process.execPath, ["script.js"]);',
    ],
  },
  "an addon that was not built": {
    files: app(
      'import "dep";\n',
      dep('module.exports = require("./build/Release/dep.node");', { gypfile: true }),
    ),
    severity: "warning",
    code: "SBP_BUNDLE_NATIVE",
    says: ['"dep" has a native addon, which is not there', "npm rebuild dep"],
  },
  "an addon that is computed": {
    files: app("process.dlopen({ exports: {} } as never, process.argv[2]!);\n"),
    severity: "warning",
    code: "SBP_BUNDLE_NATIVE",
    place: "src/main.ts:1:1",
    says: ["Which native addon this loads only shows at run time", 'Name it in "include"'],
  },
  "an addon of the app that is not there": {
    files: app('console.log(require("./addon.node"));\n'),
    options: { format: "cjs" },
    severity: "warning",
    code: "SBP_BUNDLE_NATIVE",
    place: "src/main.ts:1:21",
    says: ['The native addon "./addon.node" is not in the executable', 'require("./addon.node")'],
  },
  "decorators without their types": {
    files: app("function d(..._: unknown[]): any {}\n@d\nclass Service {}\nconsole.log(Service);\n", {
      "tsconfig.json": '{"compilerOptions":{"experimentalDecorators":true,"emitDecoratorMetadata":true}}',
    }),
    severity: "warning",
    code: "SBP_BUNDLE_DECORATORS",
    place: "src/main.ts:2:1",
    says: ['"emitDecoratorMetadata" has no effect', "compile with tsc first"],
  },
};

async function makeApp({ files, options = {}, links = {} }: Pick<Finding, "files" | "options" | "links">) {
  const step = { use: "bundle", entry: "src/main.ts", ...options };
  const cwd = await folder({ ...files, "sbp.config.json": JSON.stringify({ pipeline: [step] }) });
  for (const [link, target] of Object.entries(links)) {
    await mkdir(dirname(join(cwd, link)), { recursive: true });
    await symlink(join(cwd, target), join(cwd, link));
  }
  return cwd;
}

describe("sbp build tells of", () => {
  test.concurrent.each(Object.entries(findings))("%s", async (_, finding) => {
    const { severity, code, place, says, exit = severity === "error" ? 1 : 0 } = finding;
    const cwd = await makeApp(finding);
    const ended = await sbp(["build", ...(severity === "info" ? ["--verbose"] : [])], { cwd });
    const printed = ended.stdout + ended.stderr;
    expect(printed).toContain(`${severity} ${code}: `);
    for (const part of [...says, ...(place ? [place] : [])]) expect(printed).toContain(part);
    expect(printed).not.toMatch(/^\s+at /m);
    expect(ended.code).toBe(exit);
    if (severity === "info") expect((await sbp(["build"], { cwd })).stderr).not.toContain(code);
    if (severity !== "warning") return;
    const strict = await sbp(["build", "--strict"], { cwd });
    expect(strict.code).toBe(1);
    expect(strict.stderr).toContain(`error SBP_STRICT: a warning is an error under --strict`);
    for (const part of [...says, code]) expect(strict.stderr).toContain(part);
  });
});

test("a child process by process.execPath is no finding where it needs no script", async () => {
  const cwd = await makeApp({
    files: app(
      'import { spawn } from "node:child_process";\nspawn(process.execPath, ["-e", "1"]);\nspawn(process.execPath, [process.argv[1]!, "x"]);\n',
    ),
  });
  expect((await sbp(["build", "--strict"], { cwd })).code).toBe(0);
});

test("many warnings of a kind are folded, for people", async () => {
  const lines = Array.from({ length: 8 }, (_, index) => `await import(process.argv[${index}]!);`);
  const cwd = await makeApp({ files: app(`${lines.join("\n")}\nconsole.log(Number("1") === NaN);\n`) });
  const { stderr } = await sbp(["build"], { cwd });
  expect(stderr.match(/^warning SBP_BUNDLE_DYNAMIC: What/gm)).toHaveLength(5);
  expect(stderr.match(/Write the name out/g)).toHaveLength(1);
  expect(stderr).toContain("warning SBP_BUNDLE_DYNAMIC: 3 more: --verbose shows them\n");
  expect(stderr).toContain("warning SBP_BUNDLE_WARNING: Comparison");
  const verbose = await sbp(["build", "--verbose"], { cwd });
  expect(verbose.stderr.match(/^warning SBP_BUNDLE_DYNAMIC: What/gm)).toHaveLength(8);
  const events = jsonLines((await sbp(["build", "--json"], { cwd })).stdout);
  expect(events.filter(({ type }) => type === "diagnostic")).toHaveLength(9);
  const strict = await sbp(["build", "--strict"], { cwd });
  expect(strict.stderr).toContain("error SBP_STRICT: 9 warnings are errors under --strict (step bundle)");
  expect(strict.stderr.match(/SBP_BUNDLE_DYNAMIC/g)).toHaveLength(8);
});

test("sbp explain bundle shows what becomes of each package, and why", async () => {
  const cwd = await makeApp({
    files: app(
      'import { a } from "dep";\nimport { b } from "plain";\ntry { require("left"); } catch {}\ntry { require("gone"); } catch {}\nconsole.log(a, b, new URL("../page.html", import.meta.url).href);\n',
      {
        ...dep(
          'const fs = require("fs");\nexports.a = fs.readFileSync(__dirname + "/a.txt", "utf8") + require("deep").d;',
          { dependencies: { deep: "1" } },
          { "node_modules/dep/a.txt": "text" },
        ),
        "node_modules/deep/package.json": '{"name":"deep","version":"3.0.0"}',
        "node_modules/deep/index.js": "exports.d = 1;",
        "node_modules/plain/package.json": '{"name":"plain","version":"2.0.0"}',
        "node_modules/plain/index.js": 'exports.b = "b";',
        "page.html": "page",
      },
    ),
    options: { external: ["gone"], exclude: ["left"], format: "cjs" },
  });
  await sbp(["build"], { cwd });
  const printed = (await sbp(["explain", "bundle"], { cwd })).stdout;
  const rows = printed.split("\n").map((line) => line.trim().replace(/ {2,}/g, " | "));
  expect(rows).toEqual(
    expect.arrayContaining([
      expect.stringMatching(
        /^carried \| dep 1\.0\.0 \| 3 files \| \d+ B \| reads files of its own \(index\.js:2\)$/,
      ),
      expect.stringMatching(/^carried \| deep 3\.0\.0 \| 2 files \| \d+ B \| dep needs it$/),
      "carried | the app's own files | 1 file | 4 B",
      expect.stringMatching(/^bundled \| plain 2\.0\.0 \| \d+ B$/),
      expect.stringMatching(/^bundled \| the app's own code \| \d+ B$/),
      'left out | gone | "external" names it (src/main.ts:4:15)',
      'left out | left | "exclude" names it (src/main.ts:3:15)',
      expect.stringMatching(/^carried 3 \(\d+ B\), bundled 2 \(\d+ B\), left out 2$/),
    ]),
  );
  const [result] = jsonLines((await sbp(["explain", "bundle", "--json"], { cwd })).stdout);
  const [{ decisions }] = result!["explanations"] as [{ decisions: object[] }];
  expect(decisions).toHaveLength(7);
  expect(decisions).toContainEqual({
    subject: "gone",
    decision: "left out",
    because: '"external" names it',
    location: expect.objectContaining({ file: "src/main.ts", line: 4, column: 15 }),
  });
  expect((await sbp(["explain"], { cwd })).stdout).not.toContain("carried");
  // From the store alone, in a folder that has built nothing else.
  await sbp(["build"], { cwd });
  expect((await sbp(["explain", "bundle"], { cwd })).stdout).toContain("reads files of its own (index.js:2)");
});
