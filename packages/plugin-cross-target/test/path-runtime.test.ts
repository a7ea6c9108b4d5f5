import { execFileSync } from "node:child_process";
import { chmodSync, copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { hostTarget, type Json, type Target, targets } from "@sbp/core";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import plugin from "../src/index.ts";
import type { Options } from "../src/options.ts";
import { resolveRuntimes } from "../src/resolve.ts";
import { executableName, packageOfTarget } from "../src/runtime-package.ts";
import { failure, Run, resolveContext, temporaryFolder } from "./contexts.ts";
import { RegistryProxy } from "./registry-proxy.ts";
import { fakeExecutable, runtimeTarball } from "./tarball.ts";

let registry: RegistryProxy;
beforeEach(async () => {
  registry = await RegistryProxy.start();
  for (const target of targets) registry.own(packageOfTarget(target));
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await registry.close();
});

const host = hostTarget()!;
const other: Target = host === "linux-arm64" ? "linux-x64" : "linux-arm64";
const version = process.versions.node;

/** A project with a fake runtime for each target, which only looks like an executable. */
function project(): string {
  const folder = temporaryFolder();
  mkdirSync(join(folder, "vendor"));
  for (const target of targets) {
    writeFileSync(join(folder, "vendor", target), fakeExecutable(target));
    chmodSync(join(folder, "vendor", target), 0o755);
  }
  return folder;
}

function resolve(runtime: Options["runtime"], target: Target, projectDir = project(), locked?: Json) {
  return resolveRuntimes(resolveContext(runtime, [target], { projectDir, host, locked }));
}

describe("a runtime for this machine", () => {
  test("is asked for its version, serves as the host's too, and needs no registry", async () => {
    vi.stubEnv("NODE_OPTIONS", "--require=/does/not/exist.js");
    const { pins, lock } = await resolve({ path: process.execPath }, host);
    const pin = { target: host, version, path: process.execPath };
    expect(pins).toEqual({ [host]: { runtime: pin, host: pin } });
    expect(lock).toEqual({ runtimes: {} });
    expect(registry.requests).toEqual([]);
  });

  test("agrees with the version of the config, or is refused", async () => {
    const right = await resolve({ path: process.execPath, version: `v${version}` }, host);
    expect(right.pins[host]?.["runtime"]).toMatchObject({ version });
    const error = await failure(resolve({ path: process.execPath, version: "1.2.3" }, host));
    expect(error).toMatchObject({ code: "SBP_RUNTIME_PATH_VERSION", exitCode: 2 });
    expect(error.message).toContain(`is ${version}, not 1.2.3`);
  });

  test("that does not run has to say its version, and is helped by the official one", async () => {
    const runtime = { path: `vendor/${host}` };
    const error = await failure(resolve(runtime, host));
    expect(error.code).toBe("SBP_RUNTIME_PATH_VERSION");
    expect(error.hint).toContain(`"path": "vendor/${host}", "version"`);

    const { integrity } = registry.publish(packageOfTarget(host), "26.10.0", runtimeTarball(host));
    const { pins } = await resolve({ ...runtime, version: "26.10.0" }, host);
    expect(pins[host]).toEqual({
      runtime: { target: host, version: "26.10.0", path: `vendor/${host}` },
      host: { target: host, version: "26.10.0", package: packageOfTarget(host), integrity },
    });
  });

  test("without single executable support is refused", async () => {
    const folder = project();
    const path = join(folder, executableName(host));
    const binary = readFileSync(process.execPath);
    // process.config lies in the executable, as text and in V8's snapshot: there the setting gets another name.
    const setting = "single_executable_application";
    for (let at = binary.indexOf(setting); at >= 0; at = binary.indexOf(setting, at + 1)) binary[at] = 0x5f;
    writeFileSync(path, binary);
    chmodSync(path, 0o755);
    if (process.platform === "darwin") execFileSync("codesign", ["--sign", "-", "--force", path]);
    const error = await failure(resolve({ path }, host, folder));
    expect(error).toMatchObject({ code: "SBP_RUNTIME_PATH_UNUSABLE", exitCode: 2 });
  });
});

describe("a runtime for another machine", () => {
  test("has to say its version", async () => {
    const error = await failure(resolve({ path: `vendor/${other}` }, other));
    expect(error).toMatchObject({ code: "SBP_RUNTIME_PATH_VERSION", exitCode: 2 });
    expect(error.message).toContain(`${other} does not run on this machine`);
  });

  test("takes the official runtime of its version for the host and pins that", async () => {
    const { integrity } = registry.publish(packageOfTarget(host), "26.10.0", runtimeTarball(host));
    const runtime = { [other]: { path: `vendor/${other}`, version: "26.10.0" } };
    const { pins, lock, changes } = await resolve(runtime, other);
    expect(pins[other]).toEqual({
      runtime: { target: other, version: "26.10.0", path: `vendor/${other}` },
      host: { target: host, version: "26.10.0", package: packageOfTarget(host), integrity },
    });
    expect(lock).toEqual({
      runtimes: { "node@26.10.0": { version: "26.10.0", packages: { [packageOfTarget(host)]: integrity } } },
    });
    expect(changes).toEqual(["node@26.10.0: 26.10.0"]);
    registry.fault = () => ({ status: 500 });
    expect((await resolve(runtime, other, project(), lock)).changes).toEqual([]);
  });
});

describe("is refused:", () => {
  test.each([
    ["missing", { path: "nowhere/node", version: "26.10.0" }, "SBP_RUNTIME_PATH_MISSING", "does not exist"],
    ["a folder", { path: "vendor", version: "26.10.0" }, "SBP_RUNTIME_PATH_MISSING", "is not a file"],
    ["not a version", { path: "vendor/linux-x64", version: "latest" }, "SBP_RUNTIME_PATH_VERSION", "exact"],
    [
      "for another target",
      { path: "vendor/win32-x64", version: "26.10.0" },
      "SBP_RUNTIME_MALFORMED",
      "an executable for win32-x64",
    ],
  ])("%s", async (_name, runtime, code, why) => {
    const error = await failure(resolve(runtime, other));
    expect(error.code).toBe(code);
    expect(error.message).toContain(why);
  });

  test("for several macOS processors at once", async () => {
    const folder = project();
    const head = Buffer.alloc(4096);
    head.writeUInt32BE(0xcafebabe);
    writeFileSync(join(folder, "universal"), head);
    const error = await failure(resolve({ path: "universal", version: "26.10.0" }, "darwin-arm64", folder));
    expect(error.hint).toContain("lipo -thin arm64");
  });
});

test("the transform copies the file, declares it and names it for its system", async () => {
  const projectDir = project();
  copyFileSync(join(projectDir, "vendor", "win32-x64"), join(projectDir, "mine.exe"));
  const run = new Run({ target: "win32-x64", version: "26.10.0", path: "mine.exe" }, { projectDir });
  await plugin.transforms[0]!.run(run.context as never);
  expect(run.dependencies).toEqual([{ file: join(projectDir, "mine.exe") }]);
  const [artifact] = run.artifacts;
  expect(artifact?.meta).toEqual({ target: "win32-x64", version: "26.10.0", source: "path" });
  expect(artifact?.files.map(({ path }) => path)).toEqual(["node.exe"]);
  expect((await artifact!.read("node.exe")).equals(fakeExecutable("win32-x64"))).toBe(true);
});
