import { exitCodes, hostTarget, SbpError, type Target, targets } from "@sbp/core";
import type { Options } from "./options.ts";

/** The targets that the options name, in the order in which targets are listed. Throws SBP_TARGET_UNKNOWN. */
export function lanes(options: Pick<Options, "targets">): readonly Target[] {
  const wanted = options.targets;
  if (wanted === "all") return targets;
  if (wanted === "host") return [hostTarget() ?? unknownHost()];
  return targets.filter((target) => wanted.includes(target));
}

/** For a machine that sbp has no target for: nothing can be built for it, or on it. */
export function unknownHost(): never {
  throw new SbpError(
    "SBP_TARGET_UNKNOWN",
    `sbp has no target for this machine (${process.platform}-${process.arch})`,
    {
      hint: `Build on one of ${targets.join(", ")}.`,
      exitCode: exitCodes.badUsage,
    },
  );
}
