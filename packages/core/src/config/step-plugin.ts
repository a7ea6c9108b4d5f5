import { exitCodes, SbpError, type SourceLocation } from "../error.ts";
import type { JsonObject } from "../json.ts";
import type { Plugin } from "../plugin.ts";
import { problemsOfPlugin } from "./plugin-shape.ts";
import { quote } from "./schema-text.ts";

/**
 * The plugin as one step uses it: where its options say what it consumes and produces, with the transforms for these.
 * Throws SBP_PLUGIN_INVALID for transforms that are none.
 */
export function pluginOfStep(
  plugin: Plugin,
  options: JsonObject,
  place: { readonly location?: SourceLocation } = {},
): Plugin {
  if (!plugin.transformsFor) return plugin;
  const { transformsFor, ...others } = plugin;
  const ofStep: Plugin = { ...others, transforms: transformsFor(options) };
  const problems = problemsOfPlugin(ofStep);
  if (problems.length === 0) return ofStep;
  throw new SbpError(
    "SBP_PLUGIN_INVALID",
    `With these options ${quote(plugin.name)} is not a plugin: ${problems.join("; ")}`,
    { ...place, exitCode: exitCodes.badUsage },
  );
}
