import { mkdtemp, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { readLockFile } from "../src/inventory/of-lockfile.ts";

const folder = await mkdtemp(join(tmpdir(), "sbp-scan-test-"));
afterAll(() => rm(folder, { recursive: true }));

test.for([
  "package-lock.json",
  "pnpm-lock.yaml",
  "yarn.lock",
])("a %s of 100 MB is refused without being read", async (name) => {
  const file = join(folder, name);
  await writeFile(file, "");
  await truncate(file, 100 << 20);
  await expect(readLockFile(file)).rejects.toMatchObject({
    code: "SBP_SCAN_LOCKFILE",
    message: expect.stringMatching(/larger than \d+ MB/),
  });
});
