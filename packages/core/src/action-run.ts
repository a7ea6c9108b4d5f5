import { existsSync, rmdirSync, utimesSync } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { firstDifference, pinsOf } from "./action-lookup.ts";
import type { Artifact, ArtifactKind } from "./artifact.ts";
import { type BuildSession, fileSystemTime } from "./build-session.ts";
import { withinTimeLimit } from "./cancellation.ts";
import { laneArtifacts, ownArtifacts } from "./consumed.ts";
import { type Diagnostic, SbpError } from "./error.ts";
import { readOptions } from "./fingerprint.ts";
import { sha256 } from "./hash.ts";
import { type Input, inputKey, unreadable } from "./inputs.ts";
import { canonicalJson, type Json, normalJson } from "./json.ts";
import type { Action, SourceName } from "./plan.ts";
import type { Memo, RunContext } from "./plugin.ts";
import { ArtifactBuilder } from "./store/artifact-builder.ts";
import { isDiagnostic } from "./store/record-shape.ts";
import { StoreTrouble, storeWork } from "./store/store-trouble.ts";
import type { ArtifactInStore } from "./store/stored-artifact.ts";
import type { Trace } from "./store/stored-file.ts";
import { formatVersion } from "./version.ts";

type Named = Omit<Input, "value">;

export interface RunResult {
  readonly trace: Trace;
  /** False when an input changed while the action ran: the result serves this build only. */
  readonly cacheable: boolean;
}

/** Runs an action's transform in a work folder of its own. Nothing is left of a run that fails. */
export async function runAction(
  action: Action,
  session: BuildSession,
  consumed: ReadonlyMap<SourceName, Artifact>,
): Promise<RunResult> {
  const workDir = await session.store.workDir();
  const run = new ActionRun(action, session, consumed, workDir);
  try {
    const started = await beginning(workDir, session);
    const work = async (signal: AbortSignal) => action.transform.run(run.context(signal));
    await withinTimeLimit(work, session.signal, action.transform.timeLimit);
    return await run.result(started);
  } catch (error) {
    // Taken away while somebody worked in it.
    if (!existsSync(workDir)) throw new StoreTrouble(true, `${workDir} is gone`, error);
    if (error instanceof Error && !session.signal.aborted) failedInputs.set(error, await run.inputs());
    throw error;
  } finally {
    // What a program has made so that it cannot be removed spoils no result.
    if (!removed(workDir)) await rm(workDir, { recursive: true, force: true }).catch(() => {});
  }
}

/**
 * The moment in which a run begins, on the clock that stamps files. What changes in its tick counts as before it, but not while
 * somebody saves files: then it may come after what the run reads of it, and the action would have to run again. So such a run waits
 * for the tick behind the changes that it was started by.
 */
async function beginning(workDir: string, { watching, inputs, paths }: BuildSession): Promise<bigint> {
  if (!watching) return fileSystemTime(workDir);
  // With the folders, in which editors put another file in the place of the old one.
  const files = new Set([...watching.changed].flatMap((name) => [name, dirname(paths.absolute(name))]));
  const changed = [...files].map((file) => inputs.named({ file }));
  for (let waited = 0; ; waited++) {
    const started = fileSystemTime(workDir) - 1n;
    const areBefore = (await Promise.all(changed.map((file) => inputs.changedSince(file, started)))).every(
      (isAfter) => !isAfter,
    );
    if (areBefore || waited >= longestTick) return started;
    await setTimeout(1);
    const now = new Date();
    utimesSync(workDir, now, now);
  }
}

/** Milliseconds. Some file systems keep whole seconds: those are not waited for. */
const longestTick = 12;

/** False for a folder with something in it. */
function removed(folder: string): boolean {
  try {
    rmdirSync(folder);
    return true;
  } catch {
    return false;
  }
}

/** What runs that failed had declared until then, by what they threw. */
const failedInputs = new WeakMap<Error, readonly Input[]>();

/** The inputs that a run had declared before it threw this, with the values that they had then. */
export function declaredBefore(error: unknown): readonly Input[] {
  return (error instanceof Error && failedInputs.get(error)) || [];
}

class ActionRun {
  readonly #action: Action;
  readonly #session: BuildSession;
  readonly #consumed: ReadonlyMap<SourceName, Artifact>;
  readonly #workDir: string;
  readonly #inputs = new Map<string, Named>();
  readonly #artifacts = new Map<ArtifactKind, ArtifactInStore>();
  readonly #writing = new Set<ArtifactKind>();
  readonly #diagnostics: Diagnostic[] = [];
  #folders = 0;

  constructor(
    action: Action,
    session: BuildSession,
    consumed: ReadonlyMap<SourceName, Artifact>,
    workDir: string,
  ) {
    this.#action = action;
    this.#session = session;
    this.#consumed = consumed;
    this.#workDir = workDir;
  }

