import type { Json } from "../json.ts";
import type { Schema } from "../schema.ts";
import { typeOf } from "./union.ts";

/** A value as messages show it: JSON, shortened. */
export function quote(value: unknown): string {
  const text = JSON.stringify(value) ?? "undefined";
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}

const typeWords: Readonly<Record<string, string>> = {
  string: "a string",
  number: "a number",
  integer: "a whole number",
  boolean: "true or false",
  array: "a list",
  object: "an object",
  null: "null",
};

/** What a value is: its type, and the value itself where it is short. */
export function describeValue(value: Json | undefined): string {
  const type = typeOf(value);
  if (type === "object" || type === "array" || value === null) return typeWords[type]!;
  return type === "boolean" ? quote(value) : `the ${type} ${quote(value)}`;
}

/** What a schema accepts, as the end of "must be …". */
export function describeSchema(schema: Schema): string {
  if ("anyOf" in schema) return either([...new Set(schema.anyOf.map(describeSchema))]);
  if ("const" in schema) return quote(schema.const);
  if ("enum" in schema && schema.enum) {
    return schema.enum.length === 1 ? quote(schema.enum[0]) : `one of ${schema.enum.map(quote).join(", ")}`;
  }
  if (!("type" in schema)) return "a value";
  if (schema.type === "array") return `a list${ofItems(schema.items)}`;
  if (schema.type === "string" && schema.pattern !== undefined)
    return `a string that matches ${schema.pattern}`;
  return typeWords[schema.type] ?? "a value";
}

function ofItems(items: Schema | undefined): string {
  if (!items || !("type" in items) || "enum" in items) return "";
  const plural = { string: "strings", number: "numbers", integer: "whole numbers", object: "objects" };
  const word = plural[items.type as keyof typeof plural];
  return word ? ` of ${word}` : "";
}

function either(alternatives: readonly string[]): string {
  const last = alternatives.at(-1) ?? "a value";
  const others = alternatives.slice(0, -1);
  return others.length === 0 ? last : `${others.join(", ")}${others.length > 1 ? "," : ""} or ${last}`;
}

/** Every word that a schema lists as a value, through its alternatives. */
export function listedWords(schema: Schema): readonly string[] {
  if ("anyOf" in schema) return schema.anyOf.flatMap(listedWords);
  if ("const" in schema) return typeof schema.const === "string" ? [schema.const] : [];
  return "enum" in schema && schema.enum ? schema.enum : [];
}

/** Whether a value would be right if it stood in a list. */
export function isForList(schema: Schema, value: Json): boolean {
  if ("anyOf" in schema) return schema.anyOf.some((branch) => isForList(branch, value));
  if (!("type" in schema) || schema.type !== "array" || !("type" in schema.items)) return false;
  const { items } = schema;
  return (
    items.type === typeOf(value) && (!("enum" in items) || (items.enum?.includes(value as string) ?? true))
  );
}
