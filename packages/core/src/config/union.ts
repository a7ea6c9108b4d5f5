import type { Json, JsonObject } from "../json.ts";
import { nearest } from "../nearest.ts";
import type { Schema } from "../schema.ts";

/** The word JSON schema has for a value's type; whole numbers are "number" too. */
export function typeOf(value: Json | undefined): string {
  if (value === null) return "null";
  return Array.isArray(value) ? "array" : typeof value;
}

/**
 * The alternative of an `anyOf` that a value is meant for: the only one of its type; among objects, of those whose
 * constant keys agree the one that knows its keys best. Undefined when that does not single one out. Alternatives
 * that list their values (`const`, `enum`) are never meant: a wrong value is not one of them, and a right one needs
 * no more.
 */
export function meantBranch(branches: readonly Schema[], value: Json): number | undefined {
  const ofType = branches.flatMap((branch, index) => (isOfType(branch, value) ? [index] : []));
  if (ofType.length <= 1 || typeOf(value) !== "object") return ofType.length === 1 ? ofType[0] : undefined;
  const scored = ofType
    .filter((index) => agrees(branches[index]!, value as JsonObject))
    .map((index) => ({ index, score: knownKeys(branches[index]!, value as JsonObject) }))
    .sort((a, b) => b.score - a.score);
  return scored[0]?.score === scored[1]?.score ? undefined : scored[0]?.index;
}

function isOfType(schema: Schema, value: Json): boolean {
  if (!("type" in schema) || "enum" in schema) return false;
  const type = typeOf(value);
  return schema.type === "integer" ? type === "number" : schema.type === type;
}

function agrees(schema: Schema, value: JsonObject): boolean {
  const properties = ("properties" in schema && schema.properties) || {};
  return Object.entries(properties).every(([key, property]) => {
    if ("const" in property) return value[key] === property.const;
    if ("enum" in property) return property.enum?.includes(value[key] as string) ?? true;
    return true;
  });
}

/** How many keys of the value the schema knows; one that looks like a slip counts for half. */
function knownKeys(schema: Schema, value: JsonObject): number {
  const known = Object.keys(("properties" in schema && schema.properties) || {});
  let count = 0;
  for (const key of Object.keys(value)) {
    if (known.includes(key)) count += 1;
    else if (nearest(key, known) !== undefined) count += 0.5;
  }
  return count;
}
