import { symlink } from "node:fs/promises";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { bundleApp, makeApp, runCarried, runSources } from "./app.ts";

const imports = `
  import fs, { readFileSync, readdirSync } from "node:fs";
  import path, { dirname, join } from "node:path";
  import { createRequire } from "node:module";
  import { fileURLToPath } from "node:url";
`;

const files = {
  "package.json": '{"type":"module","name":"app"}',
  "views/index.html": "<p>index",
  "views/parts/.hidden": "hidden",
  "src/a.txt": "a",
  "src/a b.txt": "a b",
  "src/locales/de.json": '"de"',
  "src/locales/en.json": '"en"',
  "src/locales/readme.md": "not read",
  "src/data.json": '{"n":1}',
  "other/unused.txt": "unused",
};

describe.each(["esm", "cjs"])("files that the code names are carried (%s)", (format) => {
  test.each<[string, string, readonly string[]]>([
    ["URLs", 'readFileSync(new URL("./a%20b.txt", import.meta.url), "utf8")', ["src/a b.txt"]],
    ["a path", 'readFileSync(path.join(import.meta.dirname, "a.txt"), "utf8")', ["src/a.txt"]],
    ["text behind the folder", 'readFileSync(import.meta.dirname + "/a.txt", "utf8")', ["src/a.txt"]],
    ["a template", `readFileSync(\`\${import.meta.dirname}/a.txt\`, "utf8")`, ["src/a.txt"]],
    [
      "a folder with all in it",
      'readdirSync(join(dirname(fileURLToPath(import.meta.url)), "..", "views"), { recursive: true }).sort()',
      ["views/index.html", "views/parts/.hidden"],
    ],
    [
      "what matches a path with a part that is not known",
      `JSON.parse(readFileSync(new URL(\`./locales/\${process.argv[2]}.json\`, import.meta.url), "utf8"))`,
      ["src/locales/de.json", "src/locales/en.json"],
    ],
    ["modules of createRequire", 'createRequire(import.meta.url)("./data.json").n', ["src/data.json"]],
    [
      "its own package.json",
      'JSON.parse(fs.readFileSync(fileURLToPath(new URL("../package.json", import.meta.url)), "utf8")).name',
      ["package.json"],
    ],
    ["import.meta.resolve", 'readFileSync(new URL(import.meta.resolve("./a.txt")), "utf8")', ["src/a.txt"]],
  ])("%s", async (_, expression, carried) => {
    const app = await makeApp({ ...files, "src/main.ts": `${imports} console.log(${expression});` });
    const bundled = await bundleApp(app, { format });
    expect(bundled.carried).toEqual(carried);
    expect(bundled.meta["carried"]).toBe(carried.length);
    expect(bundled.diagnostics).toEqual([]);
    expect(await runCarried(bundled, "en")).toBe(await runSources(app, "src/main.ts", "en"));
  });

  test("names that are given to places are followed", async () => {
    const app = await makeApp({
      ...files,
      "src/main.ts": `${imports}
        const here = dirname(fileURLToPath(import.meta.url));
        const root = path.resolve(here, "..");
        const require = createRequire(import.meta.url);
        function read(name: string) { return readFileSync(join(root, "views", name), "utf8"); }
        console.log(read("index.html"), readFileSync(here + "/a.txt", "utf8"), require("./data.json").n);`,
    });
    const bundled = await bundleApp(app, { format });
    expect(bundled.carried).toEqual([
      "src/a.txt",
      "src/data.json",
      "views/index.html",
      "views/parts/.hidden",
    ]);
    expect(await runCarried(bundled)).toBe(await runSources(app, "src/main.ts"));
  });
});

test("in minified code, too", async () => {
  const app = await makeApp({
    ...files,
    "src/main.ts": `${imports}
      const here = dirname(fileURLToPath(import.meta.url));
      console.log(readFileSync(join(here, "a.txt"), "utf8"), readdirSync(path.join(here, "../views")));`,
  });
  for (const format of ["esm", "cjs"]) {
    const bundled = await bundleApp(app, { format, minify: true });
    expect(bundled.carried).toEqual(["src/a.txt", "views/index.html", "views/parts/.hidden"]);
    expect(await runCarried(bundled)).toBe(await runSources(app, "src/main.ts"));
  }
});

