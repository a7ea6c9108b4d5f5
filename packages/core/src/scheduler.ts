import { lookUp } from "./action-lookup.ts";
import { runAction } from "./action-run.ts";
import type { ArtifactKind } from "./artifact.ts";
import type { BuildSession } from "./build-session.ts";
import type { SbpError } from "./error.ts";
import type { ActionId } from "./event.ts";
import { stepFailure } from "./failure.ts";
import type { Action, Plan } from "./plan.ts";
import { ArtifactInStore } from "./store/stored-artifact.ts";
import type { Trace } from "./store/stored-file.ts";

/** How an action ended. Times in milliseconds. */
export type ActionOutcome =
  | {
      readonly outcome: "ran" | "cached";
      readonly action: Action;
      readonly ms: number;
      readonly reason: string;
      readonly artifacts: ReadonlyMap<ArtifactKind, ArtifactInStore>;
      readonly trace: Trace;
    }
  | { readonly outcome: "failed"; readonly action: Action; readonly ms: number; readonly error: SbpError }
  | {
      readonly outcome: "cancelled";
      readonly action: Action;
      readonly ms: number;
      readonly because?: ActionId;
    };

/**
 * Brings every action of the plan to its end: each starts when its sources have ended, at most `concurrency` run at
 * once, and a failure stops only what depends on it. Outcomes come in the order of the plan.
 */
export async function runActions(
  plan: Plan,
  session: BuildSession,
  concurrency: number,
): Promise<ActionOutcome[]> {
  const scheduler = new Scheduler(session, concurrency);
  return Promise.all(plan.actions.map((action) => scheduler.outcome(action)));
}

class Scheduler {
  readonly #session: BuildSession;
  readonly #outcomes = new Map<Action, Promise<ActionOutcome>>();
  /** Actions of several lanes with the same fingerprint are one piece of work. */
  readonly #running = new Map<string, Promise<unknown>>();
  readonly #waiting: (() => void)[] = [];
  #free: number;

  constructor(session: BuildSession, concurrency: number) {
    this.#session = session;
    this.#free = Math.max(1, concurrency);
  }

  outcome(action: Action): Promise<ActionOutcome> {
    let outcome = this.#outcomes.get(action);
    if (!outcome) {
      outcome = this.#bring(action);
      this.#outcomes.set(action, outcome);
    }
    return outcome;
  }

  async #bring(action: Action): Promise<ActionOutcome> {
    const { emit, signal } = this.#session;
    const { id, step, target } = action;
    const about = { action: id, step: step.id, ...(target ? { target } : {}) };
    const sources = await Promise.all(
      [...action.sources].map(async ([kind, source]) => [kind, await this.outcome(source)] as const),
    );
    const consumed = new Map<ArtifactKind, ArtifactInStore>();
    for (const [kind, source] of sources) {
      if (source.outcome === "failed" || source.outcome === "cancelled") {
        const because = source.outcome === "failed" ? source.action.id : source.because;
        emit({ type: "action-cancelled", ...about, ...(because ? { because } : {}) });
        return { outcome: "cancelled", action, ms: 0, ...(because ? { because } : {}) };
      }
      consumed.set(kind, source.artifacts.get(kind)!);
    }
    const started = performance.now();
    const ms = () => Math.round(performance.now() - started);
    try {
      signal.throwIfAborted();
      const result = await this.#do(action, consumed, () => ms());
      for (const diagnostic of result.trace.diagnostics) emit({ type: "diagnostic", action: id, diagnostic });
      emit({
        type: "action-finished",
        ...about,
        outcome: result.outcome,
        ms: result.ms,
        reason: result.reason,
        outputs: [...result.artifacts.values()].map(({ kind, digest, files }) => ({
          kind,
          digest,
          size: files.reduce((sum, { size }) => sum + size, 0),
        })),
        cacheable: result.cacheable,
      });
      return result;
    } catch (error) {
      if (signal.aborted) {
        emit({ type: "action-cancelled", ...about });
        return { outcome: "cancelled", action, ms: ms() };
      }
      const failure = stepFailure(error, step);
      emit({ type: "action-failed", ...about, ms: ms(), error: failure });
      return { outcome: "failed", action, ms: ms(), error: failure };
    }
  }

  /** Takes the result from the store, or runs the action and keeps its result. */
  async #do(action: Action, consumed: ReadonlyMap<ArtifactKind, ArtifactInStore>, ms: () => number) {
    const { store, state, emit } = this.#session;
    let { fingerprint, trace, reason } = await lookUp(action, this.#session, consumed);
    const twin = trace ? undefined : this.#running.get(fingerprint.digest);
    if (twin) {
      // Another lane makes the very same thing now.
      await twin.catch(() => {});
      ({ trace, reason } = await lookUp(action, { ...this.#session, force: false }, consumed));
    }
    const remember = (decision: "ran" | "cached", kept: string | undefined) =>
      state.setAction(action.id, {
        fingerprint: fingerprint.digest,
        fields: fingerprint.fields,
        ...(kept ? { trace: kept } : {}),
        decision,
        reason,
      });
    if (trace) {
      remember("cached", trace.id);
      return {
        outcome: "cached" as const,
        action,
        ms: ms(),
        reason,
        trace,
        cacheable: true,
        artifacts: this.#artifacts(trace),
      };
    }
    const work = this.#limited(async () => {
      this.#session.signal.throwIfAborted();
      const { id, step, target } = action;
      emit({ type: "action-started", action: id, step: step.id, ...(target ? { target } : {}), reason });
      const run = await runAction(action, this.#session, consumed);
      if (run.cacheable) {
        await store.records
          .put(
            fingerprint.digest,
            { plugin: step.plugin.name, step: id, ...(target ? { target } : {}) },
            run.trace,
          )
          .catch((error) =>
            emit({
              type: "log",
              action: id,
              level: "info",
              message: `The result is not kept: ${error.message}`,
            }),
          );
      }
      return run;
    });
    this.#running.set(fingerprint.digest, work);
    const run = await work;
    remember("ran", run.cacheable ? run.trace.id : undefined);
    const { trace: made, cacheable } = run;
    return {
      outcome: "ran" as const,
      action,
      ms: ms(),
      reason,
      trace: made,
      cacheable,
      artifacts: this.#artifacts(made),
    };
  }

  #artifacts(trace: Trace): ReadonlyMap<ArtifactKind, ArtifactInStore> {
    return new Map(
      trace.artifacts.map((stored) => [stored.kind, new ArtifactInStore(stored, this.#session.store.blobs)]),
    );
  }

  async #limited<T>(work: () => Promise<T>): Promise<T> {
    if (this.#free > 0) this.#free--;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      if (next) next();
      else this.#free++;
    }
  }
}
