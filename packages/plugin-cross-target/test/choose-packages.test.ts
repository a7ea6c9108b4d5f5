import {
  type PlatformAlternative,
  type PlatformFile,
  type PlatformPackage,
  type Target,
  targets,
} from "@sbp/core";
import { describe, expect, test } from "vitest";
import { choosePackages, fits } from "../src/choose-packages.ts";

const place = "node_modules/p";

function packageOf(more: Partial<PlatformPackage>): PlatformPackage {
  return { name: "p", version: "1.0.0", required: true, binaries: [], alternatives: [], ...more };
}

function addon(target: Target, abi?: number): PlatformFile {
  return {
    file: `${place}/prebuilds/${target}/p.node`,
    targets: [target],
    ...(abi !== undefined && { abi }),
  };
}

function alternative(name: string, more: Partial<PlatformAlternative> = {}): PlatformAlternative {
  return { name, place: `${place}/node_modules/${name}`, version: "1.0.0", ...more };
}

function choose(packages: readonly PlatformPackage[], target: Target, abi?: number) {
  const { files, fetch, problems } = choosePackages(packages, { target, abi });
  return {
    files,
    fetch: fetch.map((one) => one.alternative.name),
    problems: problems.map(({ severity, code, message }) => `${severity} ${code}: ${message}`),
  };
}

describe("an alternative fits", () => {
  const fitting = (name: string, limits: Partial<PlatformAlternative>) =>
    targets.filter((target) => fits(alternative(name, limits), target));

  test.each<[Partial<PlatformAlternative>, readonly Target[]]>([
    [{ os: ["linux"], cpu: ["arm64"], libc: ["glibc"] }, ["linux-arm64"]],
    [{ os: ["linux"], cpu: ["arm64"], libc: ["musl"] }, []],
    [{ os: ["darwin"] }, ["darwin-x64", "darwin-arm64"]],
    [{ os: ["!win32", "!darwin"], cpu: ["x64"] }, ["linux-x64"]],
    [{ os: ["win32"], cpu: ["ia32"] }, []],
    [{ cpu: ["wasm32"] }, []],
  ])("by what it says of itself: %j", (limits, expected) => {
    expect(fitting("x", limits)).toEqual(expected);
  });

  test.each<[string, readonly Target[]]>([
    ["@p/linux-arm64-gnu", ["linux-arm64"]],
    ["@p/linux-x64-musl", []],
    ["p-darwin-universal", ["darwin-x64", "darwin-arm64"]],
    ["p-windows-64", ["win32-x64"]],
    ["p-freebsd-x64", []],
  ])("by its name, where nothing else is known: %s", (name, expected) => {
    expect(fitting(name, {})).toEqual(expected);
  });
});

test("a lane takes its own of what is there and of what is not", () => {
  const one = packageOf({
    binaries: [addon("linux-x64"), addon("win32-x64")],
    alternatives: [
      alternative("p-linux-x64", {
        os: ["linux"],
        cpu: ["x64"],
        files: [{ file: "a/x.js" }, addon("linux-x64")],
      }),
      alternative("p-linux-arm64", { os: ["linux"], cpu: ["arm64"] }),
    ],
  });
  expect(choose([one], "linux-x64")).toEqual({
    files: ["a/x.js", `${place}/prebuilds/linux-x64/p.node`],
    fetch: [],
    problems: [],
  });
  expect(choose([one], "linux-arm64")).toEqual({ files: [], fetch: ["p-linux-arm64"], problems: [] });
  expect(choose([one], "win32-x64").files).toEqual([`${place}/prebuilds/win32-x64/p.node`]);
});

test("of two toolchains for Windows it takes that of Node", () => {
  const limits = { os: ["win32"], cpu: ["x64"] };
  const one = packageOf({
    alternatives: [alternative("p-win32-x64-gnu", limits), alternative("p-win32-x64-msvc", limits)],
  });
  expect(choose([one], "win32-x64").fetch).toEqual(["p-win32-x64-msvc"]);
});

