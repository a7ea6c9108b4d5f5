import { lstatSync } from "node:fs";
import { join, sep } from "node:path";
import type { Artifact } from "./artifact.ts";
import type { Project } from "./config/index.ts";
import { DigestCache } from "./digest-cache.ts";
import { EarlyCopies, type OutputBase } from "./early-copies.ts";
import type { EventSink } from "./event.ts";
import type { FoundPins } from "./found-pins.ts";
import { Inputs } from "./inputs.ts";
import type { JsonObject } from "./json.ts";
import { lockFileName } from "./lock-file.ts";
import { Memos } from "./memos.ts";
import type { Action } from "./plan.ts";
import { ProjectPaths } from "./project-paths.ts";
import { ProjectState } from "./project-state.ts";
import type { RemoteCache } from "./remote/remote-cache.ts";
import type { SharedWork } from "./shared-work.ts";
import type { Store } from "./store/store.ts";
import type { Target } from "./target.ts";

/** What a plugin pinned, by step id and target. */
export type Pins = ReadonlyMap<string, Readonly<Partial<Record<Target, JsonObject>>>>;

export interface Watching {
  /** Names of inputs that have changed since the last build: where to look first. */
  readonly changed: ReadonlySet<string>;
  /** An artifact is written; its action, which goes on when this settles, may still fail. */
  onArtifact(action: Action, artifact: Artifact): Promise<void>;
}

/** What all actions of one build share. */
export interface BuildSession {
  readonly project: Project;
  readonly store: Store;
  readonly inputs: Inputs;
  readonly digests: DigestCache;
  readonly state: ProjectState;
  readonly earlyCopies: EarlyCopies;
  readonly memos: Memos;
  readonly pins: Pins;
  /** With builds of other projects that go on at the same time. */
  readonly shared: SharedWork | undefined;
  readonly found: FoundPins;
  readonly paths: ProjectPaths;
  /** Results of other machines; undefined where nobody shares any. */
  readonly remote: RemoteCache | undefined;
  readonly signal: AbortSignal;
  readonly emit: EventSink;
  readonly offline: boolean;
  /** Run every action, whatever the store has. */
  readonly force: boolean;
  /** Warnings end an action that has them, also where its result was in the store: what is kept is the same. */
  readonly strict: boolean;
  /** Only in builds of a watcher, which follow changes at once, and changes them. */
  readonly watching?: Watching | undefined;
  /** Something was missing in the store or in what it relies on: only what is there counts. */
  readonly isRetry: boolean;
  /** Troubles of the store are failures now: nothing is tried again. */
  readonly isLastTry: boolean;
}

/** What is remembered of a project from build to build. */
export interface ProjectMemory {
  readonly digests: DigestCache;
  readonly state: ProjectState;
}

/** Opens what the store remembers of a project. */
export function openProjectMemory(project: Project, store: Store): ProjectMemory {
  return {
    digests: DigestCache.load(store.projectFile(project.dir, "digests.json")),
    state: ProjectState.load(store.projectFile(project.dir, "state.json")),
  };
}

/** What one build needs of it, beside what its lock has. */
export function buildMemory(
  memory: ProjectMemory,
  project: Project,
  store: Store,
  found: FoundPins,
  onBase?: (base: OutputBase) => void,
) {
  const earlyCopies = new EarlyCopies(memory.state, store, onBase);
  const paths = new ProjectPaths(project.dir);
  const memos = new Memos(store.projectFile(project.dir, "memos"));
  return { ...memory, earlyCopies, memos, found, paths, inputs: openInputs(memory, project, found, paths) };
}

/** The values of a project's inputs, which our own outputs are none of. */
export function openInputs(
  { digests, state }: ProjectMemory,
  project: Project,
  found: Pick<FoundPins, "get">,
  paths: ProjectPaths = new ProjectPaths(project.dir),
) {
  const { outDir } = project;
  const own = new Set([outDir, join(project.dir, lockFileName)]);
  // Only what was put there: others may keep files of their own in the output folder.
  const isOwn = (path: string) =>
    own.has(path) || (path.startsWith(outDir + sep) && state.published(path) !== undefined);
  return new Inputs(paths, digests, isOwn, found);
}

/** The present moment on the clock that stamps the store's files, as nanoseconds. */
export function fileSystemTime(freshPath: string): bigint {
  return lstatSync(freshPath, { bigint: true }).ctimeNs;
}
