import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { testRuntime } from "../../../tools/test-runtimes.ts";
import { describeMacho, readMacho } from "../src/index.ts";
import { openSource } from "./tools.ts";

// On Linux executables carry their libraries (packages/loader). Elsewhere they need what every system has.

test.each([
  "darwin-x64",
  "darwin-arm64",
])("node for %s needs nothing but libraries of macOS", async (target) => {
  const macho = await readMacho(await openSource(await testRuntime("26.10.0", target)));
  const { needed } = await describeMacho(macho);
  expect(needed).not.toEqual([]);
  for (const name of needed) expect(name).toMatch(/^(?:\/usr\/lib\/|\/System\/Library\/)/);
});

/** Libraries of Windows 10 and later, without the Visual C++ runtime, which has to be installed. */
const ofWindows =
  /^(?:advapi32|bcrypt|crypt32|dbghelp|iphlpapi|kernel32|ncrypt|ntdll|ole32|psapi|shell32|user32|userenv|winmm|ws2_32|api-ms-win-core-[\w-]+)\.dll$/i;

test.each([
  ["win32-x64", "26.10.0"],
  ["win32-arm64", "22.23.2"],
])("node for %s needs nothing but libraries of Windows", async (target, version) => {
  const path = await testRuntime(version, target);
  const { stdout } = await promisify(execFile)("llvm-readobj-19", ["--coff-imports", path], {
    maxBuffer: 64 * 1024 * 1024,
  });
  const needed = [...stdout.matchAll(/^ {2}Name: (.*)$/gm)].map((match) => match[1]!);
  expect(needed.length).toBeGreaterThan(3);
  expect(needed.filter((name) => !ofWindows.test(name))).toEqual([]);
});
