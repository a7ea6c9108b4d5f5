import { execFile, spawn } from "node:child_process";
import { mkdir, open, readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { RegistryProxy } from "../../plugin-cross-target/test/registry-proxy.ts";
import { folder, sbp } from "./sbp.ts";

/*
 * One command, all six targets, from one machine. What cannot run here is checked by programs that we did not
 * write: llvm for both foreign formats, and a checker of Apple's code directory in another language.
 */

const run = promisify(execFile);
let registry: RegistryProxy;
let env: Record<string, string>;
let app: string;

beforeAll(async () => {
  registry = await RegistryProxy.start();
  env = { SBP_CACHE_DIR: await folder(), npm_config_registry: registry.url };
  app = await folder({
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
  const { code, stderr } = await sbp(["build"], { cwd: app, env });
  expect(stderr).not.toContain("error");
  expect(code).toBe(0);
});

afterAll(async () => {
  vi.unstubAllEnvs();
  await registry.close();
});

test("every target has its executable", async () => {
  const { outputs } = JSON.parse(await readFile(join(app, "dist/sbp-manifest.json"), "utf8"));
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

test("linux-x64 runs", async () => {
  const { stdout } = await run(join(app, "dist/linux-x64/six"), ["a", "b"], { env: {} });
  expect(stdout).toBe("hello from linux x64 a,b\n");
});

test("win32-x64 runs under wine", async () => {
  const prefix = await folder();
  const wineEnv = {
    HOME: prefix,
    WINEPREFIX: join(prefix, "wine"),
    WINEDEBUG: "-all",
    PATH: process.env["PATH"],
  };
  const wine = "/usr/lib/wine/wine64";
  await mkdir(wineEnv.WINEPREFIX);
  await run(wine, ["winecfg", "-v", "win10"], { env: wineEnv });
  // Node on wine can write to a file, not to a pipe.
  const printed = join(prefix, "printed");
  const file = await open(printed, "w");
  const child = spawn(wine, [join(app, "dist/win32-x64/six.exe"), "a", "b"], {
    cwd: prefix,
    env: wineEnv,
    stdio: ["ignore", file.fd, "ignore"],
  });
  const code = await new Promise((resolve) => child.on("exit", resolve));
  await file.close();
  expect((await readFile(printed, "utf8")).trim()).toBe("hello from win32 x64 a,b");
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
