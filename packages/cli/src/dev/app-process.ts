import { type ChildProcess, spawn } from "node:child_process";
import nodeModule from "node:module";
import type { Socket } from "node:net";
import { constants } from "node:os";
import type { Guard } from "./guard.ts";

/** How long an app may take to end by itself. Milliseconds. */
const graceMs = 2000;

export interface AppCommand {
  /** What --require gets: see bootstrap/dev.cjs. */
  readonly boot: string;
  /** The path that the app's main file will have. */
  readonly main: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
}

/** What a waiting process is told to run, and how. */
export interface AppOrder {
  readonly overlay: string;
  /** Listen for a debugger. */
  readonly inspect?: { readonly host: string; readonly port: number } | undefined;
  /** Tell when it asks for standard input. */
  readonly tellStdin?: boolean;
  /** Let others listen on its ports. */
  readonly sharePorts?: boolean;
}

export interface AppEnd {
  /** 128 and the signal's number where a signal ended it. */
  readonly exitCode: number;
  readonly signal?: NodeJS.Signals;
}

/**
 * One process of the app, and all that it starts: they are a group, which ends with it. It starts at once as far as it can without
 * the bundle, and waits for `run`.
 */
export class AppProcess {
  readonly pid: number | undefined;
  /** Never rejects: what cannot be started ends with 127. */
  readonly ended: Promise<AppEnd>;
  /** Called with each line of its bootstrap. */
  onLine: (line: string) => void = () => {};
  readonly #child: ChildProcess;
  readonly #channel: Socket;
  #isEnded = false;
  #isStopping = false;
  #stopped: Promise<AppEnd> | undefined;

  constructor({ boot, main, args, cwd, env }: AppCommand, guard: Guard) {
    this.#child = spawn(process.execPath, ["--enable-source-maps", hookOption, boot, main, ...args], {
      cwd,
      env: { ...env, SBP_DEV_CHANNEL: `${process.pid}` },
      stdio: ["inherit", "inherit", "inherit", "pipe"],
      // A group of its own: what it starts ends with it.
      detached: process.platform !== "win32",
    });
    this.pid = this.#child.pid;
    this.#channel = this.#child.stdio[3] as Socket;
    this.#channel.on("error", () => {});
    let text = "";
    this.#channel.setEncoding("utf8").on("data", (chunk: string) => {
      const lines = (text + chunk).split("\n");
      text = lines.pop()!;
      for (const line of lines) this.onLine(line);
    });
    if (this.pid !== undefined) guard.add(this.pid);
    this.ended = new Promise((resolve) => {
      this.#child.on("error", () => resolve({ exitCode: 127 }));
      this.#child.on("exit", (code, signal) => {
        this.#isEnded = true;
        // What it has left behind.
        this.#signal("SIGKILL");
        if (this.pid !== undefined) guard.delete(this.pid);
        this.#channel.destroy();
        resolve(signal ? { exitCode: 128 + constants.signals[signal], signal } : { exitCode: code ?? 0 });
      });
    });
  }

  get isEnded(): boolean {
    return this.#isEnded;
  }

  /** It was asked to end. */
  get isStopping(): boolean {
    return this.#isStopping;
  }

  /** Has it load modules of Node's that the app will want. */
  warmUp(modules: readonly string[], format: string): void {
    this.#channel.write(`${JSON.stringify({ modules, format })}\n`);
  }

  run(order: AppOrder): void {
    this.#channel.write(`${JSON.stringify(order)}\n`);
  }

  /** Standard input is its own now: it waits for this once it has asked. */
  giveInput(): void {
    this.#channel.write(`${JSON.stringify({ stdin: true })}\n`);
  }

  /** Asks it to end, and makes it after a while. Said again, it only waits. */
  stop(signal: NodeJS.Signals = "SIGTERM"): Promise<AppEnd> {
    this.#stopped ??= this.#stop(signal);
    return this.#stopped;
  }

  async #stop(signal: NodeJS.Signals): Promise<AppEnd> {
    this.#isStopping = true;
    this.#signal(signal);
    const timer = setTimeout(() => this.kill(), graceMs);
    const end = await this.ended;
    clearTimeout(timer);
    return end;
  }

  /** Ends it at once. */
  kill(): void {
    this.#isStopping = true;
    if (!this.#isEnded) this.#signal("SIGKILL");
  }

  /** Passes a signal on. */
  signal(signal: NodeJS.Signals): void {
    if (!this.#isEnded) this.#signal(signal);
  }

  #signal(signal: NodeJS.Signals): void {
    if (this.pid === undefined) return;
    try {
      if (process.platform === "win32") this.#child.kill(signal);
      else process.kill(-this.pid, signal);
    } catch {
      // There is nobody left.
    }
  }
}

/** Before Node 22.15 only --import lets hooks see the main file. */
const hookOption = "registerHooks" in nodeModule ? "--require" : "--import";
