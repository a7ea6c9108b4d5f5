import type { ObjectSchema, Schema } from "../schema.ts";

const noOptions: ObjectSchema = { type: "object" };

/** The schema with `additionalProperties: false` wherever an object's schema says nothing about other keys. */
export function strictSchema(schema: ObjectSchema = noOptions): ObjectSchema {
  return strict(schema) as ObjectSchema;
}

function strict(schema: Schema): Schema {
  if ("anyOf" in schema) return { ...schema, anyOf: schema.anyOf.map(strict) };
  if (!("type" in schema)) return schema;
  if (schema.type === "array") return schema.items ? { ...schema, items: strict(schema.items) } : schema;
  if (schema.type !== "object") return schema;
  const { properties, additionalProperties = false } = schema;
  return {
    ...schema,
    ...(properties && {
      properties: Object.fromEntries(Object.entries(properties).map(([key, value]) => [key, strict(value)])),
    }),
    additionalProperties:
      typeof additionalProperties === "object" ? strict(additionalProperties) : additionalProperties,
  };
}