  context(signal: AbortSignal): RunContext {
    const { id, transform, target, step } = this.#action;
    const { project, offline, emit } = this.#session;
    const pins = pinsOf(this.#action, this.#session);
    const log = (level: "info" | "debug") => (message: string) =>
      emit({ type: "log", action: id, level, message });
    return {
      // Fresh and in the order that fingerprints see.
      options: normalJson(readOptions(this.#action)),
      target: transform.targetless ? undefined : target,
      app: transform.usesApp ? project.app : undefined,
      projectDir: project.dir,
      artifacts: ownArtifacts(this.#consumed),
      lanes: laneArtifacts(this.#consumed),
      pins: pins && normalJson(pins),
      dependOn: (...dependencies) => {
        for (const dependency of dependencies) this.#declare(this.#session.inputs.named(dependency));
      },
      memo: (memo) => this.#memo(memo),
      tool: async (name, { versionArgs = ["--version"], install } = {}) => {
        this.#declare({ kind: "tool", name, versionArgs });
        const tool = await this.#session.inputs.tool(name, versionArgs);
        if (tool) return tool;
        throw new SbpError(
          "SBP_TOOL_MISSING",
          `The program "${name}" is not on PATH; step "${step.id}" needs it`,
          {
            hint: install ?? `Install ${name}, or add its folder to PATH.`,
          },
        );
      },
      pinned: (key) => {
        this.#declare(pinInput(step.id, key));
        return this.#session.found.get(step.id, key);
      },
      pin: (key, value) => {
        this.#declare(pinInput(step.id, key));
        this.#session.found.put(step.id, key, value);
      },
      write: (kind, meta, fill) => {
        const written = this.#write(kind, meta, fill);
        // A plugin that does not wait for it hears of its mistake from the result.
        written.catch(() => {});
        return written;
      },
      report: (diagnostic) => {
        if (!isDiagnostic(diagnostic)) {
          throw this.#wrongOutput(`reported what is no diagnostic: ${JSON.stringify(diagnostic)}`);
        }
        this.#diagnostics.push(diagnostic);
      },
      progress: (message, state = {}) => emit({ type: "action-progress", action: id, message, ...state }),
      log: { info: log("info"), debug: log("debug") },
      signal,
      offline,
      tmp: () => this.#folder(),
    };
  }

  async #write(...[kind, meta, fill]: Parameters<RunContext["write"]>): Promise<Artifact> {
    const { produces } = this.#action.transform;
    if (!produces.includes(kind)) {
      throw this.#wrongOutput(`wrote a "${kind}" artifact, but produces ${produces.join(", ")}`);
    }
    if (this.#writing.has(kind)) throw this.#wrongOutput(`wrote its "${kind}" artifact twice`);
    this.#writing.add(kind);
    const { store, digests, signal } = this.#session;
    const builder = new ArtifactBuilder(kind, () => this.#folder(), {
      blobs: store.blobs,
      digestOf: (file) => digests.sha256(file),
      signal,
    });
    await fill(builder);
    const artifact = await builder.finish(meta);
    this.#artifacts.set(kind, artifact);
    await this.#session.watching?.onArtifact(this.#action, artifact);
    return artifact;
  }

  /** Checks what was written and takes down what it was made from. */
  async result(started: bigint): Promise<RunResult> {
    const { transform } = this.#action;
    const missing = transform.produces.filter((kind) => !this.#artifacts.has(kind));
    if (missing.length > 0)
      throw this.#wrongOutput(`ended without writing its "${missing.join('", "')}" artifact`);
    const { inputs, areSteady } = await this.#valued(this.#inputs, started);
    const trace: Trace = {
      id: sha256(JSON.stringify(inputs)),
      inputs,
      artifacts: transform.produces.map((kind) => this.#artifacts.get(kind)!.stored),
      diagnostics: this.#diagnostics,
    };
    return { trace, cacheable: areSteady };
  }

  async #memo<Value extends Json>({ key, is, work }: Memo<Value>): Promise<Value> {
    const { memos, inputs, force, emit } = this.#session;
    const { id, step } = this.#action;
    const fingerprint = sha256(canonicalJson([formatVersion, step.plugin.name, step.pluginDigest, key]));
    const known = force ? undefined : memos.get(fingerprint);
    if (
      known &&
      is(known.value) &&
      !(await firstDifference(known.inputs, inputs.snapshot(), this.#session))
    ) {
      for (const { value: _, ...input } of known.inputs) this.#declare(input);
      return known.value;
    }
    const started = fileSystemTime(await this.#folder());
    const declared = new Map<string, Named>();
    const { value, isKept = true } = await work((...dependencies) => {
      for (const input of dependencies.map((dependency) => inputs.named(dependency))) {
        this.#declare(input);
        declared.set(inputKey(input), input);
      }
    });
    const valued = isKept ? await this.#valued(declared, started) : undefined;
    if (valued?.areSteady)
      await memos
        .put(fingerprint, { inputs: valued.inputs, value })
        .catch((error) =>
          emit({ type: "log", action: id, level: "debug", message: `A memo is not kept: ${error.message}` }),
        );
    return value;
  }

  /** Inputs with their values, sorted; not steady when one of them may have changed after a moment. */
  async #valued(
    named: ReadonlyMap<string, Named>,
    started: bigint,
  ): Promise<{ inputs: Input[]; areSteady: boolean }> {
    const inputs = await this.#present(named);
    let areSteady = true;
    for (const input of inputs)
      if (input.value === unreadable || (await this.#session.inputs.changedSince(input, started)))
        areSteady = false;
    return { inputs, areSteady };
  }

  /** What was declared until now, sorted, with its present values. */
  inputs(): Promise<Input[]> {
    return this.#present(this.#inputs);
  }

  async #present(named: ReadonlyMap<string, Named>): Promise<Input[]> {
    const inputs: Input[] = [];
    for (const [, input] of [...named].sort(([a], [b]) => (a < b ? -1 : 1)))
      inputs.push({ ...input, value: await this.#session.inputs.value(input) });
    return inputs;
  }

  #declare(input: Named): void {
    this.#inputs.set(inputKey(input), input);
  }

  async #folder(): Promise<string> {
    const path = join(this.#workDir, `${this.#folders++}`);
    await storeWork(() => mkdir(path));
    return path;
  }

  #wrongOutput(what: string): SbpError {
    return new SbpError("SBP_PLUGIN_OUTPUT", `The plugin ${what}`, {
      hint: "This is a mistake in the plugin: it must write each kind it produces exactly once, and wait for it.",
    });
  }
}

function pinInput(step: string, key: string): Named {
  return { kind: "pin", name: JSON.stringify([step, key]) };
}
