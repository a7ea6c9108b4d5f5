import { availableParallelism } from "node:os";
import { type BuildSession, openProjectMemory } from "./build-session.ts";
import type { Project } from "./config/index.ts";
import type { Diagnostic, SbpError } from "./error.ts";
import { isSbpError } from "./error.ts";
import type { ActionId, BuildEvent, EventSink } from "./event.ts";
import { fromSystem } from "./failure.ts";
import { planBuild } from "./plan.ts";
import { type Output, publish } from "./publish.ts";
import { resolveSteps } from "./resolve-steps.ts";
import { type ActionOutcome, runActions } from "./scheduler.ts";
import type { Store } from "./store/store.ts";
import type { Target } from "./target.ts";

export interface BuildOptions {
  readonly project: Project;
  readonly store: Store;
  /** Instead of those that the config names. */
  readonly targets?: readonly Target[];
  /** Cancels the build; it ends with the outcome "cancelled" and leaves nothing behind. */
  readonly signal?: AbortSignal;
  readonly onEvent?: EventSink;
  /** Actions that may run at once. Default: the number of processors. */
  readonly concurrency?: number;
  /** Fetch nothing from a network. */
  readonly offline?: boolean;
  /** Run every action, whatever the store has. */
  readonly force?: boolean;
  /** Refuse to change sbp.lock.json. */
  readonly frozenLock?: boolean;
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
 * steps are in the result, with everything that does not depend on them done.
 */
export async function build(options: BuildOptions): Promise<BuildResult> {
  const started = performance.now();
  const { project, store, onEvent: emit = () => {}, offline = false } = options;
  const signal = options.signal ?? new AbortController().signal;
  const plan = planBuild(project, options.targets);
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
    const pins = await resolveSteps(plan, { offline, frozenLock: options.frozenLock ?? false, signal, emit });
    const memory = openProjectMemory(project, store);
    const force = options.force ?? false;
    const session: BuildSession = { project, store, ...memory, pins, signal, emit, offline, force };
    const outcomes = await runActions(plan, session, options.concurrency ?? availableParallelism());
    const ending = await end(outcomes, () => publish(plan, outcomes, session), signal);
    await remember(session);
    return finished(outcomes, ending, Math.round(performance.now() - started), emit);
  } catch (error) {
    // What runs before the actions has ended early because the user asked for it.
    if (!signal.aborted) throw error;
    return finished(
      [],
      { outcome: "cancelled", outputs: [], errors: [] },
      Math.round(performance.now() - started),
      emit,
    );
  } finally {
    for (const { plugin } of project.steps) await plugin.dispose?.();
  }
}

type Ending = Pick<BuildResult, "outcome" | "outputs" | "errors" | "manifest">;

/** Publishes when everything is done; what failed before, or fails now, is the ending's errors. */
async function end(
  outcomes: readonly ActionOutcome[],
  put: () => Promise<{ outputs: Output[]; manifest: string }>,
  signal: AbortSignal,
): Promise<Ending> {
  const errors = outcomes.flatMap((outcome) => (outcome.outcome === "failed" ? [outcome.error] : []));
  if (signal.aborted) return { outcome: "cancelled", outputs: [], errors };
  if (errors.length > 0) return { outcome: "failed", outputs: [], errors };
  try {
    return { outcome: "done", errors, ...(await put()) };
  } catch (error) {
    if (signal.aborted) return { outcome: "cancelled", outputs: [], errors };
    if (!isSbpError(error)) throw error;
    return { outcome: "failed", outputs: [], errors: [error] };
  }
}

/** Saves what makes the next build quick. A failure only makes it slower. */
async function remember({ state, digests, store, emit }: BuildSession): Promise<void> {
  try {
    await Promise.all([state.save(), digests.save()]);
    await store.gcNowAndThen();
  } catch (error) {
    const message = (fromSystem(error) ?? (error as Error)).message;
    emit({
      type: "log",
      action: "cache",
      level: "info",
      message: `The cache could not be written: ${message}`,
    });
  }
}

function finished(
  outcomes: readonly ActionOutcome[],
  ending: Ending,
  ms: number,
  emit: (event: BuildEvent) => void,
): BuildResult {
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
  return {
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
}
