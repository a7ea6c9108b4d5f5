import { lookUp, recordHead } from "./action-lookup.ts";
import { declaredBefore, type RunResult, runAction } from "./action-run.ts";
import type { ArtifactKind } from "./artifact.ts";
import type { BuildSession } from "./build-session.ts";
import { milliseconds } from "./clock.ts";
import type { SbpError } from "./error.ts";
import type { ActionId } from "./event.ts";
import { stepFailure } from "./failure.ts";
import { type Fingerprint, startsFromProject } from "./fingerprint.ts";
import type { Input } from "./inputs.ts";
import { Limit } from "./limit.ts";
import { type Action, type Plan, parseSource, type SourceName } from "./plan.ts";
import { sharedReason } from "./remote/remote-storage.ts";
import { StoreTrouble, troubleIn } from "./store/store-trouble.ts";
import { ArtifactInStore } from "./store/stored-artifact.ts";
import type { Trace } from "./store/stored-file.ts";
import { strictError } from "./strict.ts";
import { WarmUps } from "./warm-ups.ts";

/** How an action ended. Times in milliseconds. */
export type ActionOutcome =
  | {
      readonly outcome: "ran" | "cached";
      readonly action: Action;
      readonly ms: number;
      readonly reason: string;
      readonly artifacts: ReadonlyMap<ArtifactKind, ArtifactInStore>;
      readonly trace: Trace;
      /** False when an input changed while it ran. */
      readonly cacheable: boolean;
    }
  | {
      readonly outcome: "failed";
      readonly action: Action;
      readonly ms: number;
      readonly error: SbpError;
      /** What it had declared to read: a change may mend it. */
      readonly inputs: readonly Input[];
    }
  | {
      readonly outcome: "cancelled";
      readonly action: Action;
      readonly ms: number;
      readonly because?: ActionId;
    };

export interface Run {
  /** In the order of the plan. */
  readonly outcomes: readonly ActionOutcome[];
  /** What has kept actions from their end, without a word to the user: it is worth another try. */
  readonly trouble?: StoreTrouble;
}

/**
 * Brings every action of the plan to its end: each starts when its sources have ended, at most `concurrency` run at
 * once, and a failure stops only what depends on it.
 */
export async function runActions(plan: Plan, session: BuildSession, concurrency: number): Promise<Run> {
  const warmUps = new WarmUps(plan, session);
  const scheduler = new Scheduler(session, warmUps, concurrency);
  const outcomes = await Promise.all(plan.actions.map((action) => scheduler.outcome(action)));
  await warmUps.settled();
  const { trouble } = scheduler;
  return trouble && !session.signal.aborted ? { outcomes, trouble } : { outcomes };
}

class Scheduler {
  trouble: StoreTrouble | undefined;
  readonly #session: BuildSession;
  readonly #warmUps: WarmUps;
  readonly #outcomes = new Map<Action, Promise<ActionOutcome>>();
  /** Actions of several lanes with the same fingerprint are one piece of work. */
  readonly #running = new Map<string, Promise<RunResult>>();
  readonly #limit: Limit;

  constructor(session: BuildSession, warmUps: WarmUps, concurrency: number) {
    this.#session = session;
    this.#warmUps = warmUps;
    this.#limit = session.shared?.limit ?? new Limit(concurrency);
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
    const { id, step } = action;
    const about = aboutAction(action);
    const sources = await Promise.all(
      [...action.sources].map(async ([name, source]) => [name, await this.outcome(source)] as const),
    );
    const consumed = new Map<SourceName, ArtifactInStore>();
    for (const [name, source] of sources) {
      if (source.outcome === "failed" || source.outcome === "cancelled") {
        const because = source.outcome === "failed" ? source.action.id : source.because;
        return this.#cancelled(action, 0, because);
      }
      consumed.set(name, source.artifacts.get(parseSource(name).kind)!);
    }
    const started = milliseconds();
    const ms = () => Math.round(milliseconds() - started);
    try {
      signal.throwIfAborted();
      const result = await this.#do(action, consumed, ms);
      this.#warmUps.end(action, result.artifacts);
      const refused = this.#session.strict && strictError(result.trace.diagnostics, "--strict");
      if (refused) throw refused;
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
      this.#warmUps.end(action);
      if (signal.aborted) return this.#cancelled(action, ms());
      const trouble = this.#session.isLastTry ? undefined : await this.#troubleBehind(error, consumed);
      if (trouble) {
        this.trouble ??= trouble;
        return this.#cancelled(action, ms());
      }
      const failure = stepFailure(error, step);
      emit({ type: "action-failed", ...about, ms: ms(), error: failure });
      const inputs = declaredBefore(error);
      return { outcome: "failed", action, ms: ms(), error: failure, inputs };
    }
  }

