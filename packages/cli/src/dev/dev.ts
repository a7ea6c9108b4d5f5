import { rm } from "node:fs/promises";
import { setTimeout } from "node:timers/promises";
import {
  exitCodes,
  openStore,
  SbpError,
  type Target,
  type WatchBuilt,
  type WatchEvent,
  type Watcher,
  watch,
} from "@sbp/core";
import { parseConcurrency, parseTargets } from "../build-options.ts";
import type { GlobalValues } from "../command.ts";
import { openProject } from "../project.ts";
import { DevRenderer } from "../render/dev.ts";
import { unwritableStore } from "../run-build.ts";
import type { Terminal } from "../terminal.ts";
import { AppFolder, type RunnableBundle } from "./app-folder.ts";
import { EnvFiles } from "./env-files.ts";
import { type Action, Keys } from "./keys.ts";
import { openFile } from "./open-file.ts";
import { Publisher } from "./publisher.ts";
import { Runner, type RunnerEvent } from "./runner.ts";

export interface DevRequest {
  readonly cwd: string;
  readonly globals: GlobalValues;
  readonly terminal: Terminal;
  readonly args: readonly string[];
  readonly targets: readonly Target[] | undefined;
  readonly until: string | undefined;
  /** Push every new image. */
  readonly push: boolean;
  /** Speak to the registry without TLS. */
  readonly plainHttp: boolean;
  readonly poll: boolean;
  readonly restart: boolean;
  readonly standby: boolean;
  readonly clear: boolean;
  readonly inspect: { readonly host: string; readonly port: number } | undefined;
  readonly envFiles: readonly string[];
  readonly options: {
    readonly offline: boolean;
    readonly "frozen-lock": boolean;
    readonly strict: boolean;
    readonly concurrency: string | undefined;
  };
}

/**
 * The rest of the build waits until the new process has its order, or the old one takes long to end: a busy event loop would hear
 * late of that end. Then the app has the processors for a moment. Milliseconds.
 */
const longestWaitMs = 100;
const headStartMs = 50;

const help = "r restart  b build all steps  t targets  o open the report  q quit";

/** A session of `sbp dev`: a watcher, and the app that runs what it has built. */
export class Dev {
  readonly #request: DevRequest;
  readonly #renderer: DevRenderer;
  readonly #env: EnvFiles;
  readonly #keys: Keys | undefined;
  readonly #publisher: Publisher | undefined;
  #watcher: Watcher | undefined;
  #folder: AppFolder | undefined;
  #runner: Runner | undefined;
  #running: RunnableBundle | undefined;
  #shownEnv = "";
  #built: WatchBuilt | undefined;
  #exitCode: number = exitCodes.done;
  #isIntroduced = false;
  #isEnding = false;

