import { mkdir, rename, symlink } from "node:fs/promises";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { nativeSample } from "../../executable/test/native-sample.ts";
import { addFiles, type Bundled, bundleApp, makeApp, runCarried } from "./app.ts";

const entry = { entry: "src/main.cjs" };

/** A package that brings a package for each platform, of which this machine has one. */
const fast = {
  "package.json": '{"dependencies":{"fast":"^1.0.0"}}',
  "node_modules/fast/package.json":
    '{"name":"fast","version":"1.2.3","optionalDependencies":{"@fast/linux-arm64":"1.2.3","@fast/linux-x64":"1.2.3","@fast/win32-x64":"1.2.3","colour":"1"}}',
  "node_modules/fast/index.js": "module.exports = require('@fast/' + ['linux', 'x64'].join('-'));",
  "node_modules/@fast/linux-x64/package.json":
    '{"name":"@fast/linux-x64","version":"1.2.3","os":["linux"],"cpu":["x64"],"libc":["glibc"],"main":"fast.js"}',
  "node_modules/@fast/linux-x64/fast.js": 'module.exports = "fast";',
  "node_modules/@fast/linux-x64/fast.node": nativeSample("linux-x64"),
  "node_modules/@fast/linux-x64/lib/fast.so.1": nativeSample("linux-x64"),
  "node_modules/@fast/linux-x64/README.md": "not needed",
  "src/main.cjs": 'console.log(require("fast"));',
};
const integrity = `sha512-${"a".repeat(86)}==`;
const sha1 = "sha1-abc=";

/** The alternatives of the only package with any. */
function alternatives({ platform }: Bundled) {
  expect(platform.packages.map(({ name }) => name)).toEqual(["fast"]);
  return platform.packages[0]!.alternatives;
}

test("an app without packages has nothing for platforms", async () => {
  const bundled = await bundleApp(await makeApp({ "src/main.cjs": "console.log(1);" }), entry);
  expect(bundled.platform).toEqual({ packages: [], files: [] });
  expect(bundled.meta["platformPackages"]).toBeUndefined();
});

describe("packages for single platforms", () => {
  test("are apart from what every target carries", async () => {
    const bundled = await bundleApp(await makeApp(fast), entry);
    expect(bundled.carried).toEqual(["node_modules/fast/index.js", "node_modules/fast/package.json"]);
    expect(bundled.platform.files).toEqual([
      "node_modules/@fast/linux-x64/fast.js",
      "node_modules/@fast/linux-x64/fast.node",
      "node_modules/@fast/linux-x64/lib/fast.so.1",
      "node_modules/@fast/linux-x64/package.json",
    ]);
    expect(bundled.meta["platformPackages"]).toBe(1);
    expect(alternatives(bundled)).toEqual([
      {
        name: "@fast/linux-arm64",
        place: "node_modules/fast/node_modules/@fast/linux-arm64",
        version: "1.2.3",
      },
      {
        name: "@fast/linux-x64",
        place: "node_modules/@fast/linux-x64",
        version: "1.2.3",
        os: ["linux"],
        cpu: ["x64"],
        libc: ["glibc"],
        files: [
          { file: "node_modules/@fast/linux-x64/fast.js" },
          { file: "node_modules/@fast/linux-x64/fast.node", targets: ["linux-x64"] },
          { file: "node_modules/@fast/linux-x64/lib/fast.so.1", targets: ["linux-x64"] },
          { file: "node_modules/@fast/linux-x64/package.json" },
        ],
      },
      { name: "@fast/win32-x64", place: "node_modules/fast/node_modules/@fast/win32-x64", version: "1.2.3" },
    ]);
    expect(await runCarried(bundled)).toBe("fast\n");
  });

  test("are known by their names where none is installed", async () => {
    const app = await makeApp({
      ...Object.fromEntries(Object.entries(fast).filter(([name]) => !name.includes("@fast"))),
      "node_modules/fast/binding.gyp": "",
    });
    const bundled = await bundleApp(app, entry);
    expect(alternatives(bundled).map(({ name }) => name)).toEqual([
      "@fast/linux-arm64",
      "@fast/linux-x64",
      "@fast/win32-x64",
    ]);
    expect(bundled.diagnostics).toEqual([]);
  });

  test("that the user excludes are not there, installed or not", async () => {
    const bundled = await bundleApp(await makeApp(fast), {
      ...entry,
      exclude: ["node_modules/@fast/linux-*/**"],
    });
    expect(alternatives(bundled).map(({ name }) => name)).toEqual(["@fast/win32-x64"]);
    expect(bundled.platform.files).toEqual([]);
  });

  test("behind a link are where the package that asks for them finds them", async () => {
    const app = await makeApp(fast);
    const real = path.join(app, "node_modules/.store/@fast+linux-x64/node_modules/@fast");
    await mkdir(path.dirname(real), { recursive: true });
    await rename(path.join(app, "node_modules/@fast"), real);
    await symlink(real, path.join(app, "node_modules/@fast"));
    const bundled = await bundleApp(app, entry);
    expect(bundled.platform.files).toContain("node_modules/fast/node_modules/@fast/linux-x64/fast.node");
    expect(await runCarried(bundled)).toBe("fast\n");
  });
});

