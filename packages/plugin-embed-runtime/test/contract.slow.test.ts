import { checkContract } from "@sbp/core/testing";
import { expect, test } from "vitest";
import { testRuntime } from "../../../tools/test-runtimes.ts";
import plugin from "../src/index.ts";

const version = "26.10.0";
const main = `console.log("hello", process.argv.length);\n`;

test("the plugin keeps the contract", { timeout: 600_000 }, async () => {
  const node = { copyOf: await testRuntime(version, "linux-x64"), executable: true };
  const runtime = { files: { node, LICENSE: "the licence" }, meta: { version, target: "linux-x64" } };
  const findings = await checkContract({
    plugin,
    options: { codeCache: true },
    files: { "package.json": "{}", "src/main.ts": main },
    artifacts: {
      bundle: {
        files: { "app.cjs": main, "packages.json": "[]" },
        meta: { format: "cjs", main: "app.cjs", entry: "src/main.ts", bytes: main.length },
      },
      runtime: () => runtime,
      "host-runtime": () => runtime,
    },
  });
  expect(findings).toEqual([]);
});
