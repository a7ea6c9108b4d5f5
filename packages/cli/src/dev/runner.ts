import { readFile } from "node:fs/promises";
import type { RunnableBundle } from "./app-folder.ts";
import { type AppCommand, type AppEnd, type AppOrder, AppProcess } from "./app-process.ts";
import { Guard } from "./guard.ts";
import { canSharePorts, isReady } from "./ready.ts";

export type RunnerEvent =
  | { readonly type: "app-started"; readonly pid: number | undefined; readonly standby: boolean }
  | { readonly type: "app-ready"; readonly pid: number | undefined; readonly ms: number }
  /** `expected`: it was asked to. */
  | ({ readonly type: "app-exited"; readonly pid: number | undefined; readonly expected: boolean } & AppEnd)
  /** It waits for standard input until `give` is called. */
  | { readonly type: "app-stdin"; readonly pid: number; give(): void };

export interface RunnerOptions {
  readonly command: Omit<AppCommand, "main" | "env">;
  readonly standby: boolean;
  readonly order: Omit<AppOrder, "overlay" | "sharePorts">;
  readonly onEvent: (event: RunnerEvent) => void;
}

/** What to run, and how to know that it runs. */
export interface RunRequest {
  readonly bundle: RunnableBundle;
  readonly env: NodeJS.ProcessEnv;
  /** Answers when the app is ready. */
  readonly ready?: URL | undefined;
}

/** A start of the app has the processors for itself for so long. Milliseconds. */
const standbyAfterMs = 120;

/** Until then it has asked for source maps itself, where it wants any. Milliseconds. */
const mapsAfterMs = 100;

/** Runs the newest bundle, one process at a time; with `ready` the old one goes on until the new one is. */
export class Runner {
  readonly #options: RunnerOptions;
  readonly #guard = new Guard();
  #app: AppProcess | undefined;
  #standby: { readonly app: AppProcess; readonly key: string } | undefined;
  #standbyTimer: NodeJS.Timeout | undefined;
  #next: RunRequest | undefined;
  #working: Promise<void> | undefined;
  #superseded = new AbortController();
  #isClosed = false;

  constructor(options: RunnerOptions) {
    this.#options = options;
  }

  /** Runs this in place of what runs. The latest request wins. */
  run(request: RunRequest): Promise<void> {
    this.#next = request;
    this.#superseded.abort();
    this.#working ??= this.#work().finally(() => {
      this.#working = undefined;
    });
    return this.#working;
  }

  /** What runs will be replaced at once, and may begin to end; not where it has to serve until then. */
  retire(ready: string | undefined): void {
    if (ready === undefined || !canSharePorts) void this.#app?.stop();
  }

  signal(signal: NodeJS.Signals): void {
    this.#app?.signal(signal);
  }

  get isRunning(): boolean {
    return this.#app !== undefined && !this.#app.isEnded;
  }

  /** Ends everything, the app by this signal. */
  async close(signal: NodeJS.Signals = "SIGTERM"): Promise<void> {
    this.#isClosed = true;
    this.#superseded.abort();
    clearTimeout(this.#standbyTimer);
    this.#standby?.app.kill();
    await this.#working?.catch(() => {});
    this.#standby?.app.kill();
    await Promise.all([this.#app?.stop(signal), this.#standby?.app.ended]);
    this.#guard.close();
  }

  /** Ends everything without waiting. */
  kill(): void {
    this.#app?.kill();
    this.#standby?.app.kill();
  }

  async #work(): Promise<void> {
    for (let request = this.#next; request && !this.#isClosed; request = this.#next) {
      this.#next = undefined;
      this.#superseded = new AbortController();
      const { ready } = request;
      if (ready && canSharePorts && this.isRunning) await this.#replace(request, ready);
      else await this.#restart(request);
    }
  }

  async #restart({ bundle, env, ready }: RunRequest): Promise<void> {
    const old = this.#app;
    if (old && !old.isEnded) await old.stop();
    if (this.#next || this.#isClosed) return;
    const app = this.#start(bundle, env, ready !== undefined);
    this.#app = app;
    if (!ready) return;
    const started = performance.now();
    if (await isReady(ready, app, false, this.#superseded.signal)) this.#tellReady(app, started);
  }

  /** The old process serves until the new one does; where that never comes, it goes on. */
  async #replace({ bundle, env }: RunRequest, ready: URL): Promise<void> {
    const old = this.#app!;
    const started = performance.now();
    const app = this.#start(bundle, env, true);
    if (await isReady(ready, app, true, this.#superseded.signal)) {
      this.#tellReady(app, started);
      this.#app = app;
      await old.stop();
    } else await app.stop();
  }

  #tellReady(app: AppProcess, started: number): void {
    this.#options.onEvent({ type: "app-ready", pid: app.pid, ms: Math.round(performance.now() - started) });
  }

  #start(bundle: RunnableBundle, env: NodeJS.ProcessEnv, sharePorts: boolean): AppProcess {
    const { onEvent, order } = this.#options;
    const { app, isStandby } = this.#take(bundle.main, env);
    app.onLine = (line) => {
      if (line === "maps") void bundle.putMaps();
      if (line === "stdin") onEvent({ type: "app-stdin", pid: app.pid!, give: () => app.giveInput() });
    };
    app.run({ ...order, overlay: bundle.overlay, sharePorts: sharePorts && canSharePorts });
    onEvent({ type: "app-started", pid: app.pid, standby: isStandby });
    setTimeout(() => void bundle.putMaps(), mapsAfterMs).unref();
    void app.ended.then((end) => {
      onEvent({ type: "app-exited", pid: app.pid, expected: app.isStopping, ...end });
    });
    clearTimeout(this.#standbyTimer);
    if (this.#options.standby)
      this.#standbyTimer = setTimeout(() => this.#prepare(bundle, env), standbyAfterMs);
    return app;
  }

  #take(main: string, env: NodeJS.ProcessEnv): { readonly app: AppProcess; readonly isStandby: boolean } {
    const standby = this.#standby;
    this.#standby = undefined;
    if (standby && !standby.app.isEnded && standby.key === keyOf(main, env))
      return { app: standby.app, isStandby: true };
    standby?.app.kill();
    return { app: this.#spawn(main, env), isStandby: false };
  }

  #prepare({ main, code, format }: RunnableBundle, env: NodeJS.ProcessEnv): void {
    if (this.#isClosed || this.#standby) return;
    const app = this.#spawn(main, env);
    this.#standby = { app, key: keyOf(main, env) };
    // The next bundle will want what this one does.
    void readFile(code, "utf8").then(
      (text) => app.warmUp(builtinsIn(text), format),
      () => {},
    );
  }

  #spawn(main: string, env: NodeJS.ProcessEnv): AppProcess {
    return new AppProcess({ ...this.#options.command, main, env }, this.#guard);
  }
}

/** Modules of Node's that take time to load, and of which nothing shows when they are. */
const quiet =
  /\b(?:from |import |require\()"(?:node:)?(http|https|http2|net|tls|crypto|fs|fs\/promises|stream|stream\/promises|url|util|zlib|events|path|os|child_process|worker_threads|dns|timers\/promises|querystring|readline|readline\/promises|async_hooks|module|perf_hooks|buffer)"/g;

function builtinsIn(code: string): string[] {
  return [...new Set([...code.matchAll(quiet)].map(([, name]) => `node:${name}`))];
}

/** What a process is given when it starts, and keeps. */
function keyOf(main: string, env: NodeJS.ProcessEnv): string {
  return JSON.stringify([main, env]);
}
