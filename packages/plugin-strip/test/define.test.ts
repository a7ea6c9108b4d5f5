import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";
import type { JsonObject, SbpError } from "@sbp/core";
import { expect, test } from "vitest";
import { artifactOf, makeFolder, strip } from "./strip.ts";

const source = `
if (process.env.NODE_ENV !== "production") console.log("only in development");
console.log(VERSION, LIMITS.most, typeof BUILD_FLAG, process.env.OTHER ?? "none");
console.debug((() => { debugger; return "checked"; })());
`;

async function stripped(options: JsonObject) {
  const folder = await makeFolder();
  await writeFile(path.join(folder, "app.cjs"), source);
  return strip("javascript", await artifactOf("bundle", folder, { format: "cjs", main: "app.cjs" }), options);
}

async function printed(options: JsonObject): Promise<string> {
  const { folder } = await stripped(options);
  const env = { NODE_ENV: "test" };
  return (await promisify(execFile)(process.execPath, [path.join(folder, "app.cjs")], { env })).stdout;
}

const define = {
  "process.env.NODE_ENV": '"production"',
  VERSION: '"1.2.3"',
  LIMITS: '{"most":7}',
  BUILD_FLAG: "true",
};

test.each([true, false])("constants stand in for names (minified: %s)", async (minify) => {
  expect(await printed({ minify, define })).toBe("1.2.3 7 boolean none\nchecked\n");
});

test("what no constant lets run is left out", async () => {
  const { output } = await stripped({ define });
  expect((await output.read("app.cjs")).toString()).not.toContain("only in development");
});

test("with drop, calls of console go, and what they would compute", async () => {
  expect(await printed({ define, drop: ["console", "debugger"] })).toBe("");
});

test("SBP_STRIP_DEFINE: names and values that cannot be", async () => {
  const error: SbpError = await stripped({
    define: { ...define, "a-b": "1", if: "1", TEXT: "hello world", SUM: "1 + 1" },
  }).catch((error) => error);
  expect(error).toMatchObject({ code: "SBP_STRIP_DEFINE", exitCode: 2 });
  expect(error.diagnostics.map(({ message }) => message)).toEqual([
    '`define` of the step strip replaces "a-b", which is no name',
    '`define` of the step strip replaces "if", which is no name',
    '`define` of the step strip gives "TEXT" the value hello world, which is no constant',
    '`define` of the step strip gives "SUM" the value 1 + 1, which is no constant',
  ]);
  expect(error.diagnostics[2]!.hint).toContain('"\\"hello world\\""');
});
