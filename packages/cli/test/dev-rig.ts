import { type ChildProcess, spawn } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { environment, folder, sbpCommand } from "./sbp.ts";

/** How long a test waits for what has to come. Milliseconds. */
const deadline = 30_000;

export type DevEvent = Readonly<Record<string, unknown>> & { readonly type: string };

/** A project whose only step is `bundle`. */
export function appProject(main: string, files: Readonly<Record<string, string>> = {}): Promise<string> {
  return folder({
    "package.json": JSON.stringify({ name: "app", type: "module" }),
    "sbp.config.json": JSON.stringify({ pipeline: [{ use: "bundle", entry: "src/main.ts" }] }),
    "src/main.ts": main,
    ...files,
  });
}

/** A running `sbp dev --json`, with its events one by one and what the app prints. */
export class DevRig {
  readonly child: ChildProcess;
  readonly dir: string;
  readonly events: DevEvent[] = [];
  stdout = "";
  stderr = "";
  /** How many of the events were looked at, by the type that was looked for. */
  readonly #taken = new Map<string, number>();
  #waiting = new Set<() => void>();
  readonly ended: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;

  constructor(dir: string, words: readonly string[] = [], env: Readonly<Record<string, string>> = {}) {
    const [node, ...rest] = sbpCommand;
    this.dir = dir;
    this.child = spawn(node!, [...rest, "dev", "--json", ...words], {
      cwd: dir,
      env: environment(env),
      stdio: ["pipe", "pipe", "pipe"],
    });
    let text = "";
    this.child.stdout!.setEncoding("utf8").on("data", (chunk: string) => {
      this.stdout += chunk;
      this.#news();
    });
    this.child.stderr!.setEncoding("utf8").on("data", (chunk: string) => {
      const lines = (text + chunk).split("\n");
      text = lines.pop()!;
      for (const line of lines) {
        // The app writes there as well.
        if (line.startsWith('{"type":')) this.events.push(JSON.parse(line));
        else this.stderr += `${line}\n`;
      }
      this.#news();
    });
    this.ended = new Promise((resolve) => {
      this.child.on("close", (code, signal) => {
        resolve({ code, signal });
        this.#news();
      });
    });
  }

  /** The next event of a type, after the last of this type that was asked for. */
  async next(type: string): Promise<DevEvent> {
    let index = -1;
    await this.until(() => {
      const from = this.#taken.get(type) ?? 0;
      index = this.events.findIndex((event, at) => at >= from && event.type === type);
      return index >= 0;
    }, type);
    this.#taken.set(type, index + 1);
    return this.events[index]!;
  }

  /** Waits until the app has printed this since the start. */
  async printed(wanted: string): Promise<void> {
    await this.until(() => this.stdout.includes(wanted), wanted);
  }

  /** Waits for something that shows with the next output or event. */
  async until(isSo: () => boolean, what: string): Promise<void> {
    const end = performance.now() + deadline;
    while (!isSo()) {
      if (this.child.exitCode !== null || this.child.signalCode !== null || performance.now() > end)
        throw new Error(
          `no ${what}: ${this.events.map(({ type }) => type).join(", ")}\n${this.stdout}\n${this.stderr}`,
        );
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, 1000);
        this.#waiting.add(() => {
          clearTimeout(timer);
          resolve();
        });
      });
    }
  }

  write(name: string, text: string): Promise<void> {
    return writeFile(join(this.dir, name), text);
  }

  read(name: string): Promise<string> {
    return readFile(join(this.dir, name), "utf8");
  }

  async stop(): Promise<void> {
    if (this.child.exitCode === null && this.child.signalCode === null) this.child.kill("SIGTERM");
    await this.ended;
  }

  #news(): void {
    for (const wake of this.#waiting) wake();
    this.#waiting.clear();
  }
}

/** The pid of the process that runs the app, as sbp tells it. */
export function pidOf(event: DevEvent): number {
  return event["pid"] as number;
}

/** Whether a process is there (a zombie is not). */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Settles when a process is gone: asks again and again, since nobody tells. */
export async function gone(pid: number): Promise<void> {
  const end = performance.now() + deadline;
  while (isAlive(pid)) {
    if (performance.now() > end) throw new Error(`${pid} is still there`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** A port that nobody listens on. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
