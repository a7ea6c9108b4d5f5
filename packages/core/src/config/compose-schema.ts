import type { Json, JsonObject } from "../json.ts";
import type { Plugin } from "../plugin.ts";
import type { ObjectSchema } from "../schema.ts";
import { entryTaker } from "./builtins.ts";
import { configSchema, useDescription } from "./config-schema.ts";
import { strictSchema } from "./strict-schema.ts";

/** A plugin and what `use` says to have it. */
export interface UsedPlugin {
  readonly use: string;
  readonly plugin: Pick<Plugin, "options">;
}

/**
 * The JSON schema (draft 2020-12) of sbp.config.json for editors: a step's `use` decides which options it has. Steps
 * of plugins that are not given may have any.
 */
export function composeConfigSchema(plugins: readonly UsedPlugin[]): JsonObject {
  const byUse = new Map(plugins.map(({ use, plugin }) => [use, plugin] as const));
  const { pipeline, ...others } = configSchema.properties;
  const use = {
    description: useDescription,
    // Completed by editors, while any other name stays valid.
    anyOf: [{ enum: [...byUse.keys()] }, { type: "string", minLength: 1 }],
  };
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: "sbp.config.json",
    description: "The pipeline that makes executables of an app.",
    type: "object",
    properties: { ...others, pipeline: { ...pipeline, items: { $ref: "#/$defs/step" } } },
    additionalProperties: false,
    $defs: {
      step: {
        type: "object",
        properties: { use },
        required: ["use"],
        allOf: [...byUse].map(([name, { options }]) => ({
          if: { properties: { use: { const: name } }, required: ["use"] },
          // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON schema.
          then: stepSchema(name, options),
        })),
      },
    },
  };
}

/** The options as they stand in a config: beside `use`, and without the entry, which package.json may name. */
function stepSchema(use: string, options: ObjectSchema | undefined): Json {
  const { properties, required = [], ...rest } = strictSchema(options);
  const demanded = required.filter((key) => use !== entryTaker || key !== "entry");
  return {
    ...rest,
    properties: { use: { const: use }, ...properties },
    ...(demanded.length > 0 && { required: demanded }),
  } as unknown as Json;
}
