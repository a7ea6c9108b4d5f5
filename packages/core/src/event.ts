import type { ArtifactKind } from "./artifact.ts";
import type { Diagnostic, SbpError } from "./error.ts";
import type { Target } from "./target.ts";

/** Names an action for people and machines: `bundle`, `linux-x64/strip:runtime`. */
export type ActionId = string;

/**
 * Everything the engine tells while it works. A closed union: renderers switch over `type` and the compiler
 * checks that none is forgotten. Times are milliseconds, sizes bytes.
 */
export type BuildEvent =
  | BuildStarted
  | LockChanged
  | ActionStarted
  | ActionProgress
  | ActionFinished
  | ActionFailed
  | ActionCancelled
  | DiagnosticReported
  | LogWritten
  | OutputPublished
  | BuildFinished;

/** The plan stands; work begins. */
export interface BuildStarted {
  readonly type: "build-started";
  readonly name: string;
  readonly targets: readonly Target[];
  readonly actions: readonly { readonly id: ActionId; readonly step: string; readonly target?: Target }[];
}
/** A step has pinned something new in sbp.lock.json, which was written. */
export interface LockChanged {
  readonly type: "lock-changed";
  readonly file: string;
  /** One line per change, for people: `node@26: 26.10.0`. */
  readonly changes: readonly string[];
}
/** The action's result is not in the store: it runs. */
export interface ActionStarted {
  readonly type: "action-started";
  readonly action: ActionId;
  readonly step: string;
  readonly target?: Target;
  /** The first field of the fingerprint that differs from last time, for people. */
  readonly reason: string;
}
export interface ActionProgress {
  readonly type: "action-progress";
  /** `resolve` steps report under the step's name. */
  readonly action: ActionId;
  readonly message: string;
  readonly current?: number;
  readonly total?: number;
  readonly unit?: "bytes" | "items";
}
export interface ActionFinished {
  readonly type: "action-finished";
  readonly action: ActionId;
  readonly step: string;
  readonly target?: Target;
  readonly outcome: "ran" | "cached";
  readonly ms: number;
  /** Why it ran, or "unchanged". */
  readonly reason: string;
  readonly outputs: readonly {
    readonly kind: ArtifactKind;
    readonly digest: string;
    readonly size: number;
  }[];
  /** False when an input changed while it ran. */
  readonly cacheable: boolean;
}
export interface ActionFailed {
  readonly type: "action-failed";
  readonly action: ActionId;
  readonly step: string;
  readonly target?: Target;
  readonly ms: number;
  readonly error: SbpError;
}
/** It was running, or waiting, when the build was cancelled or something it needs failed. */
export interface ActionCancelled {
  readonly type: "action-cancelled";
  readonly action: ActionId;
  readonly step: string;
  readonly target?: Target;
  /** The failed action it waited for; absent when the user cancelled. */
  readonly because?: ActionId;
}
/** A warning (or note) of a step. Repeated when the step's result comes from the store. */
export interface DiagnosticReported {
  readonly type: "diagnostic";
  readonly action: ActionId;
  readonly diagnostic: Diagnostic;
}
export interface LogWritten {
  readonly type: "log";
  readonly action: ActionId;
  readonly level: "info" | "debug";
  readonly message: string;
}
/** A file under the output folder is in place. */
export interface OutputPublished {
  readonly type: "output-published";
  readonly kind: ArtifactKind;
  readonly target?: Target;
  /** Absolute. */
  readonly path: string;
  readonly size: number;
  readonly sha256: string;
  /** It was already there, untouched. */
  readonly unchanged: boolean;
}
export interface BuildFinished {
  readonly type: "build-finished";
  readonly outcome: "done" | "failed" | "cancelled";
  readonly ms: number;
  readonly ran: number;
  readonly cached: number;
  readonly failed: number;
}

export type EventSink = (event: BuildEvent) => void;
