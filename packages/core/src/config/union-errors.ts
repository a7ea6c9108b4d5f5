import type { Json } from "../json.ts";
import type { Schema } from "../schema.ts";
import { pointerKeys, pointerPath, valueAt } from "./json-pointer.ts";
import { meantBranch } from "./union.ts";
import type { ValidationError } from "./validator.ts";

/**
 * A failed `anyOf` comes as the errors of all its alternatives, then its own. Leaves of each such pile either the
 * errors of the alternative that the value is meant for, or its own error alone.
 */
export function readUnions(
  errors: readonly ValidationError[],
  schema: Schema,
  value: Json,
): ValidationError[] {
  const result: ValidationError[] = [];
  for (let index = errors.length - 1; index >= 0; index--) {
    const error = errors[index]!;
    if (error.keyword !== "anyOf") {
      result.push(error);
      continue;
    }
    const pile: ValidationError[] = [];
    while (index > 0 && belongsTo(errors[index - 1]!, error)) pile.push(errors[--index]!);
    result.push(...choose(error, pile.reverse(), schema, value).reverse());
  }
  return result.reverse();
}

function choose(
  union: ValidationError,
  pile: readonly ValidationError[],
  schema: Schema,
  value: Json,
): ValidationError[] {
  const branches = valueAt(schema, pointerKeys(union.schemaPath));
  if (!Array.isArray(branches)) return [union];
  const part = valueAt(value, pointerPath(union.instancePath, value)) as Json;
  const meant = meantBranch(branches as readonly Schema[], part);
  const ofBranch = pile.filter(({ schemaPath }) => schemaPath.startsWith(`${union.schemaPath}/${meant}/`));
  // A wrong string may be meant for a listed word just as well as for the alternative with a pattern.
  const itself = ofBranch.some(
    ({ keyword, instancePath }) => keyword === "pattern" && instancePath === union.instancePath,
  );
  return ofBranch.length === 0 || itself ? [union] : readUnions(ofBranch, schema, value);
}

function belongsTo(error: ValidationError, union: ValidationError): boolean {
  const inside =
    error.instancePath === union.instancePath || error.instancePath.startsWith(`${union.instancePath}/`);
  return inside && error.schemaPath.startsWith(`${union.schemaPath}/`);
}
