import { Ajv2020 } from "ajv/dist/2020.js";
import { expect, test } from "vitest";
import { composeConfigSchema } from "../src/config/index.ts";
import type { ObjectSchema } from "../src/schema.ts";

const bundle: ObjectSchema = {
  type: "object",
  description: "Makes one file.",
  properties: { entry: { type: "string", description: "The first file." }, minify: { type: "boolean" } },
  required: ["entry"],
};
const licenses: ObjectSchema = {
  type: "object",
  properties: { allow: { type: "array", items: { type: "object", properties: { id: { type: "string" } } } } },
  required: ["allow"],
};
const schema = composeConfigSchema([
  { use: "bundle", plugin: { options: bundle } },
  { use: "scan", plugin: {} },
  { use: "./tools/licenses.ts", plugin: { options: licenses } },
]);
const validate = new Ajv2020({ strict: true, strictRequired: false }).compile(schema);
const accepts = (...pipeline: unknown[]): boolean => validate({ pipeline });

test("the top level is strict", () => {
  expect(
    validate({ $schema: "x", name: "a", version: "1", outDir: "out", pipeline: [{ use: "scan" }] }),
  ).toBe(true);
  expect(validate({})).toBe(true);
  expect(validate({ nam: "a" })).toBe(false);
  expect(accepts()).toBe(false);
  expect(accepts("scan")).toBe(false);
  expect(accepts({})).toBe(false);
});

test("`use` decides which options a step has, at any depth", () => {
  expect(accepts({ use: "bundle", entry: "a.ts", minify: true })).toBe(true);
  expect(accepts({ use: "bundle", entry: "a.ts", minify: 1 })).toBe(false);
  expect(accepts({ use: "bundle", allow: [] })).toBe(false);
  expect(accepts({ use: "scan", minify: true })).toBe(false);
  expect(accepts({ use: "./tools/licenses.ts", allow: [{ id: "MIT" }] })).toBe(true);
  expect(accepts({ use: "./tools/licenses.ts", allow: [{ name: "MIT" }] })).toBe(false);
  expect(accepts({ use: "./tools/licenses.ts" })).toBe(false);
});

test("the entry may be left to package.json", () => {
  expect(accepts({ use: "bundle" })).toBe(true);
});

test("plugins that are not given may have any options", () => {
  expect(accepts({ use: "./tools/other.ts", anything: { goes: [1] } }, { use: "@acme/plugin", x: 1 })).toBe(
    true,
  );
});

test("descriptions are kept for the editor", () => {
  expect(JSON.stringify(schema)).toContain("The first file.");
  expect(JSON.stringify(schema)).toContain("Makes one file.");
});
