import { writeFile } from "node:fs/promises";
import { beforeAll, describe, expect, test } from "vitest";
import { testedVersions } from "../../../tools/test-runtimes.ts";
import { type AppBuilder, appBuilder, packOf, run } from "./app.ts";

describe.each(testedVersions)("on Node %s", (version) => {
  let builder: AppBuilder;
  beforeAll(async () => {
    builder = await appBuilder(version);
  });

  test("a module runs, with imports and without warnings", async () => {
    const source = `import { sep } from "node:path";
const { default: fs } = await import("node:fs");
console.log(process.version, sep, typeof fs.readFileSync, import.meta.main, process.argv[1] === import.meta.filename);
await Promise.reject(new Error("on purpose"));`;
    const { path, artifact } = await builder.build("main.mjs", source);
    expect(artifact.meta["codeCache"]).toBe(true);
    const ended = await run(path, [], { env: { NODE_OPTIONS: "--bogus --require=/nope" } });
    expect(ended).toMatchObject({ stdout: `v${version} / function true true\n`, code: 1 });
    expect(ended.stderr).toContain("/sys/sbp/0/main.mjs:4:22");
    expect(ended.stderr).not.toContain("Warning");
  });

  test("a CommonJS file runs, and its code cache is accepted", async () => {
    const { path } = await builder.build("main.cjs", `console.log("compiled", require.main === module)`);
    expect(await run(path)).toEqual({ stdout: "compiled true\n", stderr: "", code: 0, signal: null });

    // V8 compares only the length of the text with the cache: what still prints the old word did not compile.
    const { bytes, pack } = await packOf(path);
    const { content } = pack.files[0]!;
    content.write("replaced", content.indexOf("compiled"), "latin1");
    await writeFile(path, bytes);
    expect(await run(path)).toMatchObject({ stdout: "compiled true\n", stderr: "", code: 0 });
  });

  test("has the builtin modules that only have a name with node:", async () => {
    const source = `import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
console.log(typeof DatabaseSync, typeof test);`;
    const { path } = await builder.build("main.mjs", source);
    expect(await run(path)).toMatchObject({ stdout: "function function\n", code: 0 });
  });

  test("starts as node where its app asks for node", async () => {
    const source = `
const { execSync, spawnSync } = require("node:child_process");
const { writeFileSync } = require("node:fs");
writeFileSync("script.cjs", 'console.log(process.argv.slice(2), require("child_process").execFileSync(process.execPath, ["-p", "1"]) + "")');
const node = (...args) => String(spawnSync(process.execPath, args, { input: "console.log(5)" }).stdout).trim();
console.log(node("script.cjs", "a"), node("-p", "2"), node("-e", "console.log(typeof fs.readFileSync)"), node("-"));
console.log(node("--version") === process.version, String(execSync('"' + process.execPath + '" -p 3')).trim());
console.log(node("-e", "import fs from 'node:fs'; console.log(await 4)"), Object.keys(process.env).length);`;
    const { path } = await builder.build("main.cjs", source);
    expect(await run(path)).toEqual({
      stdout: "[ 'a' ] 1 2 function 5\ntrue 3\n4 0\n",
      stderr: "",
      code: 0,
      signal: null,
    });
  });

  test("a code cache that does not fit is ignored", async () => {
    const { path } = await builder.build("main.cjs", `console.log("compiled")`);
    const { bytes, pack } = await packOf(path);
    // The cache begins with hashes of V8's version, the flags and the text.
    pack.files[0]!.codeCache!.fill(0xff, 0, 16);
    await writeFile(path, bytes);
    expect(await run(path)).toEqual({ stdout: "compiled\n", stderr: "", code: 0, signal: null });
  });
});
