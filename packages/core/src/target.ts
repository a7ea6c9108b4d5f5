import { exitCodes, SbpError } from "./error.ts";
import { nearest } from "./nearest.ts";

/** All targets, in the order in which they are listed and built. */
export const targets = [
  "linux-x64",
  "linux-arm64",
  "darwin-x64",
  "darwin-arm64",
  "win32-x64",
  "win32-arm64",
] as const;

/** An operating system and a processor in Node's words: `<process.platform>-<process.arch>`. */
export type Target = (typeof targets)[number];

export function isTarget(text: string): text is Target {
  return (targets as readonly string[]).includes(text);
}

/** The target that runs on this machine, or undefined where sbp has none for it. */
export function hostTarget(): Target | undefined {
  const host = `${process.platform}-${process.arch}`;
  return isTarget(host) ? host : undefined;
}

/** Throws SBP_TARGET_UNKNOWN for a name that is no target. */
export function parseTarget(text: string): Target {
  if (isTarget(text)) return text;
  const guess = nearest(text, targets);
  throw new SbpError("SBP_TARGET_UNKNOWN", `"${text}" is not a target`, {
    hint: `${guess ? `Did you mean "${guess}"? ` : ""}Targets are ${targets.join(", ")}.`,
    exitCode: exitCodes.badUsage,
  });
}
