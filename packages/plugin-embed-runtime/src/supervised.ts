import { type ChildProcess, spawn } from "node:child_process";

export interface SupervisedRequest {
  readonly command: readonly [string, ...string[]];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly stdin: string;
  /** Seconds. */
  readonly timeout: number;
  readonly signal: AbortSignal;
  /** Asked whenever there is more of standard output: true when nothing more is to be waited for. */
  readonly isEnough: (stdout: string) => boolean;
}

export interface Supervised {
  /** How it ended: by itself, by a signal that it got from others, ended because there was enough, or by the clock. */
  readonly ending: { readonly code: number } | { readonly signal: NodeJS.Signals } | "enough" | "timeout";
  readonly stdout: string;
  readonly stderr: string;
}

/** Characters of each stream that are kept: who prints more is not read by anybody. */
const mostOutput = 1 << 20;

/** After the program has ended, for what others hold of its streams. Milliseconds. */
const streamGrace = 500;

/**
 * Runs a program in a process group of its own, of which nothing is left afterwards, however it ends. Throws what the
 * system says of a program that cannot be started, and the signal's reason.
 */
export async function supervise(request: SupervisedRequest): Promise<Supervised> {
  const { command, cwd, env, stdin, timeout, signal, isEnough } = request;
  signal.throwIfAborted();
  const [program, ...args] = command;
  const isGroup = process.platform !== "win32";
  const child = spawn(program, args, { cwd, env, detached: isGroup, windowsHide: true });
  const end = () => endAll(child, isGroup);
  // Also when this process is ended before anything else can be done.
  process.once("exit", end);
  signal.addEventListener("abort", end, { once: true });
  let ending: "enough" | "timeout" | undefined;
  const stop = (why: "enough" | "timeout") => {
    ending ??= why;
    end();
  };
  const timer = setTimeout(() => stop("timeout"), timeout * 1000);
  const output = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const)
    child[name].setEncoding("utf8").on("data", (text: string) => {
      output[name] = (output[name] + text).slice(0, mostOutput);
      if (name === "stdout" && isEnough(output.stdout)) stop("enough");
    });
  // It need not read what it is given.
  child.stdin.on("error", () => {}).end(stdin);
  try {
    const ended = await exitOf(child);
    end();
    await streamsOf(child);
    signal.throwIfAborted();
    return { ending: ending ?? ended, ...output };
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", end);
    process.off("exit", end);
  }
}

function exitOf(child: ChildProcess): Promise<{ code: number } | { signal: NodeJS.Signals }> {
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code, signal) => resolve(signal ? { signal } : { code: code ?? 0 }));
  });
}

/** Waits until all output is read; what left the group may hold the streams for ever. */
function streamsOf(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => {
      for (const stream of child.stdio) stream?.destroy();
      resolve();
    }, streamGrace);
    child.once("close", () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

function endAll(child: ChildProcess, isGroup: boolean): void {
  try {
    if (isGroup && child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
    else child.kill("SIGKILL");
  } catch {
    // Nobody is left.
  }
}
