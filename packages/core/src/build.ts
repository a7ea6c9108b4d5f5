import { availableParallelism } from "node:os";
import {
  type BuildSession,
  buildMemory,
  openProjectMemory,
  type ProjectMemory,
  type Watching,
} from "./build-session.ts";
import { milliseconds } from "./clock.ts";
import type { Project } from "./config/index.ts";
import type { OutputBase } from "./early-copies.ts";
import type { Diagnostic, SbpError } from "./error.ts";
import { isSbpError } from "./error.ts";
import type { ActionId, EventSink } from "./event.ts";
import { EventGuard } from "./event-guard.ts";
import { fromSystem } from "./failure.ts";
import { FoundPins } from "./found-pins.ts";
import { type Plan, planBuild, planUntil } from "./plan.ts";
import { type Output, publish } from "./publish.ts";
import type { RemoteOptions } from "./remote/remote-cache.ts";
import { resolveSteps } from "./resolve-steps.ts";
import { type ActionOutcome, runActions } from "./scheduler.ts";
import type { SharedWork } from "./shared-work.ts";
import { openTemporaryStore, type Store } from "./store/store.ts";
import { StoreTrouble } from "./store/store-trouble.ts";
import type { Target } from "./target.ts";

export interface BuildOptions {
  readonly project: Project;
  readonly store: Store;
  /** Instead of those that the config names. */
  readonly targets?: readonly Target[];
  /** Go no further than this step: its id, its plugin, or a kind of artifact that it makes. */
  readonly until?: string;
  /** Cancels the build; it ends with the outcome "cancelled" and leaves nothing behind. */
  readonly signal?: AbortSignal;
  readonly onEvent?: EventSink;
  /**
   * Told of what an output will begin with while the rest of it is being made, where it began so last time: a guess, from which whoever
   * sends large files may gain time.
   */
  readonly onBase?: (base: OutputBase) => void;
  /** Actions that may run at once. Default: the number of processors. */
  readonly concurrency?: number;
  /** Fetch nothing from a network. */
  readonly offline?: boolean;
  /** Run every action, whatever the store has. */
  readonly force?: boolean;
  /** Refuse to change sbp.lock.json. */
  readonly frozenLock?: boolean;
  /** Take the steps' warnings for errors. What the store keeps is the same with and without. */
  readonly strict?: boolean;
  /** Take results that other machines have shared, and share those of this build. Nothing is asked when `offline`. */
  readonly remote?: RemoteOptions;
  /** Actions that may run at once, and which do, together with builds of other projects; in place of `concurrency`. */
  readonly shared?: SharedWork;
}

export interface BuildResult {
  readonly outcome: "done" | "failed" | "cancelled";
  /** Milliseconds. */
  readonly ms: number;
  readonly outputs: readonly Output[];
  readonly actions: readonly {
    readonly id: ActionId;
    readonly step: string;
    readonly target?: Target;
    readonly outcome: ActionOutcome["outcome"];
    readonly ms: number;
    /** Why it ran or did not; empty for what failed or was cancelled. */
    readonly reason: string;
  }[];
  readonly errors: readonly SbpError[];
  /** Warnings and notes of all steps. */
  readonly diagnostics: readonly Diagnostic[];
  /** The path of sbp-manifest.json, once everything is in place. */
  readonly manifest?: string;
}

/**
 * Builds a project. Throws an SbpError when it is refused before anything runs (config, plan, lock); failures of
 * steps are in the result, with everything that does not depend on them done. What `onEvent` throws comes at the end.
 */
export async function build(options: BuildOptions): Promise<BuildResult> {
  try {
    return await buildKeepingPlugins(options);
  } finally {
    await disposePlugins(options.project, new EventGuard(options.onEvent).emit);
  }
}

/** The same for one of several projects that share plugins: disposing of them is left to the caller. */
export async function buildKeepingPlugins(options: BuildOptions): Promise<BuildResult> {
  const guard = new EventGuard(options.onEvent);
  const whole = planBuild(options.project, options.targets);
  const plan = options.until === undefined ? whole : planUntil(whole, options.until);
  const memory = openProjectMemory(options.project, options.store);
  const { result } = await buildPlan(plan, options, memory, guard.emit);
  await saveMemory(memory, options.store, guard.emit);
  guard.end();
  return result;
}

/** A build's result, and what became of each action. */
export interface PlanBuilt {
  readonly result: BuildResult;
  /** None where the build was cancelled before the first. */
  readonly outcomes: readonly ActionOutcome[];
}

/** Builds a plan. Plugins keep their sessions, and `memory` what it has learned: both are the caller's. */
export async function buildPlan(
  plan: Plan,
  options: BuildOptions,
  memory: ProjectMemory,
  emit: EventSink,
  watching?: Watching,
): Promise<PlanBuilt> {
  const started = milliseconds();
  const ms = () => Math.round(milliseconds() - started);
  const { project, store, offline = false, force = false, frozenLock = false, strict = false } = options;
  const signal = options.signal ?? new AbortController().signal;
  emit({
    type: "build-started",
    name: project.app.name,
    targets: plan.targets,
    actions: plan.actions.map(({ id, step, target }) => ({
      id,
      step: step.id,
      ...(target ? { target } : {}),
    })),
  });
  try {
    const { pins, lock } = await resolveSteps(plan, { offline, frozenLock, signal, emit });
    const own = buildMemory(memory, project, store, new FoundPins(lock, frozenLock), options.onBase);
    const { inputs, paths } = own;
    const remote =
      options.remote && !offline
        ? new (await import("./remote/remote-cache.ts")).RemoteCache(options.remote, {
            store,
            inputs,
            paths,
            signal,
            emit,
          })
        : undefined;
    const session = {
      project,
      store,
      ...own,
      remote,
      shared: options.shared,
      pins,
      signal,
      emit,
      offline,
      force,
      strict,
      watching,
      isRetry: false,
      isLastTry: false,
    };
    const tidied = store.spares.removeOld();
    const release = remote && store.blobs.use(remote);
    try {
      const ended = await withPatience(plan, session, options.concurrency ?? availableParallelism());
      await session.found.save(project.dir, emit);
      await remote?.settled();
      return finished(ended, ms(), emit);
    } finally {
      release?.();
      await Promise.all([session.earlyCopies.discard(), tidied]);
    }
  } catch (error) {
    // What runs before the actions has ended early because the user asked for it.
    if (!signal.aborted) throw error;
    const ending = { outcome: "cancelled", outputs: [], errors: [] } as const;
    return finished({ outcomes: [], ending }, ms(), emit);
  }
}

