import { mkdir, symlink } from "node:fs/promises";
import path from "node:path";
import { type JsonObject, SbpError } from "@sbp/core";
import { describe, expect, test } from "vitest";
import { bundleApp, makeApp, runBundle } from "./app.ts";

async function failureOf(files: Record<string, string>, options: JsonObject = {}): Promise<SbpError> {
  const app = await makeApp(files);
  const error = await bundleApp(app, options).then(
    () => undefined,
    (error: unknown) => error,
  );
  expect(error).toBeInstanceOf(SbpError);
  return error as SbpError;
}

describe("SBP_ENTRY_MISSING", () => {
  test("names the file that was meant", async () => {
    const error = await failureOf({ "src/main.ts": "" }, { entry: "src/main.js" });
    expect(error).toMatchObject({ code: "SBP_ENTRY_MISSING", exitCode: 2 });
    expect(error.message).toBe('The entry "src/main.js" does not exist');
    expect(error.hint).toBe('Did you mean "src/main.ts"?');
  });

  test("a folder is no entry", async () => {
    const error = await failureOf({ "src/main.ts": "" }, { entry: "src" });
    expect(error.message).toBe('The entry "src" is not a file');
  });

  test("without any entry", async () => {
    const app = await makeApp({});
    await expect(bundleApp(app, { entry: undefined })).rejects.toMatchObject({ code: "SBP_ENTRY_MISSING" });
  });
});

describe("SBP_BUNDLE_UNRESOLVED", () => {
  test("a package: place, excerpt and what to install, for every one", async () => {
    const error = await failureOf({
      "src/main.ts":
        'const \u00e9 = "\u00fc"; import x from "@acme/missing/deep";\nimport "./utils";\nconsole.log(x, \u00e9);',
      "src/util.ts": "",
    });
    expect(error).toMatchObject({ code: "SBP_BUNDLE_UNRESOLVED", exitCode: 1 });
    expect(error.message).toBe('Could not resolve "@acme/missing/deep" (and 1 more)');
    expect(error.diagnostics).toEqual([
      {
        severity: "error",
        code: "SBP_BUNDLE_UNRESOLVED",
        message: 'Could not resolve "@acme/missing/deep"',
        location: {
          file: "src/main.ts",
          line: 1,
          column: 30,
          length: 20,
          lineText: 'const \u00e9 = "\u00fc"; import x from "@acme/missing/deep";',
        },
        hint: "npm install @acme/missing",
      },
      {
        severity: "error",
        code: "SBP_BUNDLE_UNRESOLVED",
        message: 'Could not resolve "./utils"',
        location: { file: "src/main.ts", line: 2, column: 8, length: 9, lineText: 'import "./utils";' },
        hint: 'Did you mean "./util.ts"?',
      },
    ]);
  });

  test.each([
    ["@/lib/x", 'Is it an alias? Add it to "paths" in tsconfig.json.'],
    ["fastify", "package.json has it, node_modules has not: npm install"],
    ["fastfy/plugin", 'Did you mean "fastify"? If not: npm install fastfy'],
    ["utils", 'Did you mean "util"? If not: npm install utils'],
    ["#lib", 'Add it to "imports" in package.json.'],
    [
      "@lib/x",
      'module-alias says where it is when the app runs, and a bundler does not see that. Add to "paths" of "compilerOptions" in tsconfig.json: "@lib/*": ["./src/lib/*"].',
    ],
    ["./nothing/like/it", "There is no such file."],
    ["closed/inner", 'The path "./inner" is not exported by package "closed".'],
  ])("%s", async (name, hint) => {
    const error = await failureOf({
      "package.json": '{"dependencies":{"fastify":"5"},"_moduleAliases":{"@lib":"src/lib"}}',
      "src/main.ts": `import "${name}";`,
      "node_modules/closed/package.json": '{"name":"closed","exports":{".":"./index.js"}}',
      "node_modules/closed/inner.js": "",
    });
    expect(error).toMatchObject({ code: "SBP_BUNDLE_UNRESOLVED", hint });
  });

  test("a URL stays an import that Node cannot follow", async () => {
    const error = await failureOf({
      "src/main.ts": 'import x from "https://example.org/x.js"; console.log(x);',
    });
    expect(error).toMatchObject({
      code: "SBP_BUNDLE_UNRESOLVED",
      location: { file: "src/main.ts", line: 1, column: 15, length: 26 },
    });
  });
});

test("SBP_BUNDLE_SYNTAX: all errors, with their places", async () => {
  const error = await failureOf({
    "src/main.ts": 'import "./a";\nimport "./b";',
    "src/a.ts": "let y: = 1;",
    "src/b.ts": "\n\nconst x = ;",
  });
  expect(error.code).toBe("SBP_BUNDLE_SYNTAX");
  const places = error.diagnostics.map(({ location, code }) => `${code} ${location?.file}:${location?.line}`);
  expect(places.sort()).toEqual(["SBP_BUNDLE_SYNTAX src/a.ts:1", "SBP_BUNDLE_SYNTAX src/b.ts:3"]);
});

