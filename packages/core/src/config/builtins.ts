import type { Plugin } from "../plugin.ts";

/** Built-in plugins by name; loaded only when used. */
export type Builtins = Readonly<Record<string, () => Promise<Plugin>>>;

/**
 * The pipeline of a config without `pipeline`, and of a project without config. Images and scans, which need a database, are for
 * those who ask for them.
 */
export const defaultPipeline: readonly string[] = ["bundle", "cross-target", "strip", "embed-runtime"];

/** The plugin that takes the app's entry, as the option `entry`. */
export const entryTaker = "bundle";
