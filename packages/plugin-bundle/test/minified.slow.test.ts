/*
 * What holds of bundles holds with `minify: true` as well: the same tests once more.
 */
import { afterAll } from "vitest";

process.env["SBP_TEST_MINIFY"] = "1";
afterAll(() => {
  delete process.env["SBP_TEST_MINIFY"];
});

for (const name of [
  "carried-files",
  "carried-packages",
  "late",
  "module-scope",
  "named-in-text",
  "own-place",
  "reexports",
  "resolved-places",
  "run",
  "run-time-files",
  "scripts",
  "shared-sources",
])
  await import(`./${name}.test.ts`);
