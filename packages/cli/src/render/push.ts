import type { Pushed } from "../push.ts";
import type { Colors } from "../terminal.ts";
import { printable } from "./text.ts";
import { formatBytes, formatDuration } from "./units.ts";

/** `uploaded 45.5 MB sha256:47ae8a890f2b`. */
export function blobLine({ digest, size }: { digest: string; size: number }, outcome: string): string {
  return `${outcome.padEnd(8)}  ${formatBytes(size)}  ${digest.slice(0, 19)}`;
}

/** The end of a push for people. The digest stands alone, so that it can be copied. */
export function renderPush(
  { references, digest, images, uploaded, isNew }: Pushed,
  { ms, dryRun }: { readonly ms: number; readonly dryRun: boolean },
  paint: Colors,
): string {
  const names = references.map((reference) => `  ${printable(reference)}`);
  const parts =
    images.length > 1 ? images.map(({ target, digest }) => `  ${target.padEnd(12)}  ${digest}`) : [];
  const end = dryRun
    ? `${paint.yellow("dry run")}: nothing was pushed`
    : isNew
      ? `${paint.green("pushed")} in ${formatDuration(ms)}: ${formatBytes(uploaded)} uploaded`
      : `${paint.green("unchanged")} in ${formatDuration(ms)}: the registry has it`;
  return [...parts, ...names, `  ${digest}`, `  ${end}`].join("\n");
}
