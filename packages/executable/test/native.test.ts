import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { testRuntime } from "../../../tools/test-runtimes.ts";
import { addonAbi, describeNative, fromBytes, nativeFacts } from "../src/index.ts";
import { nativeSample } from "./native-sample.ts";
import { sample } from "./sample.ts";
import { openSource, temporaryFolder } from "./tools.ts";

const targets = ["linux-x64", "linux-arm64", "darwin-x64", "darwin-arm64", "win32-x64", "win32-arm64"];

async function factsOf(content: Uint8Array, isAddon = true) {
  const file = join(await temporaryFolder(), "addon.node");
  await writeFile(file, content);
  return nativeFacts(file, isAddon);
}

test.each(targets)("a library for %s is for nothing else", async (target) => {
  expect(await factsOf(nativeSample(target))).toEqual({ targets: [target] });
});

test("Node itself is for its target", async () => {
  const source = await openSource(await testRuntime("26.10.0", "linux-x64"));
  expect(await describeNative(source)).toEqual({ system: "linux", processors: ["x64"], otherLibc: false });
});

test("a universal file is for both processors of macOS", async () => {
  const [x64, arm64] = ["darwin-x64", "darwin-arm64"].map((target) => nativeSample(target));
  const head = Buffer.alloc(0x4000);
  const words = [0xcafebabe, 2, 0x01000007, 3, 0x4000, x64!.length, 14];
  for (const [index, word] of words.entries()) head.writeUInt32BE(word, 4 * index);
  const start = 0x4000 + x64!.length;
  for (const [index, word] of [0x0100000c, 0, start, arm64!.length, 14].entries())
    head.writeUInt32BE(word, 28 + 4 * index);
  const facts = await factsOf(Buffer.concat([head, x64!, arm64!]));
  expect(facts).toEqual({ targets: ["darwin-x64", "darwin-arm64"] });
});

test.each<[string, Uint8Array]>([
  ["32 bits", sample({ class: 1 })],
  ["another processor", sample({ machine: 40 })],
  ["cut short", sample({ programHeaderCount: 60_000 })],
])("what no target can load has none: %s", async (_, content) => {
  expect(await factsOf(content)).toEqual({ targets: [] });
});

test("what is no native file says nothing, unless it is meant as an addon", async () => {
  for (const text of [
    "",
    "version https://git-lfs.github.com/spec/v1",
    "MZ is how this text starts".repeat(9),
  ]) {
    expect(await factsOf(Buffer.from(text), false)).toBeUndefined();
    expect(await factsOf(Buffer.from(text), true)).toEqual({ targets: [] });
  }
});

describe("the version of Node that an addon needs", () => {
  const abi = (...texts: string[]) => addonAbi(fromBytes(nativeSample("linux-x64", ...texts)));

  test("is in the name of its function", async () => {
    expect(await abi("node_register_module_v137")).toBe(137);
    expect(await factsOf(nativeSample("win32-x64", "node_register_module_v137"))).toEqual({
      targets: ["win32-x64"],
      abi: 137,
    });
  });

  test("is any with Node-API", async () => {
    expect(await abi("napi_register_module_v1", "node_register_module_v137")).toBeUndefined();
    expect(await abi("napi_module_register")).toBeUndefined();
  });

  test("is not known otherwise", async () => {
    expect(await abi("node_register_module_v")).toBeUndefined();
    expect(await abi("node_register_module_v%d")).toBeUndefined();
  });

  test("is found wherever the name is in a large file", async () => {
    const name = Buffer.from("node_register_module_v127\0");
    for (const at of [4 * 1024 * 1024 - 70, 4 * 1024 * 1024 - 12, 8 * 1024 * 1024 - 100]) {
      const bytes = Buffer.alloc(9 * 1024 * 1024);
      name.copy(bytes, at);
      expect(await addonAbi(fromBytes(bytes))).toBe(127);
    }
  });
});
