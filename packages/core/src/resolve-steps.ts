import type { Pins } from "./build-session.ts";
import { untilCancelled } from "./cancellation.ts";
import type { Project } from "./config/index.ts";
import { exitCodes, SbpError } from "./error.ts";
import type { EventSink } from "./event.ts";
import { stepFailure } from "./failure.ts";
import { normalJson } from "./json.ts";
import { LockFile, lockFileName } from "./lock-file.ts";
import type { Plan } from "./plan.ts";
import type { Resolution, ResolveContext } from "./plugin.ts";
import { hostTarget } from "./target.ts";

export interface ResolveOptions {
  readonly offline: boolean;
  /** Refuse a build that would change sbp.lock.json. */
  readonly frozenLock: boolean;
  readonly signal: AbortSignal;
  readonly emit: EventSink;
}

/** Has every step pin what its options leave open; writes sbp.lock.json when that brings something new. */
export async function resolveSteps(
  { project, steps: planned, targets }: Plan,
  options: ResolveOptions,
): Promise<{ readonly pins: Pins; readonly lock: LockFile }> {
  const steps = planned.filter(({ plugin }) => plugin.resolve);
  const before = LockFile.load(project.dir);
  const resolutions = await Promise.all(
    steps.map(async (step) => {
      const { emit, signal, offline } = options;
      const log = (level: "info" | "debug") => (message: string) =>
        emit({ type: "log", action: step.id, level, message });
      try {
        const context: ResolveContext = {
          options: normalJson(step.options),
          targets,
          host: hostTarget(),
          projectDir: project.dir,
          locked: before.get(step.id),
          offline,
          signal,
          progress: (message, state = {}) =>
            emit({ type: "action-progress", action: step.id, message, ...state }),
          log: { info: log("info"), debug: log("debug") },
        };
        const resolution = await untilCancelled(async () => step.plugin.resolve!(context), signal);
        if (!isResolution(resolution)) {
          throw new SbpError(
            "SBP_PLUGIN_OUTPUT",
            "The plugin's resolve() did not return { pins, lock, changes }",
          );
        }
        return { step, resolution };
      } catch (error) {
        throw stepFailure(error, step);
      }
    }),
  );
  const after = resolutions.reduce(
    (lock, { step, resolution }) => lock.with(step.id, resolution.lock),
    before,
  );
  if (after !== before)
    await save(
      after,
      project,
      options,
      resolutions.flatMap(({ resolution }) => resolution.changes),
    );
  const pins = new Map(resolutions.map(({ step, resolution }) => [step.id, resolution.pins]));
  return { pins, lock: after };
}

function isResolution(value: Resolution | undefined): boolean {
  const { pins, lock, changes } = value ?? {};
  return typeof pins === "object" && pins !== null && lock !== undefined && Array.isArray(changes);
}

async function save(
  lock: LockFile,
  project: Project,
  { frozenLock, emit }: ResolveOptions,
  changes: readonly string[],
): Promise<void> {
  if (frozenLock) throw outdatedLock(lock, changes);
  await saveLock(lock, project.dir, changes, emit);
}

/** For a build that would change a frozen lock. */
export function outdatedLock(lock: LockFile, changes: readonly string[]): SbpError {
  return new SbpError(
    "SBP_LOCK_OUTDATED",
    `${lockFileName} does not answer this build: ${changes.join("; ")}`,
    {
      location: { file: lock.path },
      hint: "Build once without --frozen-lock and commit the file.",
      exitCode: exitCodes.badUsage,
    },
  );
}

/** Writes the lock and tells what is new in it. Throws SBP_LOCK_NOT_WRITABLE. */
export async function saveLock(
  lock: LockFile,
  projectDir: string,
  changes: readonly string[],
  emit: EventSink,
): Promise<void> {
  try {
    await lock.save();
  } catch (error) {
    throw new SbpError(
      "SBP_LOCK_NOT_WRITABLE",
      `${lockFileName} cannot be written: ${(error as Error).message}`,
      {
        hint: `Make ${projectDir} writable, or commit a lock made elsewhere.`,
        cause: error,
      },
    );
  }
  emit({ type: "lock-changed", file: lock.path, changes });
}
