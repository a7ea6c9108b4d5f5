import { describe, expect, test } from "vitest";
import { bundleApp, makeApp, runCarried, runSources } from "./app.ts";

const esm = {
  "package.json": '{"type":"module"}',
  "src/main.ts": `
    import path from "node:path";
    import { here as lib, isMain } from "../lib/deep/a.ts";
    import { here as beside } from "./beside.ts";
    const root = path.join(import.meta.dirname, "..");
    const show = ({ dirname, url, resolved }) =>
      [path.relative(root, dirname), url.replace(/^.*\\/(?=.*\\/)/, ""), path.relative(root, new URL(resolved).pathname)].join();
    console.log(show(lib), show(beside), isMain, import.meta.main);`,
  "lib/deep/a.ts": `
    const { dirname, url } = import.meta;
    export const here = { dirname, url, resolved: import.meta.resolve("./x%20y.txt") };
    export const isMain = import.meta.main;`,
  "src/beside.ts": `
    export const here = { dirname: import.meta.dirname, url: import.meta.url, resolved: import.meta.resolve("./b.txt") };`,
};

const commonJs = {
  "src/main.cjs": `
    const path = require("node:path");
    const root = path.join(__dirname, "..");
    for (const { dirname, filename, resolved } of [require("../lib/a b/a.cjs"), require("./beside.cjs")])
      console.log(path.relative(root, dirname), path.relative(root, filename), path.relative(root, resolved));`,
  "lib/a b/a.cjs":
    'module.exports = { dirname: __dirname, filename: __filename, resolved: require.resolve("./data.json") };',
  "lib/a b/data.json": "{}",
  "src/beside.cjs":
    'module.exports = { dirname: __dirname, filename: __filename, resolved: require.resolve("../lib/a b/data.json") };',
};

describe.each(["esm", "cjs"])("every source has its own place (%s)", (format) => {
  test.each([false, true])("import.meta (minify: %s)", async (minify) => {
    const app = await makeApp(esm);
    const bundled = await bundleApp(app, { format, minify });
    expect(await runCarried(bundled)).toBe(await runSources(app, "src/main.ts"));
  });

  test("__dirname, __filename and require.resolve", async () => {
    const app = await makeApp(commonJs);
    const bundled = await bundleApp(app, { format, entry: "src/main.cjs" });
    expect(bundled.carried).toEqual(["lib/a b/data.json"]);
    expect(bundled.diagnostics).toEqual([]);
    expect(await runCarried(bundled)).toBe(await runSources(app, "src/main.cjs"));
  });
});

test("an app in one folder shares the place of its main file", async () => {
  const app = await makeApp({
    "main.mjs": 'import "./other.mjs"; console.log(import.meta.dirname.length > 0);',
    "other.mjs": "console.log(import.meta.dirname.length > 0);",
  });
  const bundled = await bundleApp(app, { entry: "main.mjs", sourcemap: false });
  expect(await bundled.text("demo.mjs")).not.toContain("__sbp_");
  expect(bundled.meta["place"]).toBe("main.mjs");
  expect(bundled.meta).not.toHaveProperty("carried");
});

test("texts that look like places stay what they are", async () => {
  const app = await makeApp({
    "src/main.mjs": 'import "../lib/a.mjs"; console.log("import.meta.url", /__dirname/.source);',
    "lib/a.mjs": `console.log(\`import.meta \${import.meta.url.at(-1)} __filename\`); // import.meta`,
  });
  const bundled = await bundleApp(app, { entry: "src/main.mjs" });
  expect(await runCarried(bundled)).toBe(await runSources(app, "src/main.mjs"));
});
