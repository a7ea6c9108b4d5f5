/** The up to three names that look most like `name`, if any does: for messages. */
export function nearest(name: string, known: Iterable<string>): readonly string[] {
  const wanted = name.slice(0, 40).toLowerCase();
  const limit = Math.max(1, Math.floor(wanted.length / 3));
  return [...known]
    .map((candidate) => ({ candidate, steps: distance(wanted, candidate.toLowerCase(), limit) }))
    .filter(({ steps }) => steps <= limit)
    .sort((a, b) => a.steps - b.steps || (a.candidate < b.candidate ? -1 : 1))
    .slice(0, 3)
    .map(({ candidate }) => candidate);
}

/** How many letters must be added, taken away or replaced (Levenshtein); may be any number above `limit` when above it. */
function distance(from: string, to: string, limit: number): number {
  if (Math.abs(from.length - to.length) > limit) return limit + 1;
  let row = Array.from({ length: to.length + 1 }, (_, at) => at);
  for (let line = 1; line <= from.length; line++) {
    const next = [line];
    for (let at = 1; at <= to.length; at++)
      next.push(
        Math.min(row[at]! + 1, next[at - 1]! + 1, row[at - 1]! + (from[line - 1] === to[at - 1] ? 0 : 1)),
      );
    row = next;
  }
  return row[to.length]!;
}
