import { execFile } from "node:child_process";
import { chmod, copyFile, open, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { fromFile } from "@sbp/executable";
import { type Manifest, openPack } from "@sbp/manifest";
import { Ajv2020 } from "ajv/dist/2020.js";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { testRuntime } from "../../../tools/test-runtimes.ts";
import { RegistryProxy } from "../../plugin-cross-target/test/registry-proxy.ts";
import { folder, jsonLines, sbp, sharedCache } from "./sbp.ts";

/*
 * One app for all targets that can carry files, and what is told of each, without running it. win32-arm64, whose Node is older, is
 * looked at in all-targets.slow.test.ts.
 */

const run = promisify(execFile);
const targets = ["linux-x64", "linux-arm64", "darwin-x64", "darwin-arm64", "win32-x64"];
let registry: RegistryProxy;
let env: Record<string, string>;
let app: string;

const files = {
  "package.json": '{ "name": "@acme/shop", "version": "2.1.0", "type": "module" }',
  "src/main.ts":
    'import { pick } from "tools";\nimport view from "view";\nconsole.log(pick({ a: 1 }, "a"), view);\n',
  "node_modules/tools/package.json":
    '{ "name": "tools", "version": "1.2.3", "license": "MIT", "type": "module", "sideEffects": false, "exports": "./index.js" }',
  "node_modules/tools/index.js": 'export * from "./pick.js";\nexport * from "./merge.js";\n',
  "node_modules/tools/pick.js": "export const pick = (from, key) => from[key];\n",
  "node_modules/tools/merge.js": "export const merge = (a, b) => ({ ...a, ...b });\n",
  "node_modules/view/package.json": '{ "name": "view", "version": "0.3.0", "main": "index.js" }',
  "node_modules/view/index.js":
    'module.exports = require("fs").readFileSync(__dirname + "/text.txt", "utf8");\n',
  "node_modules/view/text.txt": "a text",
  "package-lock.json": JSON.stringify({
    lockfileVersion: 3,
    packages: { "node_modules/tools": { version: "1.2.3", integrity: "sha512-abc" } },
  }),
  "sbp.config.json": JSON.stringify({
    pipeline: [
      { use: "bundle" },
      { use: "cross-target", targets, runtime: "node@26.10.0" },
      { use: "strip" },
      { use: "embed-runtime" },
    ],
  }),
};

beforeAll(async () => {
  registry = await RegistryProxy.start();
  env = { SBP_CACHE_DIR: sharedCache, npm_config_registry: registry.url };
  app = await folder(files);
  const { code, stderr } = await sbp(["build"], { cwd: app, env });
  expect(stderr).not.toContain("error");
  expect(code).toBe(0);
});

afterAll(async () => {
  vi.unstubAllEnvs();
  await registry.close();
});

const fileOf = (target: string) => `dist/${target}/shop${target.startsWith("win32-") ? ".exe" : ""}`;

async function inspected(file: string, cwd = app) {
  const { stdout, code } = await sbp(["inspect", file, "--json"], { cwd, env });
  expect(code).toBe(0);
  return jsonLines(stdout).at(-1) as unknown as {
    what: string;
    size: number;
    manifest: Manifest;
    files: { path: string; bytes: number }[];
  };
}

describe.each(targets)("an executable for %s", (target) => {
  test("tells what is in it", async () => {
    const { what, size, manifest, files } = await inspected(fileOf(target));
    expect({ what, size }).toEqual({ what: "sbp", size: (await stat(join(app, fileOf(target)))).size });
    const { packages, runtime, libraries, ...others } = manifest;
    expect(others).toMatchObject({
      app: { name: "shop", version: "2.1.0", dependencies: [0, 1] },
      target,
      embedded: { files: 3 },
    });
    expect(packages).toEqual([
      {
        name: "tools",
        version: "1.2.3",
        license: "MIT",
        integrity: "sha512-abc",
        bundled: { bytes: expect.any(Number), files: 1 },
        files: [{ path: "pick.js", bytes: packages[0]!.bundled!.bytes }],
        removedFiles: ["index.js", "merge.js"],
      },
      {
        name: "view",
        version: "0.3.0",
        carried: { bytes: others.embedded!.bytes, files: 3 },
        folders: ["node_modules/view"],
      },
    ]);
    const embedded = files.filter(({ path }) => path.startsWith("node_modules/view/"));
    expect(embedded.map(({ path }) => path.slice(18))).toEqual(["index.js", "package.json", "text.txt"]);
    expect(embedded.reduce((sum, { bytes }) => sum + bytes, 0)).toBe(others.embedded!.bytes);
    expect(runtime.version).toBe("26.10.0");
    expect(libraries === undefined).toBe(!target.startsWith("linux-"));
    const said = (
      await run(await testRuntime("26.10.0", "linux-x64"), ["-p", "JSON.stringify(process.versions)"])
    ).stdout;
    expect(JSON.parse(said)).toMatchObject(runtime.parts!);
  });

  test("has a manifest that is valid by the published schema", async () => {
    const text = await readFile(join(import.meta.dirname, "../../manifest/manifest.schema.json"), "utf8");
    const validate = new Ajv2020({ strict: true, allErrors: true }).compile(JSON.parse(text));
    expect(validate((await inspected(fileOf(target))).manifest), JSON.stringify(validate.errors)).toBe(true);
  });

  test("is looked at by few and short reads", async () => {
    const file = await open(join(app, fileOf(target)));
    const source = await fromFile(file);
    let bytes = 0;
    const pack = await openPack({
      size: source.size,
      read: (at, length) => {
        bytes += length;
        return source.read(at, length);
      },
    });
    await file.close();
    expect(pack?.layout.manifest?.size).toBeLessThan(2000);
    // Mach-O's signature has a hash of each page, which tells whether it is signed.
    expect(bytes).toBeLessThan(target.startsWith("darwin-") ? 3_000_000 : 100_000);
  });
});

describe("for people", () => {
  test("there is a page, a tree, and the files", async () => {
    const { stdout } = await sbp(["inspect", fileOf("linux-x64")], { cwd: app, env });
    expect(stdout).toMatch(
      /^shop 2\.1\.0 {2}linux-x64 {2}\d+\.\d MB\n {2}runtime {6}Node\.js 26\.10\.0 \(v8 /,
    );
    expect(stdout).toContain("2 packages");
    expect(stdout).not.toContain("\u001b");
    const tree = await sbp(["inspect", fileOf("linux-x64"), "--tree"], { cwd: app, env });
    expect(tree.stdout).toContain("    ├─ tools 1.2.3\n    └─ view 0.3.0\n");
    const all = await sbp(["inspect", fileOf("linux-x64"), "--files"], { cwd: app, env });
    expect(all.stdout).toMatch(/pick\.js +\d+ B\n.*merge\.js {2}nothing left/s);
    expect(all.stdout).toMatch(/node_modules\/view\/text\.txt +6 B/);
  });

  test("nothing of a hostile file reaches the terminal", async () => {
    const bytes = await readFile(join(app, fileOf("linux-x64")));
    const file = await open(join(app, fileOf("linux-x64")));
    const pack = (await openPack(await fromFile(file)))!;
    await file.close();
    const { encodeManifest, decodeManifest } = await import("@sbp/manifest");
    const { offset, size } = pack.layout.manifest!;
    const place = pack.place.offset + offset;
    const manifest = await decodeManifest(bytes.subarray(place, place + size));
    const evil = {
      ...manifest,
      packages: [{ name: "\u001b[2Jx", version: "\u202e1" }],
      app: { name: "\u001b]0;x\u0007", version: "1" },
    };
    const { manifest: encoded } = await encodeManifest(evil as Manifest);
    expect(encoded.length).toBeLessThanOrEqual(size);
    bytes.set(encoded, place);
    // The header tells the length.
    bytes.writeUInt32LE(encoded.length, pack.place.offset + 44);
    const dir = await folder();
    await writeFile(join(dir, "evil"), bytes);
    const { stdout, code } = await sbp(["inspect", "evil"], { cwd: dir, env: { ...env, FORCE_COLOR: "0" } });
    expect(code).toBe(0);
    expect(stdout).not.toMatch(/[\u001b\u0007\u202e]/);
    expect(stdout).toContain("\\u001b[2Jx");
  });
});

test("a rebased executable tells of its new runtime, and of packages as before", async () => {
  const dir = await folder();
  await copyFile(join(app, fileOf("linux-x64")), join(dir, "shop"));
  await chmod(join(dir, "shop"), 0o755);
  const before = await inspected("shop", dir);
  const { code, stderr } = await sbp(["rebase", "shop", "--runtime", "node@26.9.0"], { cwd: dir, env });
  expect(stderr).not.toContain("error");
  expect(code).toBe(0);
  const after = await inspected("shop", dir);
  expect(after.manifest.runtime.version).toBe("26.9.0");
  expect({ ...after.manifest, runtime: null }).toEqual({ ...before.manifest, runtime: null });
});
