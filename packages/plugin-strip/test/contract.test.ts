import { checkContract } from "@sbp/core/testing";
import { expect, test } from "vitest";
import plugin from "../src/index.ts";

const main = `/*! licence */
function aRatherLongFunctionName() { debugger; return process.env.NODE_ENV; }
console.log(aRatherLongFunctionName());
`;
const bundle = {
  files: { "app.cjs": main, "packages.json": "[]" },
  meta: { format: "cjs", main: "app.cjs", entry: "main.ts", bytes: main.length },
};

test("the plugin keeps the contract for JavaScript", async () => {
  expect(await checkContract({ plugin, artifacts: { bundle } })).toEqual([]);
});
