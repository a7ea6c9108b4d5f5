import type { StoreEntry } from "@sbp/core";
import type { Colors } from "../terminal.ts";
import { printable, table } from "./text.ts";
import { count, formatAge, formatBytes } from "./units.ts";

/** The store's artifacts as a table. */
export function renderStore(dir: string, entries: readonly StoreEntry[], paint: Colors): string {
  if (entries.length === 0) return `${printable(dir)} is empty`;
  const now = Date.now();
  const [head, ...rows] = table(
    [
      ["KIND", "STEP", "TARGET", "SIZE", "STORED", "USED", "DIGEST"],
      ...entries.map(({ kind, step, target, digest, size, storedBytes, lastUsed }) => [
        printable(kind),
        printable(step),
        printable(target ?? ""),
        formatBytes(size),
        formatBytes(storedBytes),
        formatAge(lastUsed, now),
        digest.slice(0, 12),
      ]),
    ],
    [3, 4],
  );
  return [paint.dim(head!), ...rows, `${count(entries.length, "artifact")} in ${printable(dir)}`].join("\n");
}
