import type { JsonObject } from "@sbp/core";

/**
 * What to add to an artifact's meta for the user: how many bytes there were before the first step strip and how many
 * there are now. Kept in the meta because a cached result must tell it as well.
 */
export function strippedMeta(meta: JsonObject, before: number, after: number): JsonObject {
  const { before: first = before } = (meta["stripped"] ?? {}) as { before?: number };
  return { stripped: { before: first, after } };
}
