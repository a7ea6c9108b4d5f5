import { defineConfig, mergeConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";
import everyday from "./vitest.config.ts";

/** Files that take minutes though they are small. */
const long = ["cli/test/dev-edits", "plugin-embed-runtime/test/self-contained", "cli/test/empty-root"];

/** Vitest starts large files first. These begin before, so that no processor waits for one of them at the end. */
class LongFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const isLong = ({ moduleId }: TestSpecification) =>
      long.some((name) => moduleId.endsWith(`/packages/${name}.slow.test.ts`));
    const sorted = await super.sort(files);
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))];
  }
}

// Whole pipelines for several targets, which take minutes: CI runs them, and whoever changes what they are about.
export default mergeConfig(
  { ...everyday, test: { ...everyday.test, include: [], exclude: [] } },
  defineConfig({
    test: { include: ["packages/*/test/**/*.slow.test.ts"], sequence: { sequencer: LongFirst } },
  }),
);
