import { exitCodes, nearest, SbpError } from "@sbp/core";

/** SBP_USAGE: the command line itself is wrong. */
export function usageError(message: string, hint?: string): SbpError {
  return new SbpError("SBP_USAGE", message, { exitCode: exitCodes.badUsage, ...(hint ? { hint } : {}) });
}

/** SBP_USAGE for a word that is none of `known`: names the nearest one. */
export function unknownWord(
  what: string,
  word: string,
  known: readonly string[],
  otherwise: string,
): SbpError {
  // Dashes are left out of the comparison: they would make `--x` and `--y` alike.
  const bare = (text: string) => text.replace(/^-+/, "");
  const guess = nearest(bare(word), known.map(bare));
  const match = known.find((candidate) => bare(candidate) === guess);
  return usageError(
    `unknown ${what} "${word}"`,
    match === undefined ? otherwise : `Did you mean "${match}"? ${otherwise}`,
  );
}
