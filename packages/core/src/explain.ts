import { fieldDifference, type Lookup, lookUp } from "./action-lookup.ts";
import type { Artifact, ArtifactKind } from "./artifact.ts";
import { type BuildSession, buildMemory, openProjectMemory } from "./build-session.ts";
import type { Project } from "./config/index.ts";
import { exitCodes, SbpError } from "./error.ts";
import { FoundPins } from "./found-pins.ts";
import { LockFile } from "./lock-file.ts";
import { nearest } from "./nearest.ts";
import { type Action, planBuild } from "./plan.ts";
import type { Decision } from "./plugin.ts";
import { resolveSteps } from "./resolve-steps.ts";
import { isLocation, isSound } from "./store/record-shape.ts";
import type { Store } from "./store/store.ts";
import { ArtifactInStore } from "./store/stored-artifact.ts";
import type { Target } from "./target.ts";

/** Why an action ran, or did not, and what would happen now. */
export interface Explanation {
  readonly id: string;
  readonly step: string;
  readonly target?: Target;
  readonly decision: "ran" | "cached" | "never-built";
  /** The first field of the fingerprint, or the first input, that differed. */
  readonly reason: string;
  /** The same for the actions it takes its artifacts from, nearest first: `bundle: src/main.ts changed`. */
  readonly causes: readonly string[];
  /** What has changed since, so that it would run in a build now. */
  readonly pending?: string;
  /** What its result has decided: of the last build, where it would run now. Only where a query names its step. */
  readonly decisions?: readonly Decision[];
  /** Everything its fingerprint is made of now; `before` where that was another in the last build. */
  readonly fields: readonly { readonly name: string; readonly before?: string; readonly after?: string }[];
}

export interface ExplainOptions {
  readonly project: Project;
  readonly store: Store;
  readonly targets?: readonly Target[];
  /** An action's id, a step's, or a target; all actions without. */
  readonly query?: string;
}

/** Explains the last build and looks ahead to the next. Runs nothing and fetches nothing. */
export async function explain({ project, store, targets, query }: ExplainOptions): Promise<Explanation[]> {
  const plan = planBuild(project, targets);
  const signal = new AbortController().signal;
  const emit = () => {};
  const { pins, lock } = await resolveSteps(plan, { offline: true, frozenLock: true, signal, emit }).catch(
    () => ({ pins: new Map(), lock: LockFile.empty(project.dir) }),
  );
  const session: BuildSession = {
    project,
    store,
    ...buildMemory(openProjectMemory(project, store), project, store, new FoundPins(lock, true)),
    remote: undefined,
    shared: undefined,
    pins,
    signal,
    emit,
    offline: true,
    force: false,
    strict: false,
    isRetry: false,
    isLastTry: true,
  };
  const chosen = choose(plan.actions, query);
  const lookups = await lookAhead(plan.actions, session);
  return Promise.all(
    chosen.map(async (action) => {
      const explanation = explainAction(action, session, lookups);
      const isNamed = query !== undefined && query !== action.target;
      const decisions = isNamed ? await decisionsOf(action, session, lookups.get(action)) : undefined;
      return { ...explanation, ...(decisions && { decisions }) };
    }),
  );
}

/** What the action's plugin tells of its result; undefined when it tells nothing, or the result is not there any more. */
async function decisionsOf(
  action: Action,
  { store, state }: BuildSession,
  lookup: Lookup | undefined,
): Promise<readonly Decision[] | undefined> {
  if (!action.transform.explain) return undefined;
  const last = state.action(action.id);
  const before = last && store.records.get(last.fingerprint)?.traces.find(({ id }) => id === last.trace);
  const trace = lookup?.trace ?? (before && isSound(before) ? before : undefined);
  if (!trace) return undefined;
  const artifacts = new Map<ArtifactKind, Artifact>(
    trace.artifacts.map((stored) => [stored.kind, new ArtifactInStore(stored, store.blobs)]),
  );
  const decisions: unknown = await action.transform
    .explain(Object.fromEntries(artifacts) as Record<ArtifactKind, Artifact>)
    .catch(() => undefined);
  return Array.isArray(decisions) && decisions.every(isDecision) ? decisions : undefined;
}

