import { availableParallelism } from "node:os";
import { exitCodes, hostTarget, parseTarget, SbpError, type Target, targets } from "@sbp/core";
import type { OptionTable } from "./command.ts";
import { usageError } from "./usage-error.ts";

/** The options that say how to build; `build` and `run` share them. */
export const buildOptions = {
  offline: { type: "boolean", description: "Fetch nothing: use what the lock file and the store have" },
  "frozen-lock": { type: "boolean", description: "Refuse to change sbp.lock.json (for CI)" },
  strict: { type: "boolean", description: "Take warnings for errors" },
  force: { type: "boolean", description: "Run every step, whatever the store has" },
  concurrency: {
    type: "string",
    value: "N",
    description: `Run at most N actions at once (default: one per processor)`,
  },
} as const satisfies OptionTable;

/** What --target takes. */
export const targetWords: readonly string[] = [...targets, "all", "host"];

/** The number behind --concurrency. Throws SBP_USAGE for what is no whole number from 1 on. */
export function parseConcurrency(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^[1-9][0-9]{0,3}$/.test(text))
    throw usageError(
      `--concurrency ${text}: not a number from 1 to 9999`,
      `This machine has ${availableParallelism()} processors.`,
    );
  return Number(text);
}

/**
 * The targets behind --target: names, comma lists, `all`, `host`; in the order in which all are listed. Undefined
 * when none was named. Throws SBP_TARGET_UNKNOWN, and SBP_TARGET_HOST where this machine is none.
 */
export function parseTargets(values: readonly string[]): readonly Target[] | undefined {
  if (values.length === 0) return undefined;
  const chosen = new Set<Target>();
  for (const name of values.flatMap((value) => value.split(",")).map((word) => word.trim())) {
    if (name === "all") for (const target of targets) chosen.add(target);
    else chosen.add(name === "host" ? thisMachine() : parseTarget(name));
  }
  return targets.filter((target) => chosen.has(target));
}

/** The target of this machine. Throws SBP_TARGET_HOST where sbp has none for it. */
export function thisMachine(): Target {
  const host = hostTarget();
  if (host) return host;
  throw new SbpError(
    "SBP_TARGET_HOST",
    `sbp has no target for this machine (${process.platform}-${process.arch})`,
    {
      hint: `Name one with --target: ${targets.join(", ")}.`,
      exitCode: exitCodes.badUsage,
    },
  );
}