describe("what is not installed is in the lock file of", () => {
  const expected = {
    name: "@fast/linux-arm64",
    place: "node_modules/fast/node_modules/@fast/linux-arm64",
    version: "1.2.3",
    os: ["linux"],
    cpu: ["arm64"],
    libc: ["glibc"],
    integrity,
  };

  async function locked(files: Readonly<Record<string, string>>) {
    const bundled = await bundleApp(await makeApp({ ...fast, ...files }), entry);
    return { bundled, arm64: alternatives(bundled).find(({ name }) => name === "@fast/linux-arm64") };
  }

  test("npm", async () => {
    const found = {
      version: "1.2.3",
      integrity: `${sha1} ${integrity}`,
      os: ["linux"],
      cpu: ["arm64"],
      libc: ["glibc"],
    };
    const lock = { lockfileVersion: 3, packages: { "node_modules/@fast/linux-arm64": found } };
    const { bundled, arm64 } = await locked({ "package-lock.json": JSON.stringify(lock) });
    expect(arm64).toEqual(expected);
    expect(bundled.dependencies).toContainEqual({ file: "package-lock.json" });
  });

  test("npm, the nearest place first", async () => {
    const found = { version: "1.2.3", integrity, os: "linux", cpu: "arm64" };
    const lock = {
      lockfileVersion: 3,
      packages: {
        "node_modules/@fast/linux-arm64": { ...found, version: "9.9.9" },
        "node_modules/fast/node_modules/@fast/linux-arm64": found,
      },
    };
    const { arm64 } = await locked({ "package-lock.json": JSON.stringify(lock) });
    expect(arm64).toMatchObject({ version: "1.2.3", integrity, os: ["linux"] });
  });

  test.each([
    ["9", "", "snapshots:\n  fast@1.2.3:\n    optionalDependencies:\n      '@fast/linux-arm64': 1.2.3\n"],
    ["6", "/", ""],
  ])("pnpm, version %s", async (version, prefix, more) => {
    const { arm64 } = await locked({
      "pnpm-lock.yaml": `lockfileVersion: '${version}.0'
packages:
  '${prefix}@fast/linux-arm64@1.2.3':
    resolution: {integrity: ${integrity}}
    cpu: [arm64]
    os: [linux]
    libc: [glibc]
${more}`,
    });
    expect(arm64).toEqual(expected);
  });

  test("Yarn 1, which does not tell for whom it is", async () => {
    const { arm64 } = await locked({
      "yarn.lock": `# yarn lockfile v1


"@fast/linux-arm64@1.2.3":
  version "1.2.3"
  resolved "https://registry.example/@fast/linux-arm64/-/linux-arm64-1.2.3.tgz#abc"
  integrity ${integrity}
`,
    });
    const { os: _, cpu: __, libc: ___, ...without } = expected;
    expect(arm64).toEqual(without);
  });

  test("Yarn 4, whose checksums are not of tarballs", async () => {
    const { arm64 } = await locked({
      "yarn.lock": `__metadata:
  version: 8

"@fast/linux-arm64@npm:1.2.3":
  version: 1.2.3
  resolution: "@fast/linux-arm64@npm:1.2.3"
  checksum: 10c0/abc
  conditions: os=linux & cpu=arm64 & libc=glibc
  languageName: node
  linkType: hard
`,
    });
    const { integrity: _, ...without } = expected;
    expect(arm64).toEqual(without);
  });

  test("Bun", async () => {
    const { arm64 } = await locked({
      "bun.lock": `{
  "lockfileVersion": 1,
  "packages": {
    "fast": ["fast@1.2.3", "", { "optionalDependencies": { "@fast/linux-arm64": "1.2.3" } }, ""],

    "@fast/linux-arm64": ["@fast/linux-arm64@1.0.0", "", { "os": "linux", "cpu": "arm64" }, "sha512-other"],

    "fast/@fast/linux-arm64": ["@fast/linux-arm64@1.2.3", "", { "os": "linux", "cpu": "arm64", "libc": "glibc" }, "${integrity}"],
  }
}
`,
    });
    expect(arm64).toEqual(expected);
  });

  test("Bun's older kind, which is no text", async () => {
    const app = await makeApp({ ...fast, "bun.lockb": "#!/usr/bin/env bun" });
    await expect(bundleApp(app, entry)).rejects.toMatchObject({
      code: "SBP_BUNDLE_LOCK",
      message: expect.stringContaining("--save-text-lockfile"),
    });
  });

  test("an older install: what the package asks for counts", async () => {
    const found = { version: "2.0.0", integrity, os: ["linux"], cpu: ["arm64"] };
    const lock = { lockfileVersion: 3, packages: { "node_modules/@fast/linux-arm64": found } };
    const { arm64 } = await locked({ "package-lock.json": JSON.stringify(lock) });
    expect(arm64).toEqual({ name: expected.name, place: expected.place, version: "1.2.3" });
  });

  test("nobody, damaged", async () => {
    const app = await makeApp({ ...fast, "package-lock.json": "{" });
    await expect(bundleApp(app, entry)).rejects.toMatchObject({
      code: "SBP_BUNDLE_LOCK",
      message: expect.stringContaining("package-lock.json cannot be read"),
    });
  });
});

