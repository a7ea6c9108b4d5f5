import { checkContract, runPlugin } from "@sbp/core/testing";
import embedRuntime from "@sbp/plugin-embed-runtime";
import { expect, test } from "vitest";
import { testRuntime } from "../../../tools/test-runtimes.ts";
import plugin from "../src/index.ts";

const version = "26.10.0";
const main = `console.log("hello");\n`;

test("the plugin keeps the contract for executables of embed-runtime", { timeout: 600_000 }, async () => {
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
      // The other checks are those of a small program: compressing a runtime takes its time.
      checks: ["output", "determinism"],
    },
  );
  expect(findings).toEqual([]);
  embedded.remove();
});

/** A program that needs nothing else, as another plugin may make one. */
const busybox = { copyOf: "/bin/busybox", executable: true };

test("the plugin keeps the contract for executables of other plugins", async () => {
  const findings = await checkContract(
    {
      plugin,
      options: { files: [{ from: "conf", to: "/etc/demo" }] },
      files: { "package.json": '{"name":"demo","license":"MIT"}', "conf/demo.conf": "a=1", "other.txt": "x" },
      artifacts: { executable: () => ({ files: { demo: busybox } }) },
    },
    {
      mistakes: {
        "a file that is not there": {
          change: { options: { files: [{ from: "config", to: "/etc/demo" }] } },
          code: "SBP_IMAGE_FILES",
        },
        "an executable that is none": {
          change: { artifacts: { executable: () => ({ files: { demo: "no program" } }) } },
          code: "SBP_IMAGE_EXECUTABLE",
        },
      },
    },
  );
  expect(findings).toEqual([]);
});
