import { resolve } from "node:path";
import { exitCodes, SbpError } from "@sbp/core";
import type { PackedApp } from "@sbp/plugin-embed-runtime";
import { usageError } from "./usage-error.ts";

/** The runtime that a rebase is to take, as the config of cross-target has it. */
export interface RebaseRuntime {
  readonly option: string | { readonly path: string; readonly version?: string };
  /** Asked for by name; otherwise it may not be older than the one before. */
  readonly named: boolean;
}

/**
 * What --runtime asks for: `node@…`, or a path, which has a separator; or --libs: the version that the executable has.
 * Throws SBP_USAGE, SBP_REBASE_LIBS, and SBP_REBASE_RUNTIME where nothing is asked for and nothing can be taken for
 * granted.
 */
export function rebaseRuntime(
  options: {
    readonly runtime: string | undefined;
    readonly "runtime-version": string | undefined;
    readonly libs: boolean;
  },
  { build: { node, selfContained, target } }: PackedApp,
  cwd: string,
): RebaseRuntime {
  const { runtime, "runtime-version": version, libs } = options;
  if (libs && runtime !== undefined)
    throw usageError(
      "--libs keeps the runtime, --runtime gives another",
      "Leave out --libs: new libraries come with every runtime.",
    );
  if (libs && !selfContained)
    throw new SbpError("SBP_REBASE_LIBS", "The executable carries no libraries that could be renewed", {
      hint: target.startsWith("linux-")
        ? "It was built to use those of the machine: build it again with selfContained."
        : "Only executables for Linux carry any: leave out --libs to get a newer Node.",
      exitCode: exitCodes.badUsage,
    });
  // A range may hold spaces and signs, but none of these.
  const isPath = runtime !== undefined && !runtime.startsWith("node@") && /[/\\]/.test(runtime);
  if (version !== undefined && !isPath)
    throw usageError(
      "--runtime-version belongs to a runtime that is given by its path",
      `Write --runtime node@${version} for an official one.`,
    );
  if (version !== undefined && !/^v?\d+\.\d+\.\d+/.test(version))
    throw usageError(`--runtime-version ${version}: not an exact version`, "Write all of it, as in 26.10.0.");
  if (isPath) return { option: { path: resolve(cwd, runtime), ...(version && { version }) }, named: true };
  if (runtime !== undefined) return { option: runtime, named: true };
  if (node.own)
    throw new SbpError(
      "SBP_REBASE_RUNTIME",
      `The executable has a runtime of your own (Node ${node.version}): which one shall it get?`,
      {
        hint: "Name it: --runtime ./vendor/node, or --runtime node@… for an official one.",
        exitCode: exitCodes.badUsage,
      },
    );
  if (libs) return { option: `node@${node.version}`, named: true };
  return { option: `node@${node.version.split(".", 1)[0]}`, named: false };
}
