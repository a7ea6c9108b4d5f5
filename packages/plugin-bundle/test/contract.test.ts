import { checkContract } from "@sbp/core/testing";
import { expect, test } from "vitest";
import plugin from "../src/index.ts";

test("the plugin keeps the contract", async () => {
  const files = {
    "package.json": '{"name":"demo","type":"module"}',
    "tsconfig.json": '{"compilerOptions":{"strict":true}}',
    "src/main.ts": `import { readFileSync } from "node:fs"; import dep from "dep"; import { a } from "./a.ts";
console.log(dep, a, readFileSync(new URL("../data/words.txt", import.meta.url), "utf8"), process.env.NODE_ENV);`,
    "src/a.ts": "export const a: number = 1;",
    "src/unused.ts": "export const nobody = 'imports this';",
    "data/words.txt": "words",
    "README.md": "# demo",
    "node_modules/dep/package.json": '{"name":"dep","version":"1.0.0","main":"index.js"}',
    "node_modules/dep/index.js": 'module.exports = "dep";',
    "node_modules/dep/README.md": "# dep",
  };
  const findings = await checkContract(
    { plugin, files, options: { entry: "src/main.ts" } },
    {
      mistakes: {
        "an entry that is not there": {
          change: { options: { entry: "src/mian.ts" } },
          code: "SBP_ENTRY_MISSING",
        },
        "a source that is no TypeScript": {
          change: { files: { ...files, "src/a.ts": "export const = 1;" } },
          code: "SBP_BUNDLE_SYNTAX",
        },
      },
    },
  );
  expect(findings).toEqual([]);
});
