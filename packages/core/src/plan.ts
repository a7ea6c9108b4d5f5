import type { ArtifactKind } from "./artifact.ts";
import type { Project, Step } from "./config/index.ts";
import { type Diagnostic, exitCodes, SbpError } from "./error.ts";
import type { ActionId } from "./event.ts";
import { builtinMaker, isPublished } from "./kinds.ts";
import { nearest } from "./nearest.ts";
import type { Transform } from "./plugin.ts";
import type { Target } from "./target.ts";

/** One transform of one step, for the project or for one target. */
export interface Action {
  readonly id: ActionId;
  readonly step: Step;
  readonly transform: Transform;
  readonly target?: Target;
  /** The actions it takes its artifacts from. */
  readonly sources: ReadonlyMap<SourceName, Action>;
  /** Kinds that go to the output folder. */
  readonly published: readonly ArtifactKind[];
}

/** The kind of artifact that an action takes, or `<target>/<kind>` where a project's action takes it from a lane. */
export type SourceName = string;

/** What a source's name says. */
export function parseSource(name: SourceName): { readonly kind: ArtifactKind; readonly lane?: Target } {
  const slash = name.indexOf("/");
  return slash < 0 ? { kind: name } : { kind: name.slice(slash + 1), lane: name.slice(0, slash) as Target };
}

export interface Plan {
  readonly project: Project;
  /** All of the project's, or those up to where the plan was cut. */
  readonly steps: readonly Step[];
  /** False where what is made goes no further than the store. */
  readonly publishes: boolean;
  readonly targets: readonly Target[];
  /** In an order in which each comes after its sources. */
  readonly actions: readonly Action[];
}

/** The newest maker of each kind, for the project and in each lane. */
interface Makers {
  readonly project: Map<ArtifactKind, Draft>;
  readonly lanes: Map<Target, Map<ArtifactKind, Draft>>;
}

type Draft = { -readonly [K in keyof Action]: Action[K] } & {
  readonly order: number;
  consumed: Set<ArtifactKind>;
};

/**
 * Wires the steps: each takes the newest artifact of every kind it consumes from the steps before it, in its own
 * lane or from the project. Throws SBP_PLAN_IMPOSSIBLE with every step that cannot be wired.
 */
export function planBuild(project: Project, chosen?: readonly Target[]): Plan {
  const makers: Makers = { project: new Map(), lanes: new Map() };
  const drafts: Draft[] = [];
  const problems: Diagnostic[] = [];
  let targets: readonly Target[] = [];

  for (const step of project.steps) {
    if (step.plugin.lanes) {
      const wanted = chosen && chosen.length > 0 ? chosen : step.plugin.lanes(step.options);
      targets = [...new Set(wanted)];
      makers.lanes.clear();
      for (const target of targets) makers.lanes.set(target, new Map());
    }
    let wired = 0;
    let skipped: Diagnostic | undefined;
    for (const transform of step.plugin.transforms) {
      if (transform.isWanted?.(step.options) === false) continue;
      const lanes = transform.scope === "target" ? targets : [undefined];
      const missing = missingFor(step, transform, makers, lanes.length === 0);
      if (missing) {
        // Transforms of a step lack the same: it is told once.
        const isTold = problems.some(({ message }) => message === missing.message);
        if (!transform.optional && !isTold) problems.push(missing);
        skipped ??= missing;
        continue;
      }
      wired++;
      for (const target of lanes) drafts.push(wire(step, transform, target, makers, drafts.length));
    }
    const isTold = problems.some(({ message }) => message === skipped?.message);
    if (wired === 0 && skipped && !isTold) problems.push(skipped);
  }
  if (problems.length > 0) {
    throw new SbpError("SBP_PLAN_IMPOSSIBLE", "The pipeline cannot be wired; nothing was run", {
      diagnostics: problems,
      exitCode: exitCodes.badUsage,
    });
  }
  for (const draft of drafts) {
    draft.published = draft.transform.produces.filter((kind) => isPublished(kind, draft.consumed.has(kind)));
  }
  return { project, steps: project.steps, publishes: true, targets, actions: drafts };
}

/** The plan up to a step, which is named by its id, its plugin or a kind that it makes. Throws SBP_STEP_UNKNOWN. */
export function planUntil(plan: Plan, until: string): Plan {
  const { steps } = plan.project;
  const makes = ({ plugin }: Step) => plugin.transforms.some(({ produces }) => produces.includes(until));
  const named = ({ id, use, plugin }: Step) => [id, use, plugin.name].includes(until);
  const byName = steps.findIndex(named);
  const index = byName >= 0 ? byName : steps.findIndex(makes);
  if (index < 0) throw unknownStep(until, steps);
  const kept = new Set(steps.slice(0, index + 1));
  const actions = plan.actions.filter(({ step }) => kept.has(step));
  // A manifest that lists nothing would take the place of one that does.
  const publishes = actions.some(({ published }) => published.length > 0);
  return { ...plan, steps: [...kept], publishes, actions };
}

