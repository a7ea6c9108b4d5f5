import type { JsonObject } from "@sbp/core";

/** What the step strip made smaller. Bytes. */
export type Stripped = { readonly before: number; readonly after: number };

/** What an artifact's meta says of it; undefined where nothing was stripped. */
export function strippedOf({ stripped }: JsonObject): Stripped | undefined {
  const { before, after } = (stripped ?? {}) as JsonObject;
  return typeof before === "number" && typeof after === "number" ? { before, after } : undefined;
}
