import type { Plugin } from "../plugin.ts";

/** Built-in plugins by name; loaded only when used. */
export type Builtins = Readonly<Record<string, () => Promise<Plugin>>>;

/**
 * The pipeline of a config without `pipeline`, and of a project without config. `scratch-image` and `scan` join
 * it when they are done.
 */
export const defaultPipeline: readonly string[] = ["bundle", "cross-target", "strip", "embed-runtime"];

/** The plugin that takes the app's entry, as the option `entry`. */
export const entryTaker = "bundle";
