import type { Artifact } from "../artifact.ts";
import { type BuildOptions, buildPlan, disposePlugins, type PlanBuilt, saveMemory } from "../build.ts";
import { openInputs, openProjectMemory, type ProjectMemory } from "../build-session.ts";
import type { Project } from "../config/index.ts";
import { isSbpError, type SbpError } from "../error.ts";
import type { BuildEvent } from "../event.ts";
import { globOf, type Input, type Inputs } from "../inputs.ts";
import { type Action, bundleAction, type Plan, planBuild, planFor, planUntil } from "../plan.ts";
import { ProjectPaths } from "../project-paths.ts";
import type { Target } from "../target.ts";
import { ChangeDetector } from "./change-detector.ts";
import type { WatchEvent } from "./event.ts";
import { EventQueue } from "./event-queue.ts";
import { ProjectSource } from "./project-source.ts";
import { WatchedInputs } from "./watched-inputs.ts";

/*
 *                    ┌──────────────────────── mended? ───────────────────────┐
 *                    ▼                                                        │
 *  watch() ──► LOADING ── config, plugins or plan do not allow it ──► REFUSED ┤
 *                ▲   │                                                        │
 *                │   │ the project stands                                     │
 *                │   ▼                                                        │
 *                │ BUILDING ── an input changes ──► CANCELLING ──┐            │
 *                │   │ ▲                                         │            │
 *                │   │ └──────── a source or a step's input ─────┤            │
 *                │   │                                           │            │
 *                │   │ done or failed: "built"                   │            │
 *                │   ▼                                           │            │
 *                │ ARMING ── changed before it was watched ──────┤            │
 *                │   │ all is as it was built: "watching"        │            │
 *                │   ▼                                           │            │
 *                │  IDLE ◄──── all values are the same ────┐     │            │
 *                │   │                                     │     │            │
 *                │   │ something happened to an input      │     │            │
 *                │   ▼                                     │     │            │
 *                │ SETTLING ── quiet for some ms ──► values compared          │
 *                │                                         │ "change-detected"│
 *                └──── config, lock, plugin ◄──────────────┴──► a source ─► BUILDING
 *
 *  From every state: close() or the signal ──► (cancel) ──► CLOSED
 *
 * What the system tells of files is a hint and no more: whether to build is decided by the values of the inputs, which are
 * those that fingerprints are made of. So a touched file, or one that is put back, starts nothing; and what went
 * unseen while a folder was not yet watched shows when it is.
 */

export interface WatchOptions
  extends Pick<
    BuildOptions,
    "store" | "signal" | "concurrency" | "offline" | "frozenLock" | "strict" | "onBase"
  > {
  /** Reads config and plugins; called again when one of the files changes that it named. */
  readonly load: () => Promise<Project>;
  /** Where the project is, to see what may let `load` succeed where it fails. Absolute. */
  readonly dir: string;
  readonly targets?: readonly Target[];
  /** The last step to run, by id, plugin or what it makes. Default: only what the app's first bundle needs. */
  readonly until?: string;
  /** Further files whose changes count, absolute. */
  readonly files?: readonly string[];
  /** For file systems that tell of no changes. */
  readonly poll?: boolean;
}

/** Times that config and plugins are read again at once because they changed while they were read. */
const mostReads = 5;
/**
 * An input that was written while an action ran, or in the very tick of the clock in which it began, may have been read before or
 * after: the action runs again, but the app that the first run made starts before that. Milliseconds; each time twice as many.
 */
const againAfterMs = 100;
/** So often: a file from the future would have it run for ever. */
const mostAgain = 3;
/** What makes the next start quick is written when nothing else is to do. Milliseconds. */
const saveAfterMs = 1000;

/** A project with what is known of its files. */
interface Loaded {
  readonly project: Project;
  readonly memory: ProjectMemory;
  readonly inputs: Inputs;
  readonly watched: WatchedInputs;
  /** The files of config and plugins, as they were read. */
  readonly config: readonly Input[];
}

