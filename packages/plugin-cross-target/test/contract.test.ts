import { checkContract } from "@sbp/core/testing";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import plugin from "../src/index.ts";
import { packageOfTarget } from "../src/runtime-package.ts";
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

test("the plugin keeps the contract", async () => {
  for (const target of ["linux-x64", "linux-arm64", "win32-x64"] as const) {
    const tarball = runtimeTarball(target, fakeExecutable(target, 50_000));
    registry.publish(packageOfTarget(target), "26.10.0", tarball);
  }
  const findings = await checkContract(
    {
      plugin,
      offline: false,
      options: { targets: ["linux-x64", "linux-arm64", "win32-x64"], runtime: "node@26.10.0" },
      files: { "package.json": '{"name":"demo"}', "src/main.ts": "1" },
      artifacts: { "platform-packages": { files: {}, meta: { packages: [] } } },
    },
    {
      mistakes: {
        "a version that nobody has published": {
          change: { options: { targets: ["linux-x64"], runtime: "node@99" } },
          code: "SBP_RUNTIME_VERSION",
        },
        "a runtime that is no Node": {
          change: { options: { targets: ["linux-x64"], runtime: "deno@2" } },
          code: "SBP_RUNTIME_UNKNOWN",
        },
      },
    },
  );
  expect(findings).toEqual([]);
});
