import assert from "node:assert/strict";
import { test } from "node:test";
import { checkContract, runPlugin } from "@sbp/core/testing";
import plugin from "./index.ts";

const packages = [
  { name: "left", version: "1.0.0", license: "MIT" },
  { name: "right", version: "2.1.0", license: "GPL-3.0" },
];
const fixture = {
  plugin,
  artifacts: { bundle: { files: { "packages.json": JSON.stringify(packages) } } },
  files: { "license-exceptions.txt": "right\n", "README.md": "not read" },
};

test("lists all licences", async () => {
  const run = await runPlugin(fixture);
  assert.equal(await run.artifact("report").text("licenses.txt"), "left 1.0.0: MIT\nright 2.1.0: GPL-3.0\n");
});

test("refuses what is not allowed", async () => {
  await assert.rejects(runPlugin({ ...fixture, files: {}, options: { allow: ["MIT"] } }), {
    code: "LICENSE_REFUSED",
    exitCode: 3,
  });
});

test("keeps the contract", async () => {
  const findings = await checkContract(
    { ...fixture, options: { allow: ["MIT"] } },
    {
      mistakes: {
        "a licence that nobody has": {
          change: { options: { allow: ["ISC"] } },
          code: "LICENSE_REFUSED",
        },
        "options of another form": { change: { options: { allow: "MIT" } }, code: "SBP_CONFIG_INVALID" },
      },
    },
  );
  assert.deepEqual(findings, []);
});
