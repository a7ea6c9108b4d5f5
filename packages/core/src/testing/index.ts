/*
 * The test kit for plugins: `runPlugin` runs one alone, on the real engine, and gives what it made; `checkContract` runs
 * it under changed circumstances and tells where it breaks the contract. For every test runner.
 */
export { type ContractOptions, checkContract } from "./contract.ts";
export { type ContractCheck, contractChecks, type Finding, type Mistake } from "./finding.ts";
export type { FixtureArtifact, FixtureFile, PluginFixture } from "./fixture.ts";
export type { MadeArtifact, PluginResult } from "./plugin-rig.ts";
export { type PluginRun, runPlugin } from "./run-plugin.ts";
