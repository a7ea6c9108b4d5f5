import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, expect, test } from "vitest";
import { formatted } from "../src/outputs.ts";
import { scan } from "./scanned.ts";

const run = promisify(execFile);
const folder = await mkdtemp(join(tmpdir(), "sbp-scan-test-"));
afterAll(() => rm(folder, { recursive: true }));

test("SARIF is valid by the multitool", async () => {
  const file = join(folder, "scan.sarif");
  await writeFile(file, (await formatted(scan(), "sarif"))!);
  const multitool = createRequire(import.meta.url).resolve("@microsoft/sarif-multitool-linux/package.json");
  const log = join(folder, "validated.sarif");
  const words = ["validate", file, "--output", log, "--log", "ForceOverwrite"];
  await run(multitool.replace("package.json", "Sarif.Multitool"), words, {
    env: { ...process.env, DOTNET_SYSTEM_GLOBALIZATION_INVARIANT: "1" },
  });
  const { runs } = JSON.parse((await readFile(log, "utf8")).replace(/^\uFEFF/, ""));
  const problems = runs[0].results.filter(
    ({ level = "warning" }) => level === "error" || level === "warning",
  );
  // SARIF2005: it has no home page to name.
  expect(problems.filter(({ ruleId }: { ruleId: string }) => ruleId !== "SARIF2005")).toEqual([]);
});
