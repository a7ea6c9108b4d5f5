import { expect, test } from "vitest";
import { bundleApp, makeApp, runCarried, runSources } from "./app.ts";

/** As a minifier leaves chunks: one letter is many things. */
const minified = {
  "package.json": '{"type":"module"}',
  "main.js": 'import { run } from "tool";\nconsole.log(run());',
  "node_modules/tool/package.json": '{"name":"tool","version":"1.0.0","type":"module","main":"index.js"}',
  "node_modules/tool/index.js": `
    import { dirname as d, join as j } from "node:path";
    import { fileURLToPath as f } from "node:url";
    import { readFileSync as r } from "node:fs";
    import { other } from "./other.js";
    export function run() { let t = j(d(f(import.meta.url)), "assets"); return r(j(t, "a.txt"), "utf8") + other("x"); }
    export function else1(t, e) { return j(t, "..", "..", "..", "..", "..", "..", "..", "..", e + ".txt"); }`,
  "node_modules/tool/other.js": `
    import { join as j } from "node:path";
    export const other = (e) => { let t = j("b", e); return \`\${t}/../../../../../../../../../../\${e}.txt\`; };`,
  "node_modules/tool/assets/a.txt": "text of a",
};

test("a short name means what its block gave it, and nothing in other blocks and sources", async () => {
  const app = await makeApp(minified);
  const bundled = await bundleApp(app, { entry: "main.js" });
  expect(bundled.carried).toContain("node_modules/tool/assets/a.txt");
  expect(await runCarried(bundled)).toBe(await runSources(app, "main.js"));
});

test("a path above the workspace is not looked through", async () => {
  const app = await makeApp({
    "package.json": '{"dependencies":{"tool":"1"}}',
    "main.js": 'console.log(typeof require("tool").read);',
    "node_modules/tool/package.json": '{"name":"tool","version":"1.0.0"}',
    "node_modules/tool/index.js": `
      const fs = require("fs"), path = require("path");
      exports.read = (name) => fs.readFileSync(path.join(__dirname, "${"../".repeat(30)}", name + ".txt"));
      exports.list = () => fs.readdirSync(path.join(__dirname, "${"../".repeat(30)}"));`,
  });
  const { dependencies } = await bundleApp(app, { entry: "main.js" });
  const folders = dependencies.flatMap((one) => ("directory" in one ? one.directory : []));
  expect(folders.filter((folder) => folder === "/" || folder.startsWith("/proc"))).toEqual([]);
});
