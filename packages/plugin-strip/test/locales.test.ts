import { execFile } from "node:child_process";
import { copyFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { isSbpError } from "@sbp/core";
import { beforeAll, expect, test } from "vitest";
import { testRuntime } from "../../../tools/test-runtimes.ts";
import { artifactOf, makeFolder, strip } from "./strip.ts";

const version = "26.10.0";
let node: string;
beforeAll(async () => {
  node = await testRuntime(version, "linux-x64");
});

const run = promisify(execFile);

async function officialRuntime() {
  const folder = await makeFolder();
  await copyFile(node, join(folder, "node"));
  return artifactOf("runtime", folder, { version, target: "linux-x64" });
}

const question = `JSON.stringify([
  new Intl.DateTimeFormat("en-GB", { dateStyle: "full", timeZone: "Asia/Tokyo" }).format(0),
  new Intl.NumberFormat("en", { style: "currency", currency: "EUR" }).format(1234.5),
  Intl.DateTimeFormat.supportedLocalesOf(["en", "de", "ja"]),
])`;

test("a runtime with English alone is much smaller and answers as before in English", async () => {
  const runtime = await officialRuntime();
  const { output } = await strip("runtime", runtime, { symbols: "strip", locales: ["en"], encodings: "all" });
  const stripped = await output.path("node");
  expect((await stat(stripped)).size).toBeLessThan(90_000_000);
  expect(output.meta["locales"]).toContain("en-GB");
  const full = JSON.parse((await run(node, ["-p", question])).stdout);
  const kept = JSON.parse((await run(stripped, ["-p", question])).stdout);
  expect(kept.slice(0, 2)).toEqual(full.slice(0, 2));
  expect([full[2], kept[2]]).toEqual([["en", "de", "ja"], ["en"]]);
});

test("SBP_STRIP_LOCALE: a locale that the runtime does not know", async () => {
  const runtime = await officialRuntime();
  const options = { symbols: "strip", locales: ["enn"], encodings: "all" } as const;
  const error = await strip("runtime", runtime, options).catch((reason) => reason);
  expect(isSbpError(error) && error.code).toBe("SBP_STRIP_LOCALE");
  expect(error.message).toContain("enn");
});
