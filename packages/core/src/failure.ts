import type { Step } from "./config/index.ts";
import { placeOfThrow } from "./config/place-of-throw.ts";
import { isSbpError, SbpError } from "./error.ts";

/** What a step threw, as an error that names step and plugin and tells the user's troubles from a plugin's bugs. */
export function stepFailure(error: unknown, step: Step): SbpError {
  const failure = isSbpError(error) ? error : (fromSystem(error) ?? fromBug(error, step));
  failure.step ??= step.id;
  failure.plugin ??= step.plugin.name;
  return failure;
}

/** Troubles of the machine that can hit any step: undefined for all others. */
export function fromSystem(error: unknown): SbpError | undefined {
  const { code, message, ...places } = (error ?? {}) as NodeJS.ErrnoException & { dest?: string };
  // Of a copy that failed, the destination is what cannot be written.
  const path = places.dest ?? places.path;
  switch (code) {
    case "ENOSPC":
    case "EDQUOT":
      return new SbpError("SBP_DISK_FULL", `The disk is full${path ? `: ${path}` : ""}`, {
        hint: "Free some space, or make room with `sbp cache gc --max-size 1GB`, or point SBP_CACHE_DIR to another disk.",
        cause: error,
      });
    case "EFBIG":
      return new SbpError(
        "SBP_DISK_FULL",
        `A file would become larger than allowed here${path ? `: ${path}` : ""}`,
        {
          hint: "Raise the limit on file sizes (`ulimit -f`).",
          cause: error,
        },
      );
    case "EMFILE":
    case "ENFILE":
      return new SbpError("SBP_TOO_MANY_FILES", `The system refuses to open more files: ${message}`, {
        hint: "Raise the limit on open files (`ulimit -n`), or lower --concurrency.",
        cause: error,
      });
    default:
      return undefined;
  }
}

function fromBug(error: unknown, step: Step): SbpError {
  const message = error instanceof Error ? error.message : String(error);
  return new SbpError("SBP_PLUGIN_THREW", `The plugin "${step.plugin.name}" failed: ${message}`, {
    location: placeOfThrow(error, step.pluginFiles ?? []),
    hint: "Run again with --verbose for the stack trace; this is a mistake in the plugin, or a case it does not know.",
    cause: error,
  });
}