/** The plan of one action and of those that it takes its artifacts from, for what they make alone. */
export function planFor(plan: Plan, wanted: Action): Plan {
  const needed = new Set<Action>();
  const add = (action: Action): void => {
    if (needed.has(action)) return;
    needed.add(action);
    for (const source of action.sources.values()) add(source);
  };
  add(wanted);
  const steps = new Set([...needed].map(({ step }) => step));
  const actions = plan.actions.filter((action) => needed.has(action));
  return { ...plan, steps: plan.steps.filter((step) => steps.has(step)), publishes: false, actions };
}

/** An action, and those that take what it makes. */
export function withTakers({ actions }: Plan, action: Action): Action[] {
  return [action, ...actions.filter(({ sources }) => [...sources.values()].includes(action))];
}

/** The action that makes the app's first bundle, before any step makes another of it. */
export function bundleAction({ actions }: Plan): Action | undefined {
  return actions.find(({ transform }) => transform.produces.includes("bundle"));
}

function unknownStep(name: string, steps: readonly Step[]): SbpError {
  const known = [
    ...new Set(steps.flatMap(({ id, plugin }) => [id, ...plugin.transforms.flatMap((one) => one.produces)])),
  ];
  const guess = nearest(name, known);
  return new SbpError(
    "SBP_STEP_UNKNOWN",
    `There is no step "${name}" in this pipeline, and none that makes such a thing`,
    {
      hint: `${guess === undefined ? "" : `Did you mean "${guess}"? `}The steps are ${steps.map(({ id }) => id).join(", ")}.`,
      exitCode: exitCodes.badUsage,
    },
  );
}

function wire(
  step: Step,
  transform: Transform,
  target: Target | undefined,
  makers: Makers,
  order: number,
): Draft {
  const sources = new Map<SourceName, Draft>();
  const take = (name: SourceName, kind: ArtifactKind, maker: Draft | undefined) => {
    if (!maker) return;
    sources.set(name, maker);
    maker.consumed.add(kind);
  };
  for (const kind of [...(transform.consumes ?? []), ...(transform.consumesOptional ?? [])])
    take(kind, kind, makerOf(kind, target, makers));
  for (const [lane, made] of [...makers.lanes].sort(([a], [b]) => (a < b ? -1 : 1)))
    for (const kind of transform.consumesLanes ?? []) take(`${lane}/${kind}`, kind, made.get(kind));
  const name = transform.name ? `${step.id}:${transform.name}` : step.id;
  const draft: Draft = {
    id: target ? `${target}/${name}` : name,
    step,
    transform,
    ...(target ? { target } : {}),
    sources,
    published: [],
    order,
    consumed: new Set(),
  };
  const made = target ? makers.lanes.get(target) : makers.project;
  for (const kind of transform.produces) made?.set(kind, draft);
  return draft;
}

function makerOf(kind: ArtifactKind, target: Target | undefined, makers: Makers): Draft | undefined {
  const inProject = makers.project.get(kind);
  const inLane = target && makers.lanes.get(target)?.get(kind);
  if (!inProject || !inLane) return inLane ?? inProject;
  return inLane.order > inProject.order ? inLane : inProject;
}

function missingFor(
  step: Step,
  transform: Transform,
  makers: Makers,
  noLanes: boolean,
): Diagnostic | undefined {
  const problem = (message: string, hint: string): Diagnostic => ({
    severity: "error",
    code: "SBP_PLAN_IMPOSSIBLE",
    message,
    hint,
    ...(step.location ? { location: step.location } : {}),
  });
  if (transform.scope === "target" && noLanes) {
    return problem(
      `Step "${step.id}" works per target, but no step before it names targets`,
      'Put a "cross-target" step before it.',
    );
  }
  const lane = [...makers.lanes.keys()][0];
  const target = transform.scope === "target" ? lane : undefined;
  const missing = [
    ...(transform.consumes ?? []).filter((kind) => !makerOf(kind, target, makers)),
    // Every lane has the same steps.
    ...(transform.consumesLanes ?? []).filter((kind) => !lane || !makers.lanes.get(lane)?.has(kind)),
  ];
  if (missing.length === 0) return undefined;
  const list = missing.map((kind) => `"${kind}"`).join(" and ");
  const perTarget = missing.find((kind) => lane && makers.lanes.get(lane)?.has(kind));
  if (transform.scope === "project" && perTarget) {
    return problem(
      `Step "${step.id}" works once for the project, but "${perTarget}" is made once per target`,
      'A plugin that consumes it must have the scope "target", or take it from all lanes by "consumesLanes".',
    );
  }
  const cures = [...new Set(missing.map((kind) => builtinMaker(kind)))].filter((name) => name !== undefined);
  return problem(
    `Step "${step.id}" needs ${list}, which no step before it makes`,
    cures.length > 0
      ? `Put ${cures.map((name) => `a "${name}" step`).join(" and ")} before it.`
      : "Put a step whose plugin produces it before this one.",
  );
}
