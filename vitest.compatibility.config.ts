import { defineConfig } from "vitest/config";

// The workspaces are tested from their TypeScript sources: no build step comes first.
const conditions = ["@sbp/source"];

// Real apps over real packages, under node and as executables: docs/compatibility.md.
export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    include: ["compatibility/*.test.ts"],
    globalSetup: ["tools/shared-cache.ts"],
    testTimeout: 180_000,
    hookTimeout: 900_000,
    // Apps, as CI has two processors. Each holds three executables meanwhile.
    maxConcurrency: 2,
    reporters: ["default", "./tools/test-summary.ts"],
  },
});
