import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { pinsOf } from "./action-lookup.ts";
import type { Artifact, ArtifactKind } from "./artifact.ts";
import { type BuildSession, fileSystemTime } from "./build-session.ts";
import { type Diagnostic, SbpError } from "./error.ts";
import { readOptions } from "./fingerprint.ts";
import { sha256 } from "./hash.ts";
import type { Input } from "./inputs.ts";
import { canonicalJson, type Json } from "./json.ts";
import type { Action } from "./plan.ts";
import type { RunContext } from "./plugin.ts";
import { ArtifactBuilder } from "./store/artifact-builder.ts";
import type { ArtifactInStore } from "./store/stored-artifact.ts";
import type { Trace } from "./store/stored-file.ts";

/** How long a cancelled plugin may take to end before it is left to itself. Milliseconds. */
const cancelGrace = 3000;

export interface RunResult {
  readonly trace: Trace;
  /** False when an input changed while the action ran: the result serves this build only. */
  readonly cacheable: boolean;
}

/** Runs an action's transform in a work folder of its own. Nothing is left of a run that fails. */
export async function runAction(
  action: Action,
  session: BuildSession,
  consumed: ReadonlyMap<ArtifactKind, Artifact>,
): Promise<RunResult> {
  const workDir = await session.store.workDir();
  try {
    const started = fileSystemTime(workDir);
    const run = new ActionRun(action, session, consumed, workDir);
    await untilCancelled(action.transform.run(run.context()), session.signal);
    return await run.result(started);
  } finally {
    await rm(workDir, { recursive: true, force: true });
  }
}

class ActionRun {
  readonly #action: Action;
  readonly #session: BuildSession;
  readonly #consumed: ReadonlyMap<ArtifactKind, Artifact>;
  readonly #workDir: string;
  readonly #inputs = new Map<string, Omit<Input, "value">>();
  readonly #artifacts = new Map<ArtifactKind, ArtifactInStore>();
  readonly #writing = new Set<ArtifactKind>();
  readonly #diagnostics: Diagnostic[] = [];
  #folders = 0;

  constructor(
    action: Action,
    session: BuildSession,
    consumed: ReadonlyMap<ArtifactKind, Artifact>,
    workDir: string,
  ) {
    this.#action = action;
    this.#session = session;
    this.#consumed = consumed;
    this.#workDir = workDir;
  }

  context(): RunContext {
    const { id, transform, target, step } = this.#action;
    const { project, signal, offline, emit } = this.#session;
    const log = (level: "info" | "debug") => (message: string) =>
      emit({ type: "log", action: id, level, message });
    return {
      options: readOptions(this.#action),
      target: transform.targetless ? undefined : target,
      app: transform.usesApp ? project.app : undefined,
      projectDir: project.dir,
      artifacts: Object.fromEntries(this.#consumed) as Record<ArtifactKind, Artifact>,
      pins: pinsOf(this.#action, this.#session),
      dependOn: (...dependencies) => {
        for (const dependency of dependencies) this.#declare(this.#session.inputs.named(dependency));
      },
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
      write: async (kind, meta, fill) => {
        if (!transform.produces.includes(kind)) {
          throw this.#wrongOutput(
            `wrote a "${kind}" artifact, but produces ${transform.produces.join(", ")}`,
          );
        }
        if (this.#writing.has(kind)) throw this.#wrongOutput(`wrote its "${kind}" artifact twice`);
        this.#writing.add(kind);
        const builder = new ArtifactBuilder(kind, await this.#folder(), this.#session.store.blobs, signal);
        await fill(builder);
        const artifact = await builder.finish(meta);
        this.#artifacts.set(kind, artifact);
        return artifact;
      },
      report: (diagnostic) => {
        this.#diagnostics.push(diagnostic);
      },
      progress: (message, state = {}) => emit({ type: "action-progress", action: id, message, ...state }),
      log: { info: log("info"), debug: log("debug") },
      signal,
      offline,
      tmp: () => this.#folder(),
    };
  }

  /** Checks what was written and takes down what it was made from. */
  async result(started: bigint): Promise<RunResult> {
    const { transform } = this.#action;
    const missing = transform.produces.filter((kind) => !this.#artifacts.has(kind));
    if (missing.length > 0)
      throw this.#wrongOutput(`ended without writing its "${missing.join('", "')}" artifact`);
    const inputs: Input[] = [];
    let cacheable = true;
    for (const named of this.#inputs.values()) {
      inputs.push({ ...named, value: await this.#session.inputs.value(named) });
      if (this.#session.inputs.changedSince(named, started)) cacheable = false;
    }
    inputs.sort((a, b) => (`${a.kind} ${a.name}` < `${b.kind} ${b.name}` ? -1 : 1));
    const trace: Trace = {
      id: sha256(canonicalJson(inputs as unknown as Json)),
      inputs,
      artifacts: transform.produces.map((kind) => this.#artifacts.get(kind)!.stored),
      diagnostics: this.#diagnostics,
    };
    return { trace, cacheable };
  }

  #declare(input: Omit<Input, "value">): void {
    this.#inputs.set(`${input.kind} ${input.name}`, input);
  }

  async #folder(): Promise<string> {
    const path = join(this.#workDir, `${this.#folders++}`);
    await mkdir(path);
    return path;
  }

  #wrongOutput(what: string): SbpError {
    return new SbpError("SBP_PLUGIN_OUTPUT", `The plugin ${what}`, {
      hint: "This is a mistake in the plugin: it must write each kind it produces exactly once.",
    });
  }
}

/** Waits for the run; after a cancellation only for as long as it is polite. */
async function untilCancelled(run: Promise<void>, signal: AbortSignal): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  let onAbort = () => {};
  const gone = new Promise<never>((_, reject) => {
    onAbort = () => {
      timer = setTimeout(() => reject(signal.reason), cancelGrace);
    };
  });
  if (signal.aborted) onAbort();
  else signal.addEventListener("abort", onAbort, { once: true });
  try {
    await Promise.race([run, gone]);
    signal.throwIfAborted();
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", onAbort);
    run.catch(() => {});
  }
}
