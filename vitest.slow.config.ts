import { defineConfig, mergeConfig } from "vitest/config";
import everyday from "./vitest.config.ts";

// Whole pipelines for several targets, which take minutes: CI runs them, and whoever changes what they are about.
export default mergeConfig(
  { ...everyday, test: { ...everyday.test, include: [], exclude: [] } },
  defineConfig({ test: { include: ["packages/*/test/**/*.slow.test.ts"] } }),
);