type Ending = Pick<BuildResult, "outcome" | "outputs" | "errors" | "manifest">;

interface Ended {
  readonly outcomes: readonly ActionOutcome[];
  readonly ending: Ending;
}

/**
 * Runs and publishes. Trouble with the store slows a build and fails none: what was lost is made again, and if that
 * does not help, everything in a store of its own.
 */
async function withPatience(plan: Plan, session: BuildSession, concurrency: number): Promise<Ended> {
  const first = await tryOnce(plan, session, concurrency);
  if (!(first instanceof StoreTrouble)) return first;
  const retry: BuildSession = { ...session, remote: undefined, isRetry: true };
  const second = first.isLoss ? await tryOnce(plan, retry, concurrency) : first;
  if (!(second instanceof StoreTrouble)) return second;
  session.emit({ type: "diagnostic", action: "cache", diagnostic: unusableStore(second) });
  const store = await openTemporaryStore();
  try {
    const last = await tryOnce(plan, { ...retry, store, isLastTry: true }, concurrency);
    if (last instanceof StoreTrouble) throw last;
    return last;
  } finally {
    await store.close();
  }
}

async function tryOnce(
  plan: Plan,
  session: BuildSession,
  concurrency: number,
): Promise<Ended | StoreTrouble> {
  const { outcomes, trouble } = await runActions(plan, session, concurrency);
  if (trouble) return trouble;
  const put = async () => (plan.publishes ? publish(plan, outcomes, session) : { outputs: [] });
  const ending = await end(outcomes, put, session.signal);
  return ending instanceof StoreTrouble ? ending : { outcomes, ending };
}

function unusableStore({ message }: StoreTrouble): Diagnostic {
  return {
    severity: "warning",
    code: "SBP_CACHE_UNWRITABLE",
    message: `The cache folder cannot be used (${message}); this build keeps nothing for the next one`,
    hint: "Point SBP_CACHE_DIR to a folder that can be written.",
  };
}

/** Publishes when everything is done; what failed before, or fails now, is the ending's errors. */
async function end(
  outcomes: readonly ActionOutcome[],
  put: () => Promise<{ outputs: Output[]; manifest?: string }>,
  signal: AbortSignal,
): Promise<Ending | StoreTrouble> {
  const errors = outcomes.flatMap((outcome) => (outcome.outcome === "failed" ? [outcome.error] : []));
  if (signal.aborted) return { outcome: "cancelled", outputs: [], errors };
  if (errors.length > 0) return { outcome: "failed", outputs: [], errors };
  try {
    return { outcome: "done", errors, ...(await put()) };
  } catch (error) {
    if (signal.aborted) return { outcome: "cancelled", outputs: [], errors };
    if (error instanceof StoreTrouble) return error;
    if (!isSbpError(error)) throw error;
    return { outcome: "failed", outputs: [], errors: [error] };
  }
}

/** Saves what makes the next build quick. A failure only makes it slower. */
export async function saveMemory(
  { state, digests }: ProjectMemory,
  store: Store,
  emit: EventSink,
): Promise<void> {
  for (const part of [state, digests]) {
    await part.save().catch((error) => {
      const message = `The cache could not be written: ${(fromSystem(error) ?? error).message}`;
      emit({ type: "log", action: "cache", level: "info", message });
    });
  }
  await store.gcNowAndThen();
}

/** Every plugin once, however many steps use it. What they hold does not matter to what was built. */
export async function disposePlugins({ steps }: Pick<Project, "steps">, emit: EventSink): Promise<void> {
  for (const plugin of new Set(steps.map((step) => step.plugin))) {
    try {
      await plugin.dispose?.();
    } catch (error) {
      const message = `The plugin "${plugin.name}" could not be disposed of: ${(error as Error)?.message ?? error}`;
      emit({ type: "log", action: plugin.name, level: "info", message });
    }
  }
}

function finished({ outcomes, ending }: Ended, ms: number, emit: EventSink): PlanBuilt {
  const count = (outcome: ActionOutcome["outcome"]) =>
    outcomes.filter((one) => one.outcome === outcome).length;
  emit({
    type: "build-finished",
    outcome: ending.outcome,
    ms,
    ran: count("ran"),
    cached: count("cached"),
    failed: count("failed"),
  });
  const result: BuildResult = {
    ...ending,
    ms,
    actions: outcomes.map((one) => ({
      id: one.action.id,
      step: one.action.step.id,
      ...(one.action.target ? { target: one.action.target } : {}),
      outcome: one.outcome,
      ms: one.ms,
      reason: "reason" in one ? one.reason : "",
    })),
    diagnostics: outcomes.flatMap((one) => ("trace" in one ? one.trace.diagnostics : [])),
  };
  return { result, outcomes };
}
