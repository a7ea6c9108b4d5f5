import { join } from "node:path";
import { expect, test } from "vitest";
import { arm64Sysroot } from "../../../tools/arm64-sysroot.ts";
import { testedVersions, testRuntime } from "../../../tools/test-runtimes.ts";
import { run } from "./tools.ts";

const script = ["--conditions=@sbp/source", "--no-warnings", join(import.meta.dirname, "digests.ts")];

test("layers have the same bytes on every version of Node, in every time zone and under every umask", async () => {
  const results = [];
  for (const version of testedVersions)
    for (const [zone, mask] of [
      ["UTC", "022"],
      ["Asia/Tokyo", "077"],
    ]) {
      const env = { ...process.env, TZ: zone };
      const command = [
        "-c",
        `umask ${mask}; exec "$@"`,
        "sh",
        await testRuntime(version, "linux-x64"),
        ...script,
      ];
      results.push((await run("sh", command, { env })).stdout);
    }
  expect(results[0]!.trim().split("\n")).toHaveLength(2 * (9 + 8));
  expect(new Set(results).size).toBe(1);
}, 600_000);

test("layers have the same bytes on arm64", async () => {
  const here = await run(process.execPath, script);
  const [, version] = testedVersions;
  const there = await run("qemu-aarch64-static", [
    "-L",
    await arm64Sysroot(),
    await testRuntime(version, "linux-arm64"),
    ...script,
  ]);
  expect(there.stdout).toBe(here.stdout);
}, 600_000);