describe("assets", () => {
  const reading = `import fs from "node:fs"; import path from "node:path";
    const root = path.join(import.meta.dirname, process.env.NEVER ?? "..");
    for (const name of process.argv.slice(2)) console.log(fs.readFileSync(path.join(root, name), "utf8"));`;

  test("are found at the same relative places", async () => {
    const app = await makeApp({
      ...files,
      "src/main.ts": reading,
      "odd/#1 [x] %41?.txt": "odd",
      "node_modules/a/a.md": "never",
      "odd/node_modules/a/a.md": "never",
    });
    const assets = ["odd", "views/**/.*", "**/*.md"];
    const bundled = await bundleApp(app, { assets, exclude: ["**/unused.*"] });
    const carried = ["odd/#1 [x] %41?.txt", "src/locales/readme.md", "views/parts/.hidden"];
    expect(bundled.carried).toEqual(carried);
    expect(await runCarried(bundled, ...carried)).toBe(await runSources(app, "src/main.ts", ...carried));
    expect(bundled.dependencies).toContainEqual({
      glob: "odd/**",
      ignore: ["**/unused.*", "**/node_modules/**"],
    });
    expect(bundled.dependencies).toContainEqual({ file: "odd/#1 [x] %41?.txt" });
  });

  test("exclude leaves out what else would be carried", async () => {
    const app = await makeApp({
      ...files,
      "src/main.ts": 'console.log(new URL("../views", import.meta.url).href);',
    });
    const bundled = await bundleApp(app, { exclude: ["views/**/.*"] });
    expect(bundled.carried).toEqual(["views/index.html"]);
  });

  test("that are not there are told", async () => {
    const app = await makeApp({ "src/main.ts": "console.log(1);" });
    const { diagnostics } = await bundleApp(app, { assets: ["none/**"] });
    expect(diagnostics).toMatchObject([
      { severity: "warning", code: "SBP_BUNDLE_FILE", message: '"none/**" of assets finds no file' },
    ]);
  });

  test("outside of the workspace are refused", async () => {
    const app = await makeApp({ "app/src/main.ts": "console.log(1);", "x.txt": "x" });
    await expect(bundleApp(path.join(app, "app"), { assets: ["../x.txt"] })).rejects.toMatchObject({
      code: "SBP_BUNDLE_ASSETS",
      exitCode: 2,
    });
  });
});

test("files of the workspace above the project keep their relative places", async () => {
  const workspace = await makeApp({
    "package.json": '{"workspaces":["packages/*"]}',
    "packages/app/src/main.mjs":
      'import fs from "node:fs"; import { text } from "../../lib/lib.mjs"; console.log(text, fs.readFileSync(new URL("../../shared/a.txt", import.meta.url), "utf8"));',
    "packages/lib/lib.mjs":
      'import fs from "node:fs"; export const text = fs.readFileSync(new URL("./b.txt", import.meta.url), "utf8");',
    "packages/lib/b.txt": "b",
    "packages/shared/a.txt": "a",
  });
  const app = path.join(workspace, "packages/app");
  const bundled = await bundleApp(app, { entry: "src/main.mjs" });
  expect(bundled.meta["place"]).toBe("app/src/main.mjs");
  expect(bundled.carried).toEqual(["lib/b.txt", "shared/a.txt"]);
  expect(bundled.dependencies).toContainEqual({ file: "../shared/a.txt" });
  expect(await runCarried(bundled)).toBe("b a\n");
});

test("what is not there, or cannot be told, is warned of with place and cure", async () => {
  const app = await makeApp({
    "src/main.mjs": `import fs from "node:fs"; import path from "node:path";
      console.log(fs.existsSync(new URL("./none.txt", import.meta.url)));
      console.log(fs.existsSync(path.join(import.meta.dirname, process.argv[2])));
      console.log(path.join(import.meta.dirname, ".."), new URL(".", import.meta.url).href, import.meta.url);`,
  });
  const { diagnostics, dependencies, carried } = await bundleApp(app, { entry: "src/main.mjs" });
  expect(carried).toEqual([]);
  expect(diagnostics).toMatchObject(
    [
      {
        code: "SBP_BUNDLE_FILE",
        message: '"src/none.txt" is not there, and so not in the executable',
        location: { line: 2 },
      },
      { code: "SBP_BUNDLE_FILE", message: /only shows at run time/, location: { line: 3 } },
    ].map(({ message, ...rest }) => ({ ...rest, message: expect.stringMatching(message) })),
  );
  expect(dependencies).toContainEqual({ file: "src/none.txt" });
});

test("links are followed, also in circles", async () => {
  const app = await makeApp({
    "src/main.mjs":
      'import fs from "node:fs"; console.log(fs.readdirSync(new URL("./views", import.meta.url), { recursive: true }).length > 0);',
    "shared/a.txt": "a",
  });
  await symlink("../shared", path.join(app, "src/views"));
  await symlink("../shared", path.join(app, "shared/again"));
  const bundled = await bundleApp(app, { entry: "src/main.mjs" });
  expect(bundled.carried).toEqual(["src/views/a.txt"]);
});

test("strict ends the build with all that may be missing", async () => {
  const app = await makeApp({
    "src/main.mjs":
      'console.log(new URL("./a.txt", import.meta.url).href);\nconsole.log(new URL("./b.txt", import.meta.url).href);',
  });
  await expect(bundleApp(app, { entry: "src/main.mjs", strict: true })).rejects.toMatchObject({
    code: "SBP_STRICT",
    diagnostics: [
      { severity: "error", code: "SBP_BUNDLE_FILE", location: { line: 1 } },
      { severity: "error", code: "SBP_BUNDLE_FILE", location: { line: 2 } },
    ],
  });
});