describe("native files in packages", () => {
  const addon = {
    "package.json": '{"dependencies":{"addon":"1"}}',
    "node_modules/addon/package.json": '{"name":"addon","version":"1.0.0","gypfile":true}',
    "node_modules/addon/index.js": 'module.exports = () => require("./build/Release/addon.node");',
    "node_modules/addon/build/Release/addon.node": nativeSample("linux-x64", "node_register_module_v137"),
    "node_modules/addon/build/Release/obj.target/addon.node": nativeSample("linux-x64"),
    "node_modules/addon/prebuilds/darwin-arm64/addon.node": nativeSample("darwin-arm64"),
    "node_modules/addon/prebuilds/linux-x64/addon.musl.node": nativeSample("linux-x64"),
    "node_modules/addon/prebuilds/android-arm64/addon.node": nativeSample("linux-arm64"),
    "node_modules/addon/prebuilds/win32-x64/addon.node": "version https://git-lfs.github.com/spec/v1",
    "node_modules/addon/src/addon.cc": "source",
    "src/main.cjs": 'console.log(typeof require("addon"));',
  };

  test("tell for whom they are by their headers, and addons for which Node", async () => {
    const bundled = await bundleApp(await makeApp(addon), entry);
    const folder = "node_modules/addon";
    expect(bundled.platform.packages).toEqual([
      {
        name: "addon",
        version: "1.0.0",
        required: true,
        alternatives: [],
        binaries: [
          { file: `${folder}/build/Release/addon.node`, targets: ["linux-x64"], abi: 137 },
          { file: `${folder}/prebuilds/android-arm64/addon.node`, targets: [] },
          { file: `${folder}/prebuilds/darwin-arm64/addon.node`, targets: ["darwin-arm64"] },
          { file: `${folder}/prebuilds/linux-x64/addon.musl.node`, targets: [] },
          { file: `${folder}/prebuilds/win32-x64/addon.node`, targets: [] },
        ],
      },
    ]);
    expect(bundled.platform.files).toEqual([
      `${folder}/build/Release/addon.node`,
      `${folder}/prebuilds/darwin-arm64/addon.node`,
    ]);
    expect(bundled.carried).toEqual([`${folder}/index.js`, `${folder}/package.json`]);
  });

  test("that the user names are for every target", async () => {
    const app = await makeApp(addon);
    const include = ["node_modules/addon/prebuilds/win32-x64/*"];
    const bundled = await bundleApp(app, { ...entry, include });
    expect(bundled.carried).toContain("node_modules/addon/prebuilds/win32-x64/addon.node");
  });

  test("that the user excludes are nobody's concern", async () => {
    const bundled = await bundleApp(await makeApp(addon), {
      ...entry,
      exclude: ["node_modules/addon/**/*.node"],
    });
    expect(bundled.platform.packages).toEqual([]);
    expect(bundled.diagnostics).toEqual([]);
  });

  test.each<[string, Readonly<Record<string, string>>, boolean]>([
    ["required, where somebody depends on them", {}, true],
    ["not, where they are optional", { "package.json": '{"optionalDependencies":{"addon":"1"}}' }, false],
    [
      "not, where JavaScript stands in for them",
      {
        "node_modules/addon/index.js":
          'try { module.exports = require("./build/Release/addon.node"); } catch (error) { module.exports = require("./slow"); }',
        "node_modules/addon/slow.js": "",
      },
      false,
    ],
  ])("are %s", async (_, files, required) => {
    const bundled = await bundleApp(await makeApp({ ...addon, ...files }), entry);
    expect(bundled.platform.packages[0]).toMatchObject({ name: "addon", required });
  });
});

test("the app's own addons stand together with those for other platforms", async () => {
  const app = await makeApp({
    "src/main.cjs": `
      const { join } = require("node:path");
      require("./own.node");
      process.dlopen({}, join(__dirname, "native/fast." + process.platform + "-" + process.arch + ".node"));`,
  });
  await addFiles(app, {
    "src/own.node": nativeSample("linux-x64"),
    "src/native/fast.linux-x64.node": nativeSample("linux-x64"),
    "src/native/fast.win32-x64.node": nativeSample("win32-x64"),
  });
  const bundled = await bundleApp(app, entry);
  expect(bundled.platform.packages.map(({ name, binaries }) => [name, binaries.length])).toEqual([
    ["src/native/fast", 2],
    ["src/own.node", 1],
  ]);
  expect(bundled.carried).toEqual([]);
});