/** Why the next build is made. */
interface Request {
  /** Of inputs that have changed; as `Input` names them. */
  readonly files: Set<string>;
  /** All steps, this once. */
  everything: boolean;
  /** Nothing is known to have changed, but this often in a row inputs may have while an action ran. */
  again: number;
}

/** Builds, and builds again whenever an input of the build has changed. */
export class Watcher implements AsyncIterable<WatchEvent> {
  readonly #options: WatchOptions;
  readonly #queue = new EventQueue<WatchEvent>();
  readonly #detector: ChangeDetector;
  readonly #source: ProjectSource;
  readonly #closing = new AbortController();
  #targets: readonly Target[] | undefined;
  #request: Request | undefined = { files: new Set(), everything: false, again: 0 };
  #building: AbortController | undefined;
  #wake: (() => void) | undefined;
  #ended: Promise<void> | undefined;

  #loaded: Loaded | undefined;
  /** Those that each action has told of last, by its id. */
  #actionInputs: ReadonlyMap<string, readonly Input[]> = new Map();
  /** sbp.lock.json as the last build has read or written it. */
  #lock: Input | undefined;
  /** Its name, once a build has written it: the change of it that is seen next is our own. */
  #ownLock: string | undefined;
  /** What keeps the project from being built, as it was told. */
  #refusal: string | undefined;
  #waitingAgain: NodeJS.Timeout | undefined;
  #saving: NodeJS.Timeout | undefined;

