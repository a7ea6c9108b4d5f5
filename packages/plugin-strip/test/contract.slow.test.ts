import { checkContract } from "@sbp/core/testing";
import { expect, test } from "vitest";
import { testRuntime } from "../../../tools/test-runtimes.ts";
import plugin from "../src/index.ts";

test("the plugin keeps the contract for a runtime", async () => {
  const node = { copyOf: await testRuntime("26.10.0", "linux-x64"), executable: true };
  const runtime = {
    files: { node, LICENSE: "the licence" },
    meta: { version: "26.10.0", target: "linux-x64" },
  };
  const fixture = { plugin, artifacts: { runtime: () => runtime }, options: { locales: ["en", "de"] } };
  expect(await checkContract(fixture)).toEqual([]);
});
