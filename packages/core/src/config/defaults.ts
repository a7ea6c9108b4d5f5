import type { Json, JsonObject } from "../json.ts";
import type { ObjectSchema, Schema } from "../schema.ts";
import { meantBranch, typeOf } from "./union.ts";

/** A copy of a valid value with the schema's defaults in the places of missing keys, at any depth. */
export function applyDefaults(schema: ObjectSchema, value: JsonObject): JsonObject {
  return filled(schema, value) as JsonObject;
}

function filled(schema: Schema, value: Json): Json {
  if ("anyOf" in schema) {
    const meant = meantBranch(schema.anyOf, value);
    return meant === undefined ? structuredClone(value) : filled(schema.anyOf[meant]!, value);
  }
  if (!("type" in schema) || typeOf(value) !== schema.type) return structuredClone(value);
  if (schema.type === "array") return (value as readonly Json[]).map((item) => filled(schema.items, item));
  if (schema.type !== "object") return value;

  const { properties = {}, additionalProperties } = schema;
  const result: Record<string, Json | undefined> = {};
  for (const [key, item] of Object.entries(value as JsonObject)) {
    const known = Object.hasOwn(properties, key) ? properties[key] : additionalProperties;
    if (item === undefined) continue;
    result[key] = typeof known === "object" ? filled(known, item) : structuredClone(item);
  }
  for (const [key, property] of Object.entries(properties)) {
    if (result[key] !== undefined || !("default" in property) || property.default === undefined) continue;
    result[key] = filled(property, property.default as Json);
  }
  return result;
}
