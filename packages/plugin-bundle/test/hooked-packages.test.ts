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

describe("a package that changes others while node loads them", () => {
  test("gets them from files", async () => {
    const bundled = await bundleAlike(
      {
        "main.cjs": `require("tracing"); console.log(require("server").answer());`,
        ...packageOf(
          "tracing",
          `const Module = require("module"), load = Module._load;
           const changed = new Set(["server"]);
           Module._load = function (name) {
             const exports = load.apply(this, arguments);
             return changed.has(name) ? { answer: () => "traced " + exports.answer() } : exports;
           };`,
          { dependencies: { "require-in-the-middle": "1" } },
        ),
        ...packageOf("server", 'exports.answer = () => "answer";'),
      },
      "main.cjs",
    );
    expect(reasonsOf(bundled)).toEqual({ server: "tracing changes it while it is loaded" });
  });

  test("also where it cannot be bundled itself", async () => {
    const bundled = await bundleAlike(
      {
        "main.cjs": `require("tracing"); console.log(require("server").answer());`,
        ...packageOf(
          "tracing",
          `const Module = require("module"), compile = Module.prototype._compile, path = require("path");
           const changes = require("./changes.js");
           Module.prototype._compile = function (text, file) {
             const change = changes.find(({ module }) => path.dirname(file).endsWith(module.name));
             return compile.call(this, change ? text.replace(change.functionQuery.from, change.functionQuery.to) : text, file);
           };
           exports.load = (name) => require("./readers/" + name);`,
          { dependencies: { "@apm-js-collab/tracing-hooks": "1" } },
        ),
        "node_modules/tracing/changes.js": `module.exports = [
          { module: { name: "server" }, functionQuery: { from: '"answer"', to: '"traced answer"' } }];`,
        "node_modules/tracing/readers/readme.md": "no script",
        "node_modules/tracing/readers/one.js": "",
        ...packageOf("server", 'exports.answer = () => "answer";'),
      },
      "main.cjs",
    );
    expect(reasonsOf(bundled)).toMatchObject({
      tracing: expect.stringContaining("it cannot be bundled"),
      server: "tracing changes it while it is loaded",
    });
  });
});
