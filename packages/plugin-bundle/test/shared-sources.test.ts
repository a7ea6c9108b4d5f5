import { expect, test } from "vitest";
import { bundleApp, makeApp, runCarried, runSources } from "./app.ts";

const plugins = {
  "package.json": '{"type":"module","imports":{"#state":"./src/state.ts"}}',
  "src/main.ts": `
    import { readdirSync } from "node:fs";
    import { join } from "node:path";
    import { pathToFileURL } from "node:url";
    import { names } from "./state.ts";
    import { count } from "./lib/count.ts";
    const folder = join(import.meta.dirname, "plugins");
    for (const name of readdirSync(folder).sort()) await import(pathToFileURL(join(folder, name)).href);
    console.log(names.join(), count());`,
  "src/state.ts": 'export const names: string[] = ["main"];',
  "src/lib/count.ts": 'import { names } from "#state"; export const count = (): number => names.length;',
  "src/plugins/one.ts": 'import { names } from "../state.ts"; names.push("one");',
  "src/plugins/two.ts": 'import { names } from "../state.ts"; names.push("two");',
};

test("the app and what it loads by name share a module", async () => {
  const app = await makeApp(plugins);
  const bundled = await bundleApp(app);
  expect(bundled.carried).toEqual([
    "package.json",
    "src/plugins/one.ts",
    "src/plugins/two.ts",
    "src/state.ts",
  ]);
  expect(await runCarried(bundled)).toBe("main,one,two 3\n");
  expect(await runSources(app, "src/main.ts")).toBe("main,one,two 3\n");
});

test("a module that is imported and required by createRequire is one", async () => {
  const app = await makeApp({
    "src/main.mjs": `import { createRequire } from "node:module"; import old from "./old.cjs";
      console.log(createRequire(import.meta.url)("./old.cjs") === old, old.inner.count);`,
    "src/old.cjs": 'exports.inner = require("./inner.cjs");',
    "src/inner.cjs": "exports.count = 1;",
  });
  const bundled = await bundleApp(app, { entry: "src/main.mjs" });
  expect(bundled.carried).toEqual(["src/inner.cjs", "src/old.cjs"]);
  expect(await runCarried(bundled)).toBe(await runSources(app, "src/main.mjs"));
});

test.each([
  [
    "TypeScript that is more than types",
    "src/state.ts",
    "export enum Kind { a = 1 }\nexport const names = [Kind.a];",
  ],
  ["an import without its extension", "src/state.ts", 'export { names } from "./names";'],
  ["JSX", "src/state.tsx", "export const names: number[] = [1];"],
])("%s stays in the bundle, as node cannot load it", async (_, file, content) => {
  const name = file.slice("src/".length);
  const app = await makeApp({
    "package.json": '{"type":"module"}',
    "src/main.ts": `import { names } from "./${name}"; const folder = new URL("./plugins/", import.meta.url);
      console.log(names.length, await import(new URL("one.ts", folder).href).catch(() => "cannot be loaded"));`,
    [file]: content,
    "src/names.ts": "export const names: number[] = [1];",
    "src/plugins/one.ts": `import { names } from "../${name}"; names.push(2);`,
  });
  const bundled = await bundleApp(app);
  expect(await runCarried(bundled)).toBe("1 cannot be loaded\n");
});

test("a plugin that imports the main file is told of, unless that is CommonJS", async () => {
  const app = await makeApp({
    "src/main.mjs": `import { readdirSync } from "node:fs"; import { join } from "node:path";
      export const name = "main"; const folder = join(import.meta.dirname, "plugins");
      for (const file of readdirSync(folder)) setImmediate(() => import(join(folder, file)));`,
    "src/plugins/one.mjs": 'import { name } from "../main.mjs"; console.log(name);',
  });
  const { diagnostics } = await bundleApp(app, { entry: "src/main.mjs" });
  expect(diagnostics).toContainEqual(
    expect.objectContaining({
      severity: "warning",
      code: "SBP_BUNDLE_FILE",
      message: expect.stringContaining('"src/main.mjs" is imported by a script'),
    }),
  );
  const old = await makeApp({
    "src/main.cjs": `const { join } = require("node:path"); exports.name = "main";
      for (const file of require("node:fs").readdirSync(join(__dirname, "plugins"))) require(join(__dirname, "plugins", file));`,
    "src/plugins/one.cjs": 'console.log(require("../main.cjs").name);',
  });
  const bundled = await bundleApp(old, { entry: "src/main.cjs" });
  expect(bundled.diagnostics.filter(({ code }) => code === "SBP_BUNDLE_FILE")).toEqual([]);
});
