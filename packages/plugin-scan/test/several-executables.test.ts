import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { JsonObject } from "@sbp/core";
import { runPlugin } from "@sbp/core/testing";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import plugin from "../src/index.ts";
import { coreIndex } from "./advisories.ts";

/* A plugin may make several executables for a target, and files beside them: each executable is judged. */

let cache: string;
beforeEach(() => {
  cache = mkdtempSync(join(tmpdir(), "sbp-scan-several-"));
  vi.stubEnv("SBP_CACHE_DIR", cache);
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(cache, { recursive: true });
});

/** Only the last needs libraries. */
const executable = () => ({
  files: {
    LICENSE: "MIT",
    "bin/alone": { copyOf: "/bin/busybox", executable: true },
    "bin/needs": { copyOf: "/bin/true", executable: true },
  },
});
const rule = "hardening/dynamic-dependencies";
const scan = (options: JsonObject) =>
  runPlugin({
    plugin,
    options: { database: "advisories", ...options },
    artifacts: { executable },
    files: {
      "package.json": '{"name":"demo","version":"1.0.0"}',
      "advisories/index.json": JSON.stringify(coreIndex()),
    },
  });

test("each has documents of its own", async () => {
  const run = await scan({ sbom: ["cyclonedx"], reports: ["json"] });
  const report = run.artifact("report");
  expect(report.files.map(({ path }) => path)).toEqual(["bin/alone.scan.json", "bin/needs.scan.json"]);
  const checks = async (path: string) =>
    JSON.parse((await report.read(path)).toString()).checks.map((check: { rule: string }) => check.rule);
  expect(await checks("bin/alone.scan.json")).toEqual([]);
  expect(await checks("bin/needs.scan.json")).toEqual([rule]);
  expect(run.artifact("sbom").files).toHaveLength(2);
  run.remove();
});

test("each may be what the policy refuses, and is named", async () => {
  const error = await scan({ failOn: "low" }).catch((error) => error);
  expect(error).toMatchObject({
    code: "SBP_SCAN_REFUSED",
    message: "The policy refuses bin/needs: 1 findings",
    diagnostics: [
      { code: rule, message: expect.stringMatching(/^bin\/needs: it needs what an empty root lacks/) },
    ],
  });
});

test("an entry of ignore that one of them needs is needed", async () => {
  const unused = { id: "CVE-2020-0001", reason: "long gone" };
  const run = await scan({ failOn: "low", ignore: [{ id: rule, reason: "for a full system" }, unused] });
  expect(run.diagnostics.map(({ code, message }) => [code, message])).toEqual([
    ["SBP_SCAN_IGNORE_UNUSED", expect.stringContaining(unused.id)],
  ]);
  run.remove();
});

test("provenance is of all files, and names what is in each executable", async () => {
  const run = await scan({ provenance: true });
  const [file] = run.artifact("provenance").files;
  const { payload } = JSON.parse((await run.artifact("provenance").read(file!.path)).toString());
  const { subject } = JSON.parse(Buffer.from(payload, "base64").toString());
  expect(subject.map(({ name }: { name: string }) => name)).toEqual(["LICENSE", "bin/alone", "bin/needs"]);
  run.remove();
});
