import { basename } from "node:path";
import type { Diagnostic, SourceLocation } from "../error.ts";
import type { Json } from "../json.ts";
import { nearest } from "../nearest.ts";
import type { ObjectSchema, Schema } from "../schema.ts";
import { isTarget, targetsMeant } from "../target.ts";
import type { JsonDocument, JsonPath } from "./json-document.ts";
import { pointerKeys, pointerPath, showPath, valueAt } from "./json-pointer.ts";
import { describeSchema, describeValue, isForList, listedWords, quote } from "./schema-text.ts";
import { readUnions } from "./union-errors.ts";
import type { ValidationError, Validator } from "./validator.ts";

/** A hostile config may have any number of errors. */
const maximumErrors = 1000;

/** A value that is checked, and the place it came from. */
export interface Subject {
  readonly value: Json;
  readonly schema: ObjectSchema;
  readonly document: JsonDocument;
  /** Where the value stands in the document. */
  readonly path: JsonPath;
  /** What `use` says, when the value is a step's options. */
  readonly use?: string;
}

/** Everything that a validator finds wrong, as SBP_CONFIG_INVALID with its place, what is allowed and the nearest name. */
export function diagnose(validator: Validator, subject: Subject): Diagnostic[] {
  if (validator(subject.value)) return [];
  const errors = (validator.errors ?? []).slice(0, maximumErrors);
  return readUnions(errors, subject.schema, subject.value).map((error) => {
    const finding = describe(error, subject);
    return { severity: "error", code: "SBP_CONFIG_INVALID", ...finding };
  });
}

type Finding = Pick<Diagnostic, "message" | "hint"> & { readonly location: SourceLocation };

function describe(error: ValidationError, subject: Subject): Finding {
  const path = pointerPath(error.instancePath, subject.value);
  const value = valueAt(subject.value, path) as Json;
  const schema = (valueAt(subject.schema, pointerKeys(error.schemaPath).slice(0, -1)) ?? {}) as Schema;
  const name = nameOf(path, subject);
  const at = (end: JsonPath, part?: "key"): SourceLocation =>
    subject.document.locate([...subject.path, ...end], part);
  const finding = (message: string, hint?: string): Finding => ({
    message: `${name} ${message}`,
    ...withHint(hint ?? descriptionOf(schema)),
    location: at(path),
  });
  const limit = String(error.params.limit);

  switch (error.keyword) {
    case "additionalProperties": {
      const key = String(error.params.additionalProperty);
      const allowed = Object.keys(("properties" in schema && schema.properties) || {});
      return {
        message: unknownKey(key, path, subject),
        ...withHint(`${didYouMean(key, allowed)}${allowedKeys(allowed, path, subject)}`),
        location: at([...path, key], "key"),
      };
    }
    case "required": {
      const key = String(error.params.missingProperty);
      const property = "properties" in schema ? schema.properties?.[key] : undefined;
      return {
        message: `${nameOf([...path, key], subject)} is missing`,
        ...withHint(property && descriptionOf(property)),
        // A step is best recognised by its plugin.
        location: at(path.length === 0 && subject.use !== undefined ? ["use"] : path),
      };
    }
    case "type":
    case "enum":
    case "const":
    case "anyOf": {
      const words = listedWords(schema);
      const guess = typeof value === "string" ? didYouMean(value, words).trim() : "";
      const list = isForList(schema, value) ? `Write it as a list: [${quote(value)}].` : "";
      const message = `must be ${describeSchema(schema)}, not ${describeValue(value)}`;
      return finding(message, list || guess || undefined);
    }
    case "pattern":
      return finding(`must be ${describeSchema(schema)}, not ${describeValue(value)}`);
    case "minimum":
      return finding(`must be at least ${limit}, not ${quote(value)}`);
    case "maximum":
      return finding(`must be at most ${limit}, not ${quote(value)}`);
    case "minLength":
    case "minItems": {
      if (limit === "1") return finding("must not be empty");
      return finding(`must have at least ${limit} ${error.keyword === "minItems" ? "items" : "characters"}`);
    }
    case "uniqueItems": {
      const item = [...path, Math.max(Number(error.params.i), Number(error.params.j))];
      const twice = quote(valueAt(subject.value, item));
      return { ...finding(`must not list ${twice} twice`), location: at(item) };
    }
    default:
      return finding(error.message ?? "is not valid");
  }
}

function nameOf(path: JsonPath, { use, document }: Subject): string {
  if (path.length === 0) return use === undefined ? basename(document.file) : quote(use);
  return use === undefined ? quote(showPath(path)) : `Option ${quote(showPath(path))} of ${quote(use)}`;
}

function unknownKey(key: string, path: JsonPath, subject: Subject): string {
  const noun = path.length === 0 && subject.use !== undefined ? "option" : "key";
  return `${nameOf(path, subject)} has no ${noun} ${quote(key)}`;
}

function allowedKeys(allowed: readonly string[], path: JsonPath, { use }: Subject): string {
  const noun = path.length === 0 && use !== undefined ? "options" : "keys";
  return allowed.length === 0 ? `It has no ${noun}.` : `Its ${noun} are ${allowed.map(quote).join(", ")}.`;
}

/** A question with a space behind it, or nothing. */
export function didYouMean(word: string, candidates: readonly string[]): string {
  const isTargets = candidates.length > 0 && candidates.every(isTarget);
  const guess = isTargets ? targetsMeant(word)[0] : nearest(word, candidates);
  return guess === undefined ? "" : `Did you mean ${quote(guess)}? `;
}

function descriptionOf(schema: Schema): string | undefined {
  const examples = "examples" in schema && schema.examples?.length ? schema.examples.map(quote) : [];
  const text = [schema.description, examples.length > 0 ? `For example ${examples.join(", ")}.` : undefined];
  return text.filter((sentence) => sentence !== undefined).join(" ") || undefined;
}

function withHint(hint: string | undefined): { hint?: string } {
  return hint ? { hint } : {};
}
