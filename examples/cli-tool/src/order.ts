import type { Count } from "~/count.ts";

export const orders = ["lines", "files", "language"] as const;
export type Order = (typeof orders)[number];

/** Most first; languages by name. */
export function inOrder(counts: readonly Count[], order: Order): Count[] {
  const byName = (a: Count, b: Count) => (a.language < b.language ? -1 : 1);
  return counts.toSorted((a, b) => (order === "language" ? 0 : b[order] - a[order]) || byName(a, b));
}
