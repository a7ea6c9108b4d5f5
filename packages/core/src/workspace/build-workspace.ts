import { availableParallelism } from "node:os";
import { type BuildOptions, type BuildResult, buildKeepingPlugins, disposePlugins } from "../build.ts";
import type { Project } from "../config/index.ts";
import { isSbpError, type SbpError } from "../error.ts";
import type { BuildEvent } from "../event.ts";
import { Limit } from "../limit.ts";
import { SharedWork } from "../shared-work.ts";
import { MemberGraph } from "./member-graph.ts";
import type { Member, Workspace } from "./workspace.ts";

/** Projects that are built at once: while one waits for its files, others go on. */
const projectsAtOnce = 8;

export interface WorkspaceBuildOptions
  extends Omit<BuildOptions, "project" | "onEvent" | "concurrency" | "shared"> {
  readonly workspace: Workspace;
  /** Of the workspace: see `chooseProjects`. */
  readonly projects: readonly Member[];
  /** Reads a member's project, when its turn comes. */
  readonly open: (member: Member) => Promise<Project>;
  readonly onEvent?: (event: WorkspaceEvent) => void;
  /** Actions that may run at once, over all projects. Default: the number of processors. */
  readonly concurrency?: number;
}

/** What goes on: in a project, or with one. */
export type WorkspaceEvent =
  | { readonly type: "project-started"; readonly member: Member }
  | { readonly type: "project-event"; readonly member: Member; readonly event: BuildEvent }
  | { readonly type: "project-finished"; readonly member: Member; readonly result: ProjectResult };

/** A project's build, or why there was none. */
export type ProjectResult =
  | { readonly outcome: BuildResult["outcome"]; readonly project: Project; readonly build: BuildResult }
  | { readonly outcome: "refused"; readonly error: SbpError }
  /** `because` names the project that it depends on and that failed; absent when the user cancelled. */
  | { readonly outcome: "not-run"; readonly because?: Member };

export interface WorkspaceResult {
  /** The worst of the projects'. */
  readonly outcome: "done" | "failed" | "cancelled";
  /** Milliseconds. */
  readonly ms: number;
  /** In the order of the workspace. */
  readonly projects: ReadonlyMap<Member, ProjectResult>;
}

/**
 * Builds projects of a workspace: each after those that it depends on, as many at once as the machine can, and what they
 * have in common once. A project that fails stops only those that depend on it.
 */
export async function buildWorkspace(options: WorkspaceBuildOptions): Promise<WorkspaceResult> {
  const started = performance.now();
  const { workspace, projects, open, onEvent, concurrency = availableParallelism(), ...common } = options;
  const before = new MemberGraph(workspace.members).order(projects);
  const shared = new SharedWork(concurrency);
  const limit = new Limit(projectsAtOnce);
  const results = new Map<Member, Promise<ProjectResult>>();
  const opened: Project[] = [];

  const run = async (member: Member): Promise<ProjectResult> => {
    for (const needed of before.get(member)!) {
      const { outcome, ...rest } = await result(needed);
      if (outcome === "not-run") return { outcome, ...(rest as { because?: Member }) };
      if (outcome !== "done") return { outcome: "not-run", because: needed };
    }
    return limit.run(async () => {
      if (common.signal?.aborted) return { outcome: "not-run" };
      onEvent?.({ type: "project-started", member });
      try {
        const project = await open(member);
        opened.push(project);
        const built = await buildKeepingPlugins({
          ...common,
          project,
          shared,
          onEvent: (event) => onEvent?.({ type: "project-event", member, event }),
        });
        return { outcome: built.outcome, project, build: built };
      } catch (error) {
        if (!isSbpError(error)) throw error;
        return { outcome: "refused", error };
      }
    });
  };
  const result = (member: Member): Promise<ProjectResult> => {
    let one = results.get(member);
    if (!one) {
      one = run(member).then((ended) => {
        onEvent?.({ type: "project-finished", member, result: ended });
        return ended;
      });
      results.set(member, one);
    }
    return one;
  };

  const ended = new Map<Member, ProjectResult>();
  const all = await Promise.allSettled(
    projects.map(async (member) => [member, await result(member)] as const),
  );
  await disposePlugins({ steps: opened.flatMap(({ steps }) => steps) }, () => {});
  for (const one of all) {
    if (one.status === "rejected") throw one.reason;
    ended.set(...one.value);
  }
  const outcomes = [...ended.values()].map(({ outcome }) => outcome);
  return {
    outcome: common.signal?.aborted
      ? "cancelled"
      : outcomes.every((outcome) => outcome === "done")
        ? "done"
        : "failed",
    ms: Math.round(performance.now() - started),
    projects: ended,
  };
}
