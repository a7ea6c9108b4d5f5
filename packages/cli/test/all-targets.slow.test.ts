import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { arm64Sysroot } from "../../../tools/arm64-sysroot.ts";
import { runOnWine } from "../../../tools/wine.ts";
import { RegistryProxy } from "../../plugin-cross-target/test/registry-proxy.ts";
import { folder, jsonLines, sbp } from "./sbp.ts";

/*
 * One command, all six targets, from one machine. What cannot run here is checked by programs that we did not
 * write: llvm for both foreign formats, and a checker of Apple's code directory in another language.
 */

const run = promisify(execFile);
let registry: RegistryProxy;
let env: Record<string, string>;
let app: string;

/** Builds the app for all targets in a folder of its own. */
async function build(environment: Record<string, string>, words: readonly string[] = []): Promise<string> {
  const dir = await folder({
    "package.json": '{ "name": "six", "version": "1.0.0" }',
    "src/main.ts":
      'console.log("hello from", process.platform, process.arch, process.argv.slice(2).join());\n',
    "sbp.config.json": JSON.stringify({
      pipeline: [
        { use: "bundle" },
        { use: "cross-target", targets: "all", runtime: "node@22" },
        { use: "strip" },
        { use: "embed-runtime" },
      ],
    }),
  });
  const { code, stderr } = await sbp(["build", ...words], { cwd: dir, env: environment });
  expect(stderr).not.toContain("error");
  expect(code).toBe(0);
  return dir;
}

const outputsOf = async (dir: string) =>
  JSON.parse(await readFile(join(dir, "dist/sbp-manifest.json"), "utf8")).outputs;

beforeAll(async () => {
  registry = await RegistryProxy.start();
  env = { SBP_CACHE_DIR: await folder(), npm_config_registry: registry.url };
  app = await build(env, ["--concurrency", "4"]);
});

afterAll(async () => {
  vi.unstubAllEnvs();
  await registry.close();
});

test("every target has its executable", async () => {
  const outputs = await outputsOf(app);
  expect(outputs.map(({ path }: { path: string }) => path)).toEqual([
    "linux-x64/six",
    "linux-arm64/six",
    "darwin-x64/six",
    "darwin-arm64/six",
    "win32-x64/six.exe",
    "win32-arm64/six.exe",
  ]);
  for (const { path, sha256 } of outputs) {
    const { stdout } = await run("sha256sum", [join(app, "dist", path)]);
    expect(stdout.slice(0, 64), path).toBe(sha256);
  }
});

test("every executable tells what it is, without being run", async () => {
  for (const { path } of await outputsOf(app)) {
    const { stdout } = await sbp(["inspect", join("dist", path), "--json"], { cwd: app, env });
    const target = path.split("/")[0];
    expect(jsonLines(stdout).at(-1), path).toMatchObject({
      what: "sbp",
      target,
      manifest: { app: { name: "six", version: "1.0.0" }, target, packages: [], runtime: { name: "node" } },
    });
  }
});

test("another folder, another store and one worker give the same bytes for every target", async () => {
  const other = await build({ ...env, SBP_CACHE_DIR: await folder() }, ["--concurrency", "1"]);
  const digests = async (dir: string) =>
    (await outputsOf(dir)).map(({ path, sha256 }: { path: string; sha256: string }) => [path, sha256]);
  expect(await digests(other)).toEqual(await digests(app));
});

test("linux-x64 runs", async () => {
  const { stdout } = await run(join(app, "dist/linux-x64/six"), ["a", "b"], { env: {} });
  expect(stdout).toBe("hello from linux x64 a,b\n");
});

test("linux-arm64 runs under qemu", async () => {
  const words = ["-L", await arm64Sysroot(), join(app, "dist/linux-arm64/six"), "a", "b"];
  const { stdout } = await run("qemu-aarch64-static", words, { env: {} });
  expect(stdout).toBe("hello from linux arm64 a,b\n");
}, 120_000);

test("win32-x64 runs under wine", async () => {
  const { stdout, code } = await runOnWine(join(app, "dist/win32-x64/six.exe"), ["a", "b"]);
  expect(stdout.trim()).toBe("hello from win32 x64 a,b");
  expect(code).toBe(0);
}, 120_000);

test.each(["darwin-x64", "darwin-arm64"])("%s is signed and laid out as macOS wants it", async (target) => {
  const checker = join(import.meta.dirname, "../../executable/test/check-macho.py");
  const file = join(app, "dist", target, "six");
  const { stdout } = await run("python3", [checker, file]);
  expect(JSON.parse(stdout)).toMatchObject({ signature: { identifier: "six", adHoc: true } });
  const { stdout: printed, stderr } = await run("llvm-objdump-19", ["--macho", "--private-headers", file]);
  expect(printed).toContain("__NODE_SEA_BLOB");
  expect(stderr).toBe("");
});

test.each(["win32-x64", "win32-arm64"])("%s carries its payload as a resource", async (target) => {
  const file = join(app, "dist", target, "six.exe");
  const { stdout, stderr } = await run("llvm-readobj-19", ["--file-headers", "--coff-resources", file], {
    maxBuffer: 64 << 20,
  });
  expect(stdout).toContain("NODE_SEA_BLOB");
  expect(stderr).toBe("");
});
