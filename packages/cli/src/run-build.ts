import {
  type BuildResult,
  build,
  type Diagnostic,
  exitCodes,
  isSbpError,
  type OutputBase,
  openStore,
  type Project,
  type RemoteOptions,
  type SbpError,
  type Target,
} from "@sbp/core";
import { parseConcurrency } from "./build-options.ts";
import { cacheFolder } from "./cache-folder.ts";
import type { GlobalValues } from "./command.ts";
import { interruptible } from "./interrupt.ts";
import { openProject } from "./project.ts";
import { placeDiagnostic, placeError, placeEvent } from "./project-places.ts";
import { openRenderer } from "./render/renderer.ts";
import type { Terminal } from "./terminal.ts";

export interface BuildRequest {
  readonly cwd: string;
  readonly globals: GlobalValues;
  readonly terminal: Terminal;
  readonly entry?: string | undefined;
  readonly targets?: readonly Target[] | undefined;
  readonly options: {
    readonly offline: boolean;
    readonly "frozen-lock": boolean;
    readonly strict: boolean;
    readonly force: boolean;
    readonly concurrency: string | undefined;
    readonly until?: string | undefined;
  };
  /** Standard output is not sbp's. */
  readonly leavesStdout?: boolean;
  /** Throws for a project that what comes after the build could not use; nothing has run then. */
  readonly check?: (project: Project) => void;
  readonly onBase?: (base: OutputBase, project: Project) => void;
}

/** Builds, showing what goes on; Ctrl-C cancels. Throws SbpError for what is refused before anything runs. */
export async function runBuild(request: BuildRequest): Promise<BuildResult> {
  const { cwd, globals, terminal, options, onBase } = request;
  const concurrency = parseConcurrency(options.concurrency);
  const [project, store] = await Promise.all([
    openProject({ cwd, configFile: globals.config, entry: request.entry }),
    openStore(),
  ]);
  request.check?.(project);
  const remote = await openRemote();
  const renderer = openRenderer(terminal, { ...globals, leavesStdout: request.leavesStdout ?? false });
  const onInterrupt = () => renderer.notice("  cancelling; once more to stop at once");
  try {
    if (store.temporary)
      renderer.event({ type: "diagnostic", action: "cache", diagnostic: unwritableStore() });
    const result = await interruptible(
      (signal) =>
        build({
          project,
          store,
          signal,
          onEvent: (event) => renderer.event(placeEvent(event, project.dir)),
          offline: options.offline,
          force: options.force,
          frozenLock: options["frozen-lock"],
          strict: options.strict,
          ...(onBase && { onBase: (base) => onBase(base, project) }),
          ...(remote && { remote }),
          ...(options.until !== undefined && { until: options.until }),
          ...(request.targets && { targets: request.targets }),
          ...(concurrency !== undefined && { concurrency }),
        }),
      onInterrupt,
    );
    return {
      ...result,
      errors: result.errors.map((error) => placeError(error, project.dir)),
      diagnostics: result.diagnostics.map((diagnostic) => placeDiagnostic(diagnostic, project.dir)),
    };
  } catch (error) {
    throw isSbpError(error) ? placeError(error, project.dir) : error;
  } finally {
    renderer.end();
    await Promise.all([store.close(), remote?.storage.close()]);
  }
}

/** Where results are shared with other machines; only loaded where the environment names it. */
export async function openRemote(): Promise<RemoteOptions | undefined> {
  if (!process.env.SBP_REMOTE_CACHE) return undefined;
  const { openStorage } = await import("@sbp/remote-cache");
  return openStorage(process.env);
}

/** Trouble with the cache slows a build; it fails none. */
export function unwritableStore(): Diagnostic {
  return {
    severity: "warning",
    code: "SBP_CACHE_UNWRITABLE",
    message: `The cache folder ${cacheFolder()} cannot be written; this build keeps nothing for the next one`,
    hint: "Point SBP_CACHE_DIR to a folder that can be written.",
  };
}

/** What a build's end means for the process: a failed step weighs more than a policy that said no. */
export function exitCodeOf({ outcome, errors }: Pick<BuildResult, "outcome" | "errors">): number {
  if (outcome === "done") return exitCodes.done;
  if (outcome === "cancelled") return exitCodes.interrupted;
  const codes = errors.map((error: SbpError) => error.exitCode);
  return codes.includes(exitCodes.stepFailed) ? exitCodes.stepFailed : (codes[0] ?? exitCodes.stepFailed);
}
