import { copyFile, open, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Target } from "@sbp/core";
import { describe, expect, test } from "vitest";
import { testRuntime } from "../../../tools/test-runtimes.ts";
import { machoRuntimes } from "../../executable/test/macho-tools.ts";
import { windowsRuntimes } from "../../executable/test/pe-tools.ts";
import { openSource } from "../../executable/test/tools.ts";
import { formatOf } from "../src/format/format.ts";
import { checkSystemLibraries } from "../src/system-libraries.ts";
import { runtimeArtifact, scratchFolder, transform } from "./app.ts";
import { artifactOf } from "./run-context.ts";

const version = "26.10.0";

test.each([
  ...machoRuntimes,
  ...windowsRuntimes,
])("node $version $target needs nothing but its system", async ({ version, target }) => {
  const source = await openSource(await testRuntime(version, target));
  await expect(formatOf(target).plan(source, target, { selfContained: true })).resolves.toBeDefined();
});

/** The template of an official runtime whose one library has another name, as long as its own. */
async function templateOf(target: Target, own: string, other: string, selfContained = true) {
  const folder = await scratchFolder();
  const node = join(folder, target.startsWith("win32-") ? "node.exe" : "node");
  await copyFile(await testRuntime(version, target), node);
  const at = (await readFile(node)).indexOf(`${own}\0`);
  const file = await open(node, "r+");
  await file.write(other, at);
  await file.close();
  return transform("template", folder, {
    options: { selfContained },
    target,
    artifacts: {
      runtime: await artifactOf(
        "runtime",
        folder,
        { [target.startsWith("win32-") ? "node.exe" : "node"]: node },
        { version, target },
      ),
      "host-runtime": await runtimeArtifact("host-runtime", version, "linux-x64", folder),
    },
  });
}

describe("a runtime that needs another library is refused", () => {
  test.each<[Target, own: string, other: string, system: string]>([
    ["darwin-arm64", "/usr/lib/libc++.1.dylib", "/opt/lib/libc++.1.dylib", "macOS"],
    ["win32-x64", "WINMM.dll", "OTHER.dll", "Windows"],
  ])("for %s", async (target, own, other, system) => {
    await expect(templateOf(target, own, other)).rejects.toMatchObject({
      code: "SBP_RUNTIME_NOT_SELF_CONTAINED",
      message: `the runtime needs what is no library of ${system}: ${other}`,
      hint: expect.stringContaining('"selfContained": false'),
    });
    await expect(templateOf(target, own, other, false)).resolves.toMatchObject({
      meta: { target, selfContained: false },
    });
  });
});

test.each<[Target, name: string, isOwn: boolean]>([
  ["darwin-x64", "/usr/lib/libSystem.B.dylib", true],
  ["darwin-x64", "/System/Library/Frameworks/Security.framework/Versions/A/Security", true],
  ["darwin-x64", "/usr/local/lib/libuv.1.dylib", false],
  ["darwin-x64", "/usr/lib/../local/lib/libuv.1.dylib", false],
  ["darwin-x64", "@rpath/libnode.137.dylib", false],
  ["win32-x64", "KERNEL32.dll", true],
  ["win32-x64", "api-ms-win-core-synch-l1-2-0.dll", true],
  ["win32-x64", "VCRUNTIME140.dll", false],
  ["win32-x64", "kernel32.dll.exe", false],
  ["win32-x64", "..\\kernel32.dll", false],
])("for %s, %s is the system's own: %s", (target, name, isOwn) => {
  const check = () => checkSystemLibraries(target, [name]);
  if (isOwn) check();
  else expect(check).toThrow(`: ${name}`);
});
