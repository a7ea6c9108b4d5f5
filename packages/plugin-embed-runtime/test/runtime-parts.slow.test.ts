import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { arm64Sysroot } from "../../../tools/arm64-sysroot.ts";
import { testedVersions, testRuntime } from "../../../tools/test-runtimes.ts";
import { runOnWine } from "../../../tools/wine.ts";
import { learnRuntimeParts } from "../src/runtime-parts.ts";
import { scratchFolder } from "./app.ts";

/*
 * A manifest tells what a runtime for another platform is made of by asking the host's of the same version. So all of a version's
 * must be made of the same.
 */

const run = promisify(execFile);
const question = "JSON.stringify(process.versions)";

test.each(
  testedVersions,
)("Node %s is made of the same on every platform that can be asked", async (version) => {
  const node = await testRuntime(version, "linux-x64");
  const cwd = await scratchFolder();
  const parts = await learnRuntimeParts(node, { cwd, signal: new AbortController().signal });
  expect(Object.keys(parts)).toEqual(expect.arrayContaining(["openssl", "uv", "v8", "zlib"]));
  expect(Object.values(parts)).not.toContain("");

  const emulated = ["-L", await arm64Sysroot(), await testRuntime(version, "linux-arm64"), "-p", question];
  const answers = [
    (await run("qemu-aarch64-static", emulated)).stdout,
    (await runOnWine(await testRuntime(version, "win32-x64"), ["-p", question])).stdout,
  ];
  for (const answer of answers) {
    const said = Object.entries(JSON.parse(answer)).filter(([name, text]) => name !== "node" && text !== "");
    expect(Object.fromEntries(said)).toEqual(parts);
  }
});
