import assert from "node:assert/strict";
import { test } from "node:test";
import { checkContract, runPlugin } from "@sbp/core/testing";
import plugin from "../src/index.ts";

const artifacts = { bundle: { files: { "main.js": "console.log(1);\n", "packages.json": "[]" } } };

test("lists the files, the largest first", async () => {
  const run = await runPlugin({ plugin, artifacts });
  assert.equal(await run.artifact("report").text("{{short}}.txt"), "16\tmain.js\n2\tpackages.json\n");
  assert.deepEqual(run.diagnostics, []);
});

test("warns of large files", async () => {
  const { diagnostics } = await runPlugin({ plugin, artifacts, options: { warnAbove: 10 } });
  assert.deepEqual(
    diagnostics.map(({ message }) => message),
    ["main.js has 16 bytes"],
  );
});

test("keeps the contract of sbp's plugins", async () => {
  const mistakes = {
    "a number that is none": { change: { options: { warnAbove: "much" } }, code: "SBP_CONFIG_INVALID" },
    "an empty bundle": { change: { artifacts: { bundle: { files: {} } } }, code: "BUNDLE_EMPTY" },
  };
  assert.deepEqual(await checkContract({ plugin, artifacts }, { mistakes }), []);
});
