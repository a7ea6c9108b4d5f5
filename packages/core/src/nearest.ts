import { distance } from "fastest-levenshtein";

/**
 * The candidate most like `word`, or undefined when none is like it. Two swapped letters count as two mistakes. Of two
 * letters one is half of the word: nobody meant "fs" by "ms".
 */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  let best: string | undefined;
  const tolerated = word.length < 3 ? 0 : word.length < 4 ? 1 : Math.max(2, Math.floor(word.length / 3));
  let bestDistance = tolerated + 1;
  for (const candidate of candidates) {
    const d = distance(word.toLowerCase(), candidate.toLowerCase());
    if (d < bestDistance) {
      best = candidate;
      bestDistance = d;
    }
  }
  return best;
}
