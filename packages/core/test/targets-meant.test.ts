import { expect, test } from "vitest";
import { parseTarget, targetsMeant } from "../src/index.ts";

test.each([
  ["linux-amd64", "linux-x64"],
  ["linux/arm64", "linux-arm64"],
  ["linux-aarch64", "linux-arm64"],
  ["x86_64-unknown-linux-gnu", "linux-x64"],
  ["aarch64-apple-darwin", "darwin-arm64"],
  ["macos-arm64", "darwin-arm64"],
  ["windows-x86-64", "win32-x64"],
  ["Linux-X64", "linux-x64"],
  ["linux-x46", "linux-x64"],
])("by %s somebody means %s", (text, target) => {
  expect(targetsMeant(text)).toEqual([target]);
});

test("a system alone means all of its targets", () => {
  expect(targetsMeant("macos")).toEqual(["darwin-x64", "darwin-arm64"]);
  expect(() => parseTarget("linux")).toThrow(
    expect.objectContaining({
      hint: expect.stringMatching(/^Did you mean "linux-x64" or "linux-arm64"\? Targets/),
    }),
  );
});

test("what is like none means none", () => {
  expect(targetsMeant("sparc-solaris")).toEqual([]);
  expect(targetsMeant("constructor")).toEqual([]);
});
