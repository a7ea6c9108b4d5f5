export type Json = null | boolean | number | string | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [key: string]: Json | undefined;
}

/** JSON text with sorted keys and without white space: equal values give equal text. */
export function canonicalJson(value: Json | undefined): string {
  if (value === undefined || value === null || typeof value !== "object")
    return JSON.stringify(value ?? null);
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
  const object = value as JsonObject;
  const entries = Object.keys(object)
    .filter((key) => object[key] !== undefined)
    .sort()
    .map((key) => `${JSON.stringify(key)}:${canonicalJson(object[key])}`);
  return `{${entries.join(",")}}`;
}

/** A copy that looks the same for all values of the same canonical text: keys are sorted, what is undefined is left out. */
export function normalJson<T extends Json>(value: T): T {
  return JSON.parse(canonicalJson(value)) as T;
}