test.each([
  ["SBP_BUNDLE_TOP_LEVEL_AWAIT", "await 1;", { format: "cjs" }, 1],
  ["SBP_BUNDLE_EXPORT", 'import { nope } from "./b.js"; console.log(nope);', {}, 1],
  ["SBP_BUNDLE_LOADER", 'import "./c.sql";', {}, 1],
  ["SBP_BUNDLE_OPTION", "", { define: { X: "not valid" } }, 2],
  ["SBP_BUNDLE_OPTION", "", { tsconfig: "nowhere.json" }, 2],
  ["SBP_BUNDLE_OPTION", "", { loader: { sql: "text" } }, 2],
])("%s for %j with %j", async (code, source, options, exitCode) => {
  const files = { "src/main.ts": source, "src/b.js": "export const yes = 1;", "src/c.sql": "select" };
  const error = await failureOf(files, options);
  expect(error).toMatchObject({ code, exitCode });
  if (code === "SBP_BUNDLE_LOADER") expect(error.hint).toContain('{".sql": "text"}');
});

describe("warnings and notes", () => {
  test("what is only known at run time", async () => {
    const app = await makeApp({
      "src/main.js": [
        "const name = process.argv[2];",
        "if (name) { require(name); import(name); }",
        'if (name) require("./addon.node");',
        'require("dep");',
      ].join("\n"),
      "node_modules/dep/package.json": "{}",
      "node_modules/dep/index.js": "exports.load = (name) => require(name);",
    });
    const { diagnostics } = await bundleApp(app, { entry: "src/main.js" });
    const summary = diagnostics.map(
      ({ severity, code, location }) =>
        `${severity} ${code} ${location?.file}:${location?.line}:${location?.column}`,
    );
    expect(summary.sort()).toEqual([
      "info SBP_BUNDLE_DYNAMIC node_modules/dep/index.js:1:26",
      "warning SBP_BUNDLE_DYNAMIC src/main.js:2:13",
      "warning SBP_BUNDLE_DYNAMIC src/main.js:2:28",
      "warning SBP_BUNDLE_NATIVE src/main.js:3:19",
    ]);
  });

  test("an optional dependency that is not there", async () => {
    const app = await makeApp({
      "src/main.cjs": 'let fast;\ntry { fast = require("fast-one"); } catch {}\nconsole.log(fast ?? "slow");',
    });
    const bundled = await bundleApp(app, { entry: "src/main.cjs" });
    expect(bundled.diagnostics).toMatchObject([
      {
        severity: "info",
        code: "SBP_BUNDLE_OPTIONAL",
        location: { file: "src/main.cjs", line: 2, column: 22, length: 10 },
      },
    ]);
    expect(await runBundle(bundled)).toBe("slow\n");
  });

  test("to ask whether there is a require is no dynamic require", async () => {
    const app = await makeApp({
      "src/main.ts": 'console.log(typeof require === "function", typeof (require));',
    });
    expect((await bundleApp(app)).diagnostics).toEqual([]);
  });

  test("external on request", async () => {
    const app = await makeApp({ "src/main.ts": 'import x from "big/inner"; console.log(x);' });
    const bundled = await bundleApp(app, { external: ["big"] });
    expect(bundled.diagnostics).toMatchObject([{ severity: "info", code: "SBP_BUNDLE_EXTERNAL" }]);
    expect(await bundled.text("demo.cjs")).toContain('require("big/inner")');
  });

  test("esbuild's own warnings", async () => {
    const app = await makeApp({ "src/main.ts": "console.log(typeof process === 'strnig');" });
    expect((await bundleApp(app)).diagnostics).toMatchObject([
      {
        severity: "warning",
        code: "SBP_BUNDLE_WARNING",
        location: { file: "src/main.ts", line: 1, column: 32 },
      },
    ]);
  });
});

describe("cancelling", () => {
  test("before the start", async () => {
    const app = await makeApp({ "src/main.ts": "" });
    const reason = new Error("stop");
    await expect(bundleApp(app, {}, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });

  test("while esbuild works", async () => {
    const files: Record<string, string> = {};
    const names = Array.from({ length: 400 }, (_, index) => `m${index}`);
    for (const name of names)
      files[`src/${name}.ts`] = `export const ${name} = ${"[1,".repeat(500)}${"]".repeat(500)};`;
    files["src/main.ts"] = names.map((name) => `export * from "./${name}";`).join("\n");
    const app = await makeApp(files);
    const controller = new AbortController();
    const reason = new Error("stop");
    const progress = () => setImmediate(() => controller.abort(reason));
    await expect(bundleApp(app, {}, { signal: controller.signal, progress })).rejects.toBe(reason);
  });
});

test("a project that is reached through a link", async () => {
  const app = await makeApp({ "real/src/main.ts": 'import "./a"', "real/src/a.ts": "console.log(1)" });
  await mkdir(path.join(app, "deep/er"), { recursive: true });
  await symlink(path.join(app, "real"), path.join(app, "deep/er/link"));
  const bundled = await bundleApp(path.join(app, "deep/er/link"));
  expect(await bundled.text("demo.cjs")).toContain("// src/a.ts");
  expect(bundled.dependencies).toContainEqual({ file: "src/a.ts" });
});