  constructor(options: WatchOptions) {
    this.#options = options;
    this.#targets = options.targets;
    this.#source = new ProjectSource(options.load, options.dir, options.store);
    this.#detector = new ChangeDetector({
      poll: options.poll ?? false,
      onChange: (inputs) => this.#changed(inputs),
      onError: (error) => this.#fail(error),
    });
    const { signal } = options;
    if (signal?.aborted) this.#closing.abort();
    signal?.addEventListener("abort", () => void this.close(), { once: true });
  }

  /** All events from the start, until the watcher is closed. For one reader: leaving the loop closes the watcher. */
  async *[Symbol.asyncIterator](): AsyncGenerator<WatchEvent, void, undefined> {
    if (this.#ended) throw new Error("A watcher has one reader");
    this.#ended = this.#run();
    try {
      for (let next = await this.#queue.take(); next; next = await this.#queue.take()) yield next.value;
    } finally {
      await this.close();
    }
  }

  /** Builds now; `everything`: all steps this once. */
  rebuild({ everything = false }: { readonly everything?: boolean } = {}): void {
    this.#ask([], everything);
  }

  setTargets(targets: readonly Target[]): void {
    this.#targets = targets;
    this.#ask([], false);
  }

  /** Cancels what runs and frees everything. */
  async close(): Promise<void> {
    this.#closing.abort();
    this.#building?.abort();
    this.#wake?.();
    await this.#ended;
  }

  async #run(): Promise<void> {
    const { signal } = this.#closing;
    try {
      while (!signal.aborted) {
        const request = this.#request;
        this.#request = undefined;
        if (request) await this.#build(request);
        if (this.#request || signal.aborted) continue;
        await this.#idle();
      }
    } catch (error) {
      this.#queue.end({ error });
    } finally {
      clearTimeout(this.#waitingAgain);
      await this.#detector.close();
      if (this.#source.project) await disposePlugins(this.#source.project, () => {});
      await this.#save();
      this.#queue.end();
    }
  }

  /** LOADING, BUILDING and ARMING; or REFUSED. */
  async #build(request: Request): Promise<void> {
    const building = new AbortController();
    this.#building = building;
    clearTimeout(this.#saving);
    clearTimeout(this.#waitingAgain);
    this.#waitingAgain = undefined;
    try {
      const loaded = await this.#load();
      const plan = this.#plan(loaded.project, request.everything);
      const built = await this.#buildPlan(plan, loaded, request.files, building.signal);
      if (built.result.outcome === "cancelled") return this.#again(request);
      this.#refusal = undefined;
      const bundle = bundleOf(plan, built);
      const files = [...request.files].sort();
      const { project } = loaded;
      this.#queue.put({ type: "built", project, result: built.result, ...(bundle && { bundle }), files });
      const isUnsettled = this.#learn(plan, built, loaded);
      const { again } = request;
      if (isUnsettled && again < mostAgain)
        this.#waitingAgain = setTimeout(() => this.#ask([], false, again + 1), againAfterMs * 2 ** again);
      await this.#detector.watch(loaded.watched, await this.#known(loaded));
      // From here on, what is known is what was written: whoever changes it is somebody else.
      this.#ownLock = undefined;
      if (this.#request || this.#waitingAgain) return;
      this.#queue.put({ type: "watching", inputs: loaded.watched.size, folders: this.#detector.size });
      this.#saving = setTimeout(() => void this.#save(), saveAfterMs).unref();
    } catch (error) {
      if (building.signal.aborted) return this.#again(request);
      if (!isSbpError(error)) throw error;
      await this.#refuse(error);
    } finally {
      this.#building = undefined;
    }
  }

  async #load(): Promise<Loaded> {
    for (let reads = 1; this.#source.isStale || !this.#loaded; reads++) {
      const since = await this.#source.now();
      const project = await this.#source.read();
      const isSame = this.#loaded?.project.dir === project.dir;
      const memory = isSame ? this.#loaded!.memory : openProjectMemory(project, this.#options.store);
      if (!isSame) this.#actionInputs = new Map();
      // What is pinned is no file: sbp.lock.json is watched as one.
      const inputs = openInputs(memory, project, { get: () => undefined });
      const config = await this.#source.inputs(inputs);
      if (reads < mostReads && (await this.#source.changedSince(since, inputs))) this.#source.invalidate();
      const watched = new WatchedInputs(inputs, new ProjectPaths(project.dir));
      this.#loaded = { project, memory, inputs, watched, config };
    }
    return this.#loaded;
  }

  #plan(project: Project, everything: boolean): Plan {
    const whole = planBuild(project, this.#targets);
    if (everything) return whole;
    const { until } = this.#options;
    if (until !== undefined) return planUntil(whole, until);
    const bundle = bundleAction(whole);
    return bundle ? planFor(whole, bundle) : whole;
  }

  async #buildPlan(
    plan: Plan,
    { project, inputs, memory }: Loaded,
    changed: ReadonlySet<string>,
    signal: AbortSignal,
  ): Promise<PlanBuilt> {
    const { store, concurrency, offline, frozenLock, strict, onBase } = this.#options;
    const options: BuildOptions = {
      project,
      store,
      signal,
      ...(concurrency !== undefined && { concurrency }),
      ...(offline !== undefined && { offline }),
      ...(frozenLock !== undefined && { frozenLock }),
      ...(strict !== undefined && { strict }),
      ...(onBase && { onBase }),
    };
    this.#lock = await inputs.present({ file: this.#source.lockFile });
    const { name } = this.#lock;
    const emit = (event: BuildEvent): void => {
      this.#queue.put(event);
      if (event.type !== "lock-changed") return;
      this.#lock = undefined;
      this.#ownLock = name;
    };
    const wanted = bundleAction(plan);
    const started = performance.now();
    const onArtifact = async (action: Action, artifact: Artifact): Promise<void> => {
      if (action !== wanted || artifact.kind !== "bundle" || signal.aborted) return;
      const ms = Math.round(performance.now() - started);
      const made = { project, bundle: artifact, files: [...changed].sort(), ms };
      // The reader comes first: the rest of the build would take the processor from it.
      await this.#queue.deliver({ type: "bundle-made", ...made }, signal);
    };
    return buildPlan(plan, options, memory, emit, { changed, onArtifact });
  }

  /**
   * What the actions of a build have read; of those that did not end, what they have read before. True when something of it may
   * have changed meanwhile.
   */
  #learn(plan: Plan, { outcomes }: PlanBuilt, { watched }: Loaded): boolean {
    const before = this.#actionInputs;
    const kept = (id: string) =>
      (before.get(id) ?? []).map((input) => ({ ...input, value: watched.known(input) ?? input.value }));
    const inputs = new Map<string, readonly Input[]>();
    let isUnsettled = false;
    for (const outcome of outcomes) {
      const { id } = outcome.action;
      if ("trace" in outcome) inputs.set(id, outcome.trace.inputs);
      else if (outcome.outcome === "failed") inputs.set(id, [...kept(id), ...outcome.inputs]);
      else inputs.set(id, kept(id));
      if (outcome.outcome === "ran" && !outcome.cacheable) isUnsettled = true;
    }
    // A plan of all steps, made once, is not what the next change is built by.
    if (plan.actions.length < before.size)
      for (const [id, of] of before) if (!inputs.has(id)) inputs.set(id, of);
    this.#actionInputs = inputs;
    return isUnsettled;
  }

  /** All inputs of project and build, with the values that were built. */
  async #known({ inputs, watched, config }: Loaded): Promise<Input[]> {
    const others = [];
    for (const file of this.#options.files ?? []) {
      const input = await inputs.present({ file });
      others.push({ ...input, value: watched.known(input) ?? input.value });
    }
    this.#lock ??= await inputs.present({ file: this.#source.lockFile });
    return [...config, this.#lock, ...others, ...[...this.#actionInputs.values()].flat()];
  }

  async #refuse(error: SbpError): Promise<void> {
    const told = `${error.code} ${error.message} ${JSON.stringify(error.diagnostics)}`;
    if (told !== this.#refusal) this.#queue.put({ type: "build-refused", error });
    this.#refusal = told;
    this.#source.invalidate();
    await this.#detector.anywhere(this.#source.folders(error));
    if (!this.#request) this.#queue.put({ type: "watching", inputs: 0, folders: this.#detector.size });
  }

  #changed(inputs: readonly Omit<Input, "value">[] | "anything"): void {
    if (inputs === "anything") {
      this.#ask([], false);
      return;
    }
    const files = this.#withoutOwnLock(inputs).map(({ kind, name }) =>
      kind === "glob" ? globOf(name).patterns.join(", ") : name,
    );
    if (files.length === 0) return;
    const config = new Set(this.#loaded?.config.map(({ name }) => name));
    if (files.some((file) => config.has(file))) this.#source.invalidate();
    this.#queue.put({ type: "change-detected", files: [...files].sort() });
    this.#ask(files, false);
  }

  #withoutOwnLock(inputs: readonly Omit<Input, "value">[]): readonly Omit<Input, "value">[] {
    const others = inputs.filter(({ name }) => name !== this.#ownLock);
    if (others.length < inputs.length) this.#ownLock = undefined;
    return others;
  }

  /** Asks for a build. One that runs is cancelled: what it would make is not wanted any more. */
  #ask(files: readonly string[], everything: boolean, again = 0): void {
    this.#request ??= { files: new Set(), everything, again };
    this.#request.again = Math.min(this.#request.again, again);
    for (const file of files) this.#request.files.add(file);
    this.#request.everything ||= everything;
    this.#building?.abort();
    this.#wake?.();
  }

  /** What was cancelled is still to be done. */
  #again({ files, everything, again }: Request): void {
    if (!this.#closing.signal.aborted) this.#ask([...files], everything, again);
  }

  #idle(): Promise<void> {
    return new Promise((wake) => {
      this.#wake = wake;
      if (this.#request || this.#closing.signal.aborted) wake();
    });
  }

  #fail(error: unknown): void {
    this.#queue.end({ error });
    void this.close();
  }

  async #save(): Promise<void> {
    if (this.#loaded) await saveMemory(this.#loaded.memory, this.#options.store, () => {});
  }
}

function bundleOf(plan: Plan, { outcomes }: PlanBuilt): Artifact | undefined {
  const action = bundleAction(plan);
  const outcome = outcomes.find((one) => one.action === action);
  return outcome && "artifacts" in outcome ? outcome.artifacts.get("bundle") : undefined;
}
