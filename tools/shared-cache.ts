import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";

declare module "vitest" {
  interface ProvidedContext {
    /** See `sharedCache` of packages/cli/test/sbp.ts. */
    readonly sharedCache: string;
  }
}

/** Makes a cache folder for all of the files of a test run, which is gone after it. */
export default async function setup({ provide }: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), "sbp-shared-cache-"));
  provide("sharedCache", folder);
  return () => rm(folder, { recursive: true, force: true });
}