describe("nothing for a target", () => {
  test("is an error where the app needs the package", () => {
    const one = packageOf({ binaries: [addon("linux-x64")] });
    expect(choose([one], "linux-arm64").problems).toEqual([
      'error SBP_ADDON_MISSING: "p" 1.0.0 has nothing for linux-arm64, only linux-x64',
    ]);
    const { problems } = choosePackages([one], { target: "linux-arm64", abi: undefined });
    expect(problems[0]?.hint).toContain('"exclude": ["node_modules/p/**/*.node"]');
  });

  test("is a warning where the package may be left out", () => {
    const one = packageOf({ binaries: [addon("linux-x64")], required: false });
    expect(choose([one], "linux-arm64").problems[0]).toMatch(/^warning SBP_ADDON_MISSING/);
  });

  test("is told of families of packages, with their names", () => {
    const names = ["@p/a-linux-x64", "@p/a-darwin-x64"];
    const one = packageOf({ alternatives: names.map((name) => alternative(name)) });
    const { problems } = choosePackages([one], { target: "win32-arm64", abi: undefined });
    expect(problems[0]?.message).toContain("only @p/a-linux-x64, @p/a-darwin-x64");
    expect(problems[0]?.hint).toContain('"exclude": ["node_modules/@p/a-*/**"]');
  });

  test("is no news of one that only some systems have a use for", () => {
    const one = packageOf({ alternatives: [alternative("fsevents", { os: ["darwin"] })] });
    expect(choose([one], "linux-x64")).toEqual({ files: [], fetch: [], problems: [] });
  });

  test("is a warning for a program that was fetched for the machine that installed it", () => {
    const program = { file: `${place}/bin/p`, targets: ["linux-x64"] as const };
    expect(choose([packageOf({ binaries: [program] })], "linux-arm64").problems[0]).toMatch(
      /^warning SBP_ADDON_MISSING/,
    );
    const other = { file: `${place}/bin/p.exe`, targets: ["win32-x64"] as const };
    expect(choose([packageOf({ binaries: [program, other] })], "linux-arm64").problems).toEqual([]);
  });

  test("is no news of a program for another system that came with its package", () => {
    const program = { file: `${place}/bin/p.exe`, targets: ["win32-x64"] as const };
    const one = packageOf({ binaries: [program], shipped: true });
    expect(choose([one], "linux-x64").problems).toEqual([]);
    expect(choose([one], "win32-arm64").problems[0]).toMatch(/^warning SBP_ADDON_MISSING/);
  });
});

describe("an addon for another version of Node", () => {
  test("is refused", () => {
    expect(choose([packageOf({ binaries: [addon("linux-x64", 137)] })], "linux-x64", 147).problems).toEqual([
      `error SBP_ADDON_ABI: ${place}/prebuilds/linux-x64/p.node of "p" 1.0.0 is built for Node 24 (NODE_MODULE_VERSION 137), and the runtime for linux-x64 is Node 26 (NODE_MODULE_VERSION 147)`,
    ]);
  });

  test("is left out where there is one that fits", () => {
    const other = { ...addon("linux-x64", 137), file: `${place}/prebuilds/linux-x64/node.abi137.node` };
    const chosen = choose([packageOf({ binaries: [addon("linux-x64"), other] })], "linux-x64", 147);
    expect(chosen).toEqual({ files: [addon("linux-x64").file], fetch: [], problems: [] });
  });

  test("is refused beside what is no addon, though it is called one", () => {
    const [built, extension] = ["better.node", "test_extension.node"].map(
      (name) => `${place}/build/Release/${name}`,
    );
    const files = [
      { ...addon("linux-x64", 115), file: built! },
      { ...addon("linux-x64"), file: extension! },
    ];
    expect(choose([packageOf({ binaries: files })], "linux-x64", 147).problems).toEqual([
      expect.stringContaining(`error SBP_ADDON_ABI: ${built}`),
    ]);
  });

  test("is taken where the runtime's is not known, or the same", () => {
    for (const abi of [undefined, 137])
      expect(choose([packageOf({ binaries: [addon("linux-x64", 137)] })], "linux-x64", abi).problems).toEqual(
        [],
      );
  });
});

test("a package for the target with an addon for another is refused", () => {
  const one = packageOf({
    alternatives: [
      alternative("p-linux-arm64", { os: ["linux"], cpu: ["arm64"], files: [addon("linux-x64")] }),
      alternative("p-linux-x64", { os: ["linux"], cpu: ["x64"] }),
    ],
  });
  expect(choose([one], "linux-arm64").problems).toEqual([
    `error SBP_ADDON_FORMAT: "p-linux-arm64" 1.0.0 brings ${place}/prebuilds/linux-x64/p.node, which cannot be loaded on linux-arm64: it is for linux-x64`,
  ]);
});
