import type { StoreEntry } from "@sbp/core";
import type { Channel } from "../terminal.ts";
import { printable, table } from "./text.ts";
import { count, formatAge, formatBytes } from "./units.ts";

interface StoreContent {
  readonly dir: string;
  readonly entries: readonly StoreEntry[];
  /** Of all, what they share counted once. */
  readonly bytes: number;
}

/** The store's artifacts as a table; digests only where `width` has room for them. */
export function renderStore(
  { dir, entries, bytes }: StoreContent,
  { paint, width }: Pick<Channel, "paint" | "width">,
): string {
  if (entries.length === 0) return `${printable(dir)} is empty`;
  const now = Date.now();
  // Files that artifacts share are stored once.
  const shares = entries.some(({ size, storedBytes }) => size !== storedBytes);
  const lines = (digests: boolean) =>
    table(
      [
        ["STEP", "KIND", "SIZE", shares ? "STORED" : "", "USED", digests ? "DIGEST" : ""],
        // A step's name tells the target, too.
        ...entries.map(({ kind, step, digest, size, storedBytes, lastUsed }) => [
          printable(step),
          printable(kind),
          formatBytes(size),
          shares ? formatBytes(storedBytes) : "",
          formatAge(lastUsed, now),
          digests ? digest.slice(0, 12) : "",
        ]),
      ],
      [2, 3],
    );
  const full = lines(true);
  const [head, ...rows] = full.some((line) => line.length > width()) ? lines(false) : full;
  return [
    paint.dim(head!),
    ...rows,
    `${count(entries.length, "artifact")}, ${formatBytes(bytes)} in all, in ${printable(dir)}`,
  ].join("\n");
}