  #cancelled(action: Action, ms: number, because?: ActionId): ActionOutcome {
    const why = because === undefined ? {} : { because };
    if (!this.trouble) this.#session.emit({ type: "action-cancelled", ...aboutAction(action), ...why });
    return { outcome: "cancelled", action, ms, ...why };
  }

  /** What the store has to do with a failure: artifacts that are gone make plugins fail in their own ways. */
  async #troubleBehind(
    error: unknown,
    consumed: ReadonlyMap<SourceName, ArtifactInStore>,
  ): Promise<StoreTrouble | undefined> {
    const trouble = troubleIn(error);
    if (trouble) return trouble;
    for (const { stored } of consumed.values()) {
      for (const file of stored.files) {
        if (!(await this.#session.store.blobs.has(file)))
          return new StoreTrouble(true, `${file.path} is gone`, error);
      }
    }
    return undefined;
  }

  /** Takes the result from the store, or runs the action and keeps its result. */
  async #do(action: Action, consumed: ReadonlyMap<SourceName, ArtifactInStore>, ms: () => number) {
    const { fingerprint, trace, reason } = await lookUp(action, this.#session, consumed);
    if (trace) return this.#ended(action, fingerprint, { trace, cacheable: true }, "cached", reason, ms());
    // Another lane makes the very same thing now, or has made what cannot be kept.
    const twin = this.#running.get(fingerprint.digest);
    if (twin) return this.#ended(action, fingerprint, await twin, "cached", "in the store", ms());
    // Work that starts from a project's own files would wait for others for nothing.
    const others = startsFromProject(action)
      ? undefined
      : this.#session.shared?.running.get(fingerprint.digest);
    // Without a pause between the look and the entry below: another project would look in it.
    if (others) {
      await others.catch(() => {});
      // What it has read was looked at in the other project.
      const again = await lookUp(action, this.#session, consumed);
      if (again.trace)
        return this.#ended(
          action,
          fingerprint,
          { trace: again.trace, cacheable: true },
          "cached",
          again.reason,
          ms(),
        );
    }
    const made = this.#make(action, fingerprint.digest, consumed, reason);
    this.#running.set(fingerprint.digest, made);
    this.#session.shared?.running.set(fingerprint.digest, made);
    const { isShared, ...result } = await made;
    return isShared
      ? this.#ended(action, fingerprint, result, "cached", sharedReason, ms())
      : this.#ended(action, fingerprint, result, "ran", reason, ms());
  }

  /** Takes the result from what other machines have shared, or runs the action and shares its result. */
  async #make(
    action: Action,
    fingerprint: string,
    consumed: ReadonlyMap<ArtifactKind, ArtifactInStore>,
    reason: string,
  ): Promise<RunResult & { readonly isShared: boolean }> {
    const { remote, force } = this.#session;
    const shared = force ? undefined : await remote?.find(action, fingerprint);
    if (shared) return { trace: shared, cacheable: true, isShared: true };
    const run = await this.#limit.run(() => this.#run(action, fingerprint, consumed, reason));
    if (run.cacheable) remote?.share(action, fingerprint, run.trace);
    return { ...run, isShared: false };
  }

  async #run(
    action: Action,
    fingerprint: string,
    consumed: ReadonlyMap<SourceName, ArtifactInStore>,
    reason: string,
  ): Promise<RunResult> {
    const { store, signal, emit } = this.#session;
    signal.throwIfAborted();
    emit({ type: "action-started", ...aboutAction(action), reason });
    this.#warmUps.begin(action, consumed);
    const run = await runAction(action, this.#session, consumed);
    if (run.cacheable) {
      await store.records.put(fingerprint, recordHead(action), run.trace).catch((error) =>
        emit({
          type: "log",
          action: action.id,
          level: "info",
          message: `The result is not kept: ${error.message}`,
        }),
      );
    }
    return run;
  }

  #ended(
    action: Action,
    { digest, fields }: Fingerprint,
    { trace, cacheable }: RunResult,
    outcome: "ran" | "cached",
    reason: string,
    ms: number,
  ) {
    const { state, store } = this.#session;
    state.setAction(action.id, {
      fingerprint: digest,
      fields,
      ...(cacheable ? { trace: trace.id } : {}),
      decision: outcome,
      reason,
    });
    const artifacts: ReadonlyMap<ArtifactKind, ArtifactInStore> = new Map(
      trace.artifacts.map((stored) => [stored.kind, new ArtifactInStore(stored, store.blobs)]),
    );
    return { outcome, action, ms, reason, trace, cacheable, artifacts };
  }
}

function aboutAction({ id, step, target }: Action) {
  return { action: id, step: step.id, ...(target ? { target } : {}) };
}
