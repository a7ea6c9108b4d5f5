import type { Rebased } from "../rebase.ts";
import type { Colors } from "../terminal.ts";
import { shownPath } from "./diagnostic.ts";
import { signerText } from "./summary.ts";
import { formatBytes, formatDuration } from "./units.ts";

/** The end of a rebase for people: which file, from which runtime to which. */
export function renderRebase({ output, target, before, after }: Rebased, ms: number, paint: Colors): string {
  const facts = [
    target,
    shownPath(output),
    before.runtime === after.runtime
      ? `Node ${after.runtime} as before`
      : `Node ${before.runtime} → ${after.runtime}`,
    before.size === after.size
      ? formatBytes(after.size)
      : `${formatBytes(before.size)} → ${formatBytes(after.size)}`,
    after.codeCache ? "code cache" : "no code cache",
    ...(after.signer === undefined ? [] : [signerText({ signer: after.signer })]),
  ];
  return `  ${facts.join("  ")}\n  ${paint.green("done")} in ${formatDuration(ms)}`;
}
