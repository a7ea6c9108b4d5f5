import { defineConfig } from "vitest/config";

// The packages as their users get them: packed, and installed in a folder outside of the repository.
export default defineConfig({
  test: {
    include: ["tools/outside/*.test.ts"],
    testTimeout: 300_000,
    hookTimeout: 600_000,
    // Vitest's own choice leaves a processor to others: one worker on two.
    maxWorkers: 2,
    reporters: ["default", "./tools/test-summary.ts"],
  },
});
