import type { ArtifactKind } from "./artifact.ts";
import type { BuildSession } from "./build-session.ts";
import { untilCancelled } from "./cancellation.ts";
import { ownArtifacts } from "./consumed.ts";
import { readOptions } from "./fingerprint.ts";
import { type JsonObject, normalJson } from "./json.ts";
import { type Action, type Plan, parseSource, withTakers } from "./plan.ts";
import type { ArtifactInStore } from "./store/stored-artifact.ts";

type Artifacts = ReadonlyMap<ArtifactKind, ArtifactInStore>;

/**
 * Lets actions get ready while what they wait for is being made: plugins by their `warmUp`, the engine by early
 * copies. An action's moment has come when all of its sources but one have ended, and that one is at work, or waits
 * for something that is; sources that wait for that very one do not count.
 */
export class WarmUps {
  readonly #plan: Plan;
  readonly #session: BuildSession;
  /** At work. */
  readonly #begun = new Set<Action>();
  readonly #made = new Map<Action, Artifacts>();
  readonly #warmUps = new Map<Action, Promise<void>>();

  constructor(plan: Plan, session: BuildSession) {
    this.#plan = plan;
    this.#session = session;
  }

  /** An action is at work now, with these artifacts. */
  begin(action: Action, artifacts: Artifacts): void {
    this.#begun.add(action);
    this.#look();
    this.#copyEarly(action, artifacts);
  }

  /** An action has ended: without artifacts when it failed, at once when its result was in the store. */
  end(action: Action, artifacts?: Artifacts): void {
    this.#begun.delete(action);
    if (!artifacts) return;
    this.#made.set(action, artifacts);
    this.#look();
  }

  /** Settles once no plugin starts anything any more. */
  async settled(): Promise<void> {
    await Promise.all(this.#warmUps.values());
  }

  #look(): void {
    if (this.#begun.size === 0) return;
    const busy = new Set(this.#begun);
    // In the plan each comes after its sources.
    for (const action of this.#plan.actions) {
      const sources = [...action.sources.values()];
      if (this.#made.has(action) || !sources.some((source) => busy.has(source))) continue;
      busy.add(action);
      const open = sources.filter((source) => !this.#made.has(source));
      const first = open.filter((source) => !open.some((other) => isSource(other, source)));
      if (first.length !== 1 || this.#begun.has(action) || this.#warmUps.has(action)) continue;
      this.#warmUps.set(
        action,
        this.#warmUp(action).catch(() => {}),
      );
    }
  }

  async #warmUp(action: Action): Promise<void> {
    const { transform, target } = action;
    const { signal } = this.#session;
    const artifacts = new Map<ArtifactKind, ArtifactInStore>();
    for (const [name, source] of action.sources) {
      const artifact = this.#made.get(source)?.get(parseSource(name).kind);
      if (artifact) artifacts.set(name, artifact);
    }
    this.#copyEarly(action, artifacts);
    if (!transform.warmUp) return;
    const context = {
      options: normalJson(readOptions(action)),
      target: transform.targetless ? undefined : target,
      artifacts: ownArtifacts(artifacts),
      previous: this.#previous(action),
      signal,
    };
    await untilCancelled(async () => transform.warmUp?.(context), signal);
  }

  #copyEarly(action: Action, artifacts: Artifacts): void {
    this.#session.earlyCopies.begin(withTakers(this.#plan, action), artifacts.values());
  }

  #previous({ id }: Action): Record<ArtifactKind, JsonObject> {
    const { state, store } = this.#session;
    const last = state.action(id);
    const traces = last?.trace === undefined ? [] : (store.records.get(last.fingerprint)?.traces ?? []);
    const artifacts = traces.find((trace) => trace.id === last?.trace)?.artifacts ?? [];
    return Object.fromEntries(artifacts.map(({ kind, meta }) => [kind, meta])) as Record<
      ArtifactKind,
      JsonObject
    >;
  }
}

function isSource(source: Action, { sources }: Action): boolean {
  return [...sources.values()].includes(source);
}
