import type { ObjectSchema } from "../schema.ts";
import { ajvOptions } from "./ajv-options.ts";
import type { Validator } from "./validator.ts";

/**
 * Compiles a schema at run time. Throws an Error for a schema that is not valid. ajv takes about 150 ms to load
 * and compile: only for what has no validator from build time.
 */
export async function compileValidator(schema: ObjectSchema): Promise<Validator> {
  const { Ajv2020 } = await import("ajv/dist/2020.js");
  return new Ajv2020(ajvOptions).compile(schema);
}
