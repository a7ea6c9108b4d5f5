import { exitCodes, SbpError } from "../error.ts";
import type { JsonObject } from "../json.ts";
import type { Plugin } from "../plugin.ts";
import type { ObjectSchema } from "../schema.ts";
import { compileValidator } from "./compile-validator.ts";
import { configError } from "./config-error.ts";
import { applyDefaults } from "./defaults.ts";
import { diagnose } from "./diagnose.ts";
import type { JsonDocument, JsonPath } from "./json-document.ts";
import { quote } from "./schema-text.ts";
import { strictSchema } from "./strict-schema.ts";
import type { Validator } from "./validator.ts";

/** A step as the config (or the default pipeline) gives it. */
export interface GivenStep {
  readonly use: string;
  /** All but `use`. */
  readonly options: JsonObject;
  /** Where it stands in the config. */
  readonly path: JsonPath;
}

/** A plugin that many projects share is compiled for once. */
const validators = new WeakMap<Plugin, Promise<Validator>>();

function compiled(plugin: Plugin, schema: ObjectSchema): Promise<Validator> {
  let validator = validators.get(plugin);
  if (!validator) {
    validator = compileValidator(schema);
    validators.set(plugin, validator);
  }
  return validator;
}

/**
 * Checks a step's options with its plugin's schema and adds the defaults. `validator` was made of that schema at
 * build time; without one it is compiled. Throws SBP_CONFIG_INVALID with all that is wrong, and SBP_PLUGIN_INVALID for a
 * schema that is not one.
 */
export async function checkOptions(
  plugin: Plugin,
  validator: Validator | undefined,
  { use, options, path }: GivenStep,
  document: JsonDocument,
): Promise<JsonObject> {
  let schema: ObjectSchema;
  let check: Validator;
  try {
    schema = strictSchema(plugin.options);
    check = validator ?? (await compiled(plugin, schema));
  } catch (error) {
    const reason = (error as Error).message;
    throw new SbpError("SBP_PLUGIN_INVALID", `"options" of ${quote(use)} is not a valid schema: ${reason}`, {
      location: document.locate([...path, "use"]),
      exitCode: exitCodes.badUsage,
      cause: error,
    });
  }
  const problems = diagnose(check, { value: options, schema, document, path, use });
  if (problems.length > 0) throw configError(document.file, problems);
  return applyDefaults(schema, options);
}