  constructor(request: DevRequest) {
    const { terminal, globals, until, push, plainHttp, clear, envFiles, cwd, options } = request;
    this.#request = request;
    this.#env = new EnvFiles(envFiles, cwd);
    this.#renderer = new DevRenderer(terminal, {
      ...globals,
      leavesStdout: true,
      showSteps: until !== undefined || options.strict,
      clear,
    });
    const isInteractive = process.stdin.isTTY && terminal.err.live && !globals.json;
    this.#keys = isInteractive ? new Keys((action) => void this.#act(action)) : undefined;
    this.#publisher = push
      ? new Publisher({ plainHttp, onEvent: (event) => this.#renderer.push(event) })
      : undefined;
  }

  /** Runs until somebody ends it. Returns the code to exit with. */
  async run(): Promise<number> {
    const { cwd, globals, targets, until, poll, options } = this.#request;
    const concurrency = parseConcurrency(options.concurrency);
    const store = await openStore();
    if (store.temporary)
      this.#renderer.event({ type: "diagnostic", action: "cache", diagnostic: unwritableStore });
    const dir = await store.workDir();
    this.#folder = await AppFolder.create(dir);
    this.#runner = new Runner({
      command: { boot: this.#folder.boot, args: this.#request.args, cwd },
      standby: this.#request.standby,
      order: { inspect: this.#request.inspect, tellStdin: this.#keys !== undefined },
      onEvent: (event) => this.#app(event),
    });
    this.#watcher = watch({
      load: () => openProject({ cwd, configFile: globals.config }),
      dir: cwd,
      store,
      poll,
      files: this.#env.files,
      offline: options.offline,
      frozenLock: options["frozen-lock"],
      strict: options.strict,
      ...(targets && { targets }),
      ...(until !== undefined && { until }),
      ...(concurrency !== undefined && { concurrency }),
      ...(this.#publisher && { onBase: (base) => void this.#publisher!.begin(base) }),
    });
    const stopListening = this.#listen();
    try {
      for await (const event of this.#watcher) await this.#take(event);
    } finally {
      stopListening();
      this.#keys?.stop();
      this.#renderer.end();
      await Promise.all([this.#runner.close(), this.#publisher?.close()]);
      await this.#folder.close();
      await rm(dir, { recursive: true, force: true });
      await store.close();
    }
    return this.#exitCode;
  }

  async #take(event: WatchEvent): Promise<void> {
    if (event.type === "built" || event.type === "bundle-made") this.#renderer.projectDir = event.project.dir;
    this.#renderer.event(event);
    if (event.type === "build-started" && this.#publisher) this.#publisher.isBuilding = true;
    // The rest of the build cannot say no to it.
    const isGood = this.#request.until === undefined && !this.#request.options.strict;
    if (event.type === "bundle-made" && isGood) await this.#start(event);
    if (event.type === "built") {
      this.#built = event;
      if (event.result.outcome === "done") {
        this.#publisher?.push(event.result);
        await this.#start(event);
      } else this.#publisher?.abandon();
    }
    const isOver = event.type === "built" || event.type === "build-refused";
    if (isOver && this.#publisher) this.#publisher.isBuilding = false;
    if (event.type === "watching" && this.#keys && !this.#isIntroduced) {
      this.#isIntroduced = true;
      this.#renderer.notice(this.#request.terminal.err.paint.dim(help));
      this.#keys.start();
    }
  }

  /** Runs what was built, where it is other than what runs. */
  async #start({ bundle, project }: Pick<WatchBuilt, "bundle" | "project">): Promise<void> {
    if (!this.#request.restart || this.#isEnding) return;
    if (!bundle) {
      throw new SbpError("SBP_DEV_NOTHING", "The pipeline makes no bundle that could be run", {
        hint: 'A pipeline with the step "bundle" makes one; --no-restart only builds.',
        exitCode: exitCodes.badUsage,
      });
    }
    const env = this.#env.environment();
    const shownEnv = JSON.stringify(env);
    const isSame = this.#running?.digest === bundle.digest && shownEnv === this.#shownEnv;
    if (isSame) return;
    const before = this.#running;
    this.#runner!.retire(project.restart?.ready);
    this.#running = await this.#folder!.put(bundle, project);
    this.#shownEnv = shownEnv;
    const started = this.#run(env, project.restart?.ready, before);
    await Promise.race([started, setTimeout(longestWaitMs, undefined, { ref: false })]);
    await setTimeout(headStartMs);
  }

  async #run(env: NodeJS.ProcessEnv, ready: string | undefined, before?: RunnableBundle): Promise<void> {
    const bundle = this.#running!;
    await this.#runner!.run({ bundle, env, ready: ready === undefined ? undefined : new URL(ready) });
    await before?.remove();
  }

  #app(event: RunnerEvent): void {
    // The terminal is the app's now, until it ends.
    if (event.type === "app-stdin") {
      this.#keys?.lend(event.pid);
      event.give();
    }
    if (event.type === "app-exited") {
      this.#keys?.takeBack(event.pid);
      if (this.#isIntroduced && !this.#isEnding) this.#keys?.start();
    }
    this.#renderer.app(event);
  }

  async #act(action: Action): Promise<void> {
    switch (action) {
      case "restart":
        if (this.#running) await this.#run(this.#env.environment(), this.#built?.project.restart?.ready);
        return;
      case "build":
        this.#renderer.await();
        this.#watcher!.rebuild({ everything: true });
        return;
      case "targets":
        return this.#pickTargets();
      case "open":
        return this.#openReport();
      case "help":
        this.#renderer.notice(help);
        return;
      case "quit":
        return this.#end(exitCodes.done);
      case "interrupt":
        return this.#end(exitCodes.interrupted);
    }
  }

  async #pickTargets(): Promise<void> {
    const words = await this.#keys!.ask('  targets (names with commas, "all" or "host"): ');
    if (words.trim() === "") return;
    try {
      const targets = parseTargets([words]);
      if (targets) this.#watcher!.setTargets(targets);
    } catch (error) {
      this.#renderer.notice((error as Error).message);
    }
  }

  async #openReport(): Promise<void> {
    const outputs = this.#built?.result.outputs ?? [];
    const report =
      outputs.find(({ kind, path }) => kind === "report" && path.endsWith(".html")) ??
      outputs.find(({ kind }) => kind === "report");
    if (!report) this.#renderer.notice("there is no report; b builds all steps");
    else if (!(await openFile(report.path))) this.#renderer.notice(report.path);
  }

  async #end(exitCode: number, signal: NodeJS.Signals = "SIGTERM"): Promise<void> {
    if (this.#isEnding) {
      // Once more: at once.
      this.#runner?.kill();
      this.#keys?.stop();
      process.exit(exitCodes.interrupted);
    }
    this.#isEnding = true;
    this.#exitCode = exitCode;
    await Promise.all([this.#runner?.close(signal), this.#watcher?.close()]);
  }

  /** Signals of the terminal and of others. */
  #listen(): () => void {
    const ends: NodeJS.Signals[] = ["SIGINT", "SIGTERM", "SIGHUP"];
    const end = (signal: NodeJS.Signals) => void this.#end(exitCodes.interrupted, signal);
    const passed: NodeJS.Signals[] = process.platform === "win32" ? [] : ["SIGWINCH", "SIGUSR2"];
    const pass = (signal: NodeJS.Signals) => this.#runner?.signal(signal);
    for (const signal of ends) process.on(signal, end);
    for (const signal of passed) process.on(signal, pass);
    return () => {
      for (const signal of ends) process.off(signal, end);
      for (const signal of passed) process.off(signal, pass);
    };
  }
}
