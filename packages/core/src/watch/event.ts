import type { Artifact } from "../artifact.ts";
import type { BuildResult } from "../build.ts";
import type { Project } from "../config/index.ts";
import type { SbpError } from "../error.ts";
import type { BuildEvent } from "../event.ts";

/** What a watcher tells: all of its builds' events, and these. */
export type WatchEvent = BuildEvent | ChangeDetected | BuildRefused | BundleMade | WatchBuilt | Watching;

/** Inputs have other values than those of the last build: the next one begins, in place of one that runs. */
export interface ChangeDetected {
  readonly type: "change-detected";
  /** Sorted; relative to the project where they lie in its repository. Empty where the build was asked for. */
  readonly files: readonly string[];
}
/** Config, plugins or plan do not allow a build. It begins when that is mended. */
export interface BuildRefused {
  readonly type: "build-refused";
  readonly error: SbpError;
}
/** The app's first bundle is there; the build goes on when the next event is asked for, and may still fail. Not told where the bundle came from the store. */
export interface BundleMade {
  readonly type: "bundle-made";
  readonly project: Project;
  readonly bundle: Artifact;
  /** What had changed; empty for the first build. */
  readonly files: readonly string[];
  /** Since the build began. */
  readonly ms: number;
}
/** A build came to its end. One that was cancelled by a change tells only of that. */
export interface WatchBuilt {
  readonly type: "built";
  readonly project: Project;
  readonly result: BuildResult;
  /** The app's first bundle. Undefined where none was made. */
  readonly bundle?: Artifact;
  /** What had changed; empty for the first build. */
  readonly files: readonly string[];
}
/** Everything is as it was when it was built, and is watched. */
export interface Watching {
  readonly type: "watching";
  /** Files, folders and globs that count. */
  readonly inputs: number;
  readonly folders: number;
}
