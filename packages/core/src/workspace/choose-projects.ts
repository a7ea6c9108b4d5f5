import { exitCodes, SbpError } from "../error.ts";
import { nearest } from "../nearest.ts";
import { changedFiles } from "./changed-files.ts";
import { MemberGraph } from "./member-graph.ts";
import type { Member, Workspace } from "./workspace.ts";

export interface Choice {
  /**
   * Names or places of members, as patterns: `@acme/*`, `./services/**`; `!` before one leaves out what it matches, `...` behind one
   * adds what the members depend on, and before it what depends on them. All without any.
   */
  readonly filter?: readonly string[];
  /** Only what changed since this commit, and what depends on it. */
  readonly since?: string | undefined;
}

/** The projects of a workspace that are to be built, sorted by place. @throws SbpError SBP_WORKSPACE_FILTER, SBP_WORKSPACE_SINCE */
export async function chooseProjects(
  workspace: Workspace,
  { filter = [], since }: Choice,
): Promise<Member[]> {
  const graph = new MemberGraph(workspace.members);
  let chosen = new Set<Member>(workspace.members);
  if (filter.length > 0) chosen = await filtered(workspace, graph, filter);
  if (since !== undefined) {
    const changed = graph.withDependents(changedMembers(workspace, await changedFiles(workspace.dir, since)));
    chosen = new Set([...chosen].filter((member) => changed.has(member)));
  }
  return workspace.members.filter((member) => member.isProject && chosen.has(member));
}

async function filtered(workspace: Workspace, graph: MemberGraph, filter: readonly string[]) {
  const { default: picomatch } = await import("picomatch");
  const excludes = filter.filter((pattern) => pattern.startsWith("!"));
  const includes = filter.filter((pattern) => !pattern.startsWith("!"));
  const matches = (pattern: string): Set<Member> => {
    const [, before, bare, behind] = /^(\.\.\.)?(.*?)(\.\.\.)?$/.exec(pattern)!;
    const isPlace = bare!.startsWith("./") || bare === ".";
    const isMatch = picomatch(isPlace ? bare!.replace(/^\.\/(?=.)/, "").replace(/\/$/, "") : bare!);
    const found = workspace.members.filter(({ name, place }) => isMatch(isPlace ? place : name));
    if (found.length === 0) throw unmatched(pattern, workspace);
    return new Set([
      ...found,
      ...(before ? graph.withDependents(found) : []),
      ...(behind ? graph.withDependencies(found) : []),
    ]);
  };
  const chosen = new Set(
    includes.length > 0 ? includes.flatMap((one) => [...matches(one)]) : workspace.members,
  );
  for (const pattern of excludes) for (const member of matches(pattern.slice(1))) chosen.delete(member);
  return chosen;
}

/** What lies outside of all members (a lock file, a shared config) may matter to each. */
function changedMembers({ members }: Workspace, files: readonly string[]): ReadonlySet<Member> {
  const inner = members.filter(({ place }) => place !== ".").sort((a, b) => b.place.length - a.place.length);
  const changed = new Set<Member>();
  for (const file of files) {
    const owner = inner.find(({ place }) => file.startsWith(`${place}/`));
    if (!owner) return new Set(members);
    changed.add(owner);
  }
  return changed;
}

function unmatched(pattern: string, { members }: Workspace): SbpError {
  const names = members.filter(({ isProject }) => isProject).map(({ name }) => name);
  const guess = nearest(pattern, names);
  const known = names.length > 12 ? `${names.slice(0, 12).join(", ")}, …` : names.join(", ");
  return new SbpError("SBP_WORKSPACE_FILTER", `--filter ${pattern} matches no package of the workspace`, {
    hint: `${guess === undefined ? "" : `Did you mean ${guess}? `}The projects are ${known}.`,
    exitCode: exitCodes.badUsage,
  });
}