function isDecision(value: unknown): value is Decision {
  const { subject, decision, because, location, bytes, files } = (value ?? {}) as Record<string, unknown>;
  return (
    [subject, decision, because ?? ""].every((text) => typeof text === "string") &&
    [bytes ?? 0, files ?? 0].every((number) => Number.isSafeInteger(number)) &&
    (location === undefined || isLocation(location))
  );
}

type Lookups = ReadonlyMap<Action, Lookup | undefined>;

/** What a build would find now; undefined behind something that would run, whose result is not known yet. */
async function lookAhead(actions: readonly Action[], session: BuildSession): Promise<Lookups> {
  const lookups = new Map<Action, Lookup | undefined>();
  for (const action of actions) {
    const consumed = new Map<string, { digest: string }>();
    for (const [kind, source] of action.sources) {
      const artifact = lookups.get(source)?.trace?.artifacts.find((candidate) => candidate.kind === kind);
      if (artifact) consumed.set(kind, artifact);
    }
    const known = consumed.size === action.sources.size;
    lookups.set(action, known ? await lookUp(action, session, consumed) : undefined);
  }
  return lookups;
}

function explainAction(action: Action, session: BuildSession, lookups: Lookups): Explanation {
  const last = session.state.action(action.id);
  const lookup = lookups.get(action);
  const before = new Map(last?.fields ?? []);
  const after = new Map(lookup?.fingerprint.fields ?? last?.fields ?? []);
  const names = new Set([...after.keys(), ...before.keys()]);
  const pending = pendingReason(action, session, lookups);
  return {
    id: action.id,
    step: action.step.id,
    ...(action.target ? { target: action.target } : {}),
    decision: last?.decision ?? "never-built",
    reason: last?.reason ?? "never built here",
    causes: causesOf(action, session),
    ...(pending && last ? { pending } : {}),
    fields: [...names].map((name) => {
      const [was, is] = [before.get(name), after.get(name)];
      return {
        name,
        ...(is === undefined ? {} : { after: is }),
        ...(was === undefined || was === is ? {} : { before: was }),
      };
    }),
  };
}

/** Why the action would run now, or undefined when its result is there. */
function pendingReason(action: Action, session: BuildSession, lookups: Lookups): string | undefined {
  const lookup = lookups.get(action);
  if (lookup?.trace) return undefined;
  if (!lookup) {
    const source = [...action.sources.values()].find((candidate) => !lookups.get(candidate)?.trace);
    const why = source && pendingReason(source, session, lookups);
    return source && `${source.id} would run first${why ? `: ${why}` : ""}`;
  }
  const last = session.state.action(action.id);
  return last && last.fingerprint !== lookup.fingerprint.digest
    ? fieldDifference(last.fields, lookup.fingerprint.fields)
    : lookup.reason;
}

/** Follows a changed artifact to the action that made it, and on to the first cause. */
function causesOf(action: Action, session: BuildSession): string[] {
  const causes: string[] = [];
  let current = action;
  for (;;) {
    const reason: string = session.state.action(current.id)?.reason ?? "";
    const kind: string | undefined = /^artifact (\S+) (?:changed|is new)/.exec(reason)?.[1];
    // Sources come before what they feed, so this ends.
    const source: Action | undefined = kind === undefined ? undefined : current.sources.get(kind);
    if (!source) return causes;
    causes.push(`${source.id}: ${session.state.action(source.id)?.reason ?? "never built here"}`);
    current = source;
  }
}

function choose(actions: readonly Action[], query: string | undefined): readonly Action[] {
  if (query === undefined) return actions;
  const matches = actions.filter(
    ({ id, step, target }) =>
      id === query || step.id === query || target === query || (target && `${target}/${step.id}` === query),
  );
  if (matches.length > 0) return matches;
  const names = [...new Set(actions.flatMap(({ id, step, target }) => [id, step.id, target ?? id]))];
  const guess = nearest(query, names);
  throw new SbpError("SBP_EXPLAIN_UNKNOWN", `There is no step or action "${query}" in this pipeline`, {
    hint: `${guess ? `Did you mean "${guess}"? ` : ""}There are ${actions.map(({ id }) => id).join(", ")}.`,
    exitCode: exitCodes.badUsage,
  });
}
