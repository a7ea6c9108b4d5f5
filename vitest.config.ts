import { defineConfig } from "vitest/config";

// The workspaces are tested from their TypeScript sources: no build step comes first.
const conditions = ["@sbp/source"];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    include: ["packages/*/test/**/*.test.ts"],
    exclude: ["**/*.slow.test.ts"],
    globalSetup: ["tools/shared-cache.ts"],
    testTimeout: 60_000,
    hookTimeout: 300_000,
    maxWorkers: 2,
    reporters: ["default", "./tools/test-summary.ts"],
  },
});
