import { checkContract, runPlugin } from "@sbp/core/testing";
import embedRuntime from "@sbp/plugin-embed-runtime";
import { expect, test } from "vitest";
import { testRuntime } from "../../../tools/test-runtimes.ts";
import plugin from "../src/index.ts";

const version = "26.10.0";
const main = `console.log("hello");\n`;

test("the plugin keeps the contract", { timeout: 600_000 }, async () => {
  const node = { copyOf: await testRuntime(version, "linux-x64"), executable: true };
  const runtime = { files: { node, LICENSE: "the licence" }, meta: { version, target: "linux-x64" } };
  const embedded = await runPlugin({
    plugin: embedRuntime,
    artifacts: {
      bundle: {
        files: { "app.cjs": main, "packages.json": "[]" },
        meta: { format: "cjs", main: "app.cjs", entry: "src/main.ts", bytes: main.length },
      },
      runtime: () => runtime,
      "host-runtime": () => runtime,
    },
  });
  const fixtureOf = async (kind: string) => {
    const { files, meta, path } = embedded.artifact(kind);
    const copies = files.map(async (file) => [
      file.path,
      { copyOf: await path(file.path), executable: file.executable },
    ]);
    return { files: Object.fromEntries(await Promise.all(copies)), meta };
  };
  const [template, executable] = [await fixtureOf("template"), await fixtureOf("executable")];
  const findings = await checkContract(
    {
      plugin,
      options: { files: [{ from: "conf", to: "/etc/demo" }] },
      files: { "package.json": '{"name":"demo","license":"MIT"}', "conf/demo.conf": "a=1", "other.txt": "x" },
      artifacts: { template: () => template, executable: () => executable },
    },
    {
      // The other checks, of a small program, are in contract.test.ts: compressing a runtime takes its time.
      checks: ["output", "determinism"],
    },
  );
  expect(findings).toEqual([]);
  embedded.remove();
});
