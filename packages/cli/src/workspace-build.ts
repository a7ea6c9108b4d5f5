import {
  buildWorkspace,
  type Choice,
  chooseProjects,
  exitCodes,
  findWorkspace,
  isWorkspaceRoot,
  type Member,
  openStore,
  type ProjectResult,
  readWorkspace,
  SbpError,
  type Target,
  type Workspace,
  type WorkspaceResult,
} from "@sbp/core";
import { parseConcurrency } from "./build-options.ts";
import type { CommandResult } from "./command.ts";
import { interruptible } from "./interrupt.ts";
import { openProject } from "./project.ts";
import { placeError } from "./project-places.ts";
import { openWorkspaceRenderer, renderWorkspaceSummary } from "./render/workspace.ts";
import { type BuildRequest, exitCodeOf, openRemote, unwritableStore } from "./run-build.ts";

export interface WorkspaceRequest extends Omit<BuildRequest, "entry" | "targets" | "leavesStdout"> {
  readonly targets: readonly Target[] | undefined;
  readonly choice: Choice;
}

/**
 * The workspace that a build in this folder is of: where the folder is its top and has members to build, or where projects
 * were chosen. Throws SBP_WORKSPACE_MISSING where there is none to choose from.
 */
export async function workspaceAt(cwd: string, { filter, since }: Choice): Promise<Workspace | undefined> {
  if ((filter?.length ?? 0) > 0 || since !== undefined) {
    const workspace = await findWorkspace(cwd);
    if (workspace) return workspace;
    throw new SbpError("SBP_WORKSPACE_MISSING", "This folder is of no workspace to choose projects from", {
      hint: 'A workspace has "workspaces" in its package.json, or a pnpm-workspace.yaml.',
      exitCode: exitCodes.badUsage,
    });
  }
  if (!isWorkspaceRoot(cwd)) return undefined;
  const workspace = await readWorkspace(cwd);
  return workspace.members.some(({ isProject, place }) => isProject && place !== ".") ? workspace : undefined;
}

/** Builds the chosen projects of a workspace, showing what goes on. */
export async function runWorkspaceBuild(
  workspace: Workspace,
  request: WorkspaceRequest,
): Promise<CommandResult> {
  const { globals, terminal, options, targets, choice } = request;
  const concurrency = parseConcurrency(options.concurrency);
  const projects = await chooseProjects(workspace, choice);
  const store = await openStore();
  const remote = await openRemote();
  const renderer = openWorkspaceRenderer(terminal, globals, projects);
  const loaded = new Map();
  try {
    if (store.temporary) renderer.diagnostic(unwritableStore());
    const result = await interruptible(
      (signal) =>
        buildWorkspace({
          workspace,
          projects,
          open: ({ dir }) => openProject({ cwd: dir, loaded }),
          store,
          signal,
          onEvent: (event) => renderer.event(event),
          offline: options.offline,
          force: options.force,
          frozenLock: options["frozen-lock"],
          strict: options.strict,
          ...(remote && { remote }),
          ...(targets && { targets }),
          ...(options.until !== undefined && { until: options.until }),
          ...(concurrency !== undefined && { concurrency }),
        }),
      () => renderer.notice("  cancelling; once more to stop at once"),
    );
    renderer.end();
    const errors = [...result.projects].flatMap(([member, ended]) => errorsOf(member, ended));
    return {
      exitCode: exitCodeOf({ outcome: result.outcome, errors }),
      errors,
      json: jsonOf(result),
      ...(!globals.quiet && { text: renderWorkspaceSummary(result, terminal.out.paint) }),
    };
  } finally {
    renderer.end();
    await Promise.all([store.close(), remote?.storage.close()]);
  }
}

function errorsOf(member: Member, result: ProjectResult): SbpError[] {
  if (result.outcome === "refused") return [inProject(member, result.error)];
  if (result.outcome === "not-run") return [];
  return result.build.errors.map((error) => inProject(member, error));
}

/** The error with the project's place before its message, and absolute places. */
function inProject({ place, dir }: Member, error: SbpError): SbpError {
  const placed = placeError(error, dir);
  placed.message = `${place}: ${placed.message}`;
  return placed;
}

function jsonOf({ outcome, ms, projects }: WorkspaceResult) {
  const list = [...projects].map(([{ name, place }, result]) => {
    const { outcome } = result;
    if (outcome === "refused") return { name, place, outcome };
    if (outcome === "not-run") return { name, place, outcome, because: result.because?.place };
    const { errors: _, outcome: __, ...facts } = result.build;
    return { name, place, outcome, ...facts };
  });
  // JSON.stringify leaves out what is undefined.
  return JSON.parse(JSON.stringify({ outcome, ms, projects: list }));
}
