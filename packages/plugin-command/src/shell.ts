import { type ChildProcess, spawn } from "node:child_process";
import { StringDecoder } from "node:string_decoder";
import { stripVTControlCharacters } from "node:util";

/** Milliseconds between asking a command to end and ending it; less than the engine waits. */
const killDelay = 1500;
/** Bytes of output that are kept. */
const mostOutput = 256 << 10;

export interface ShellOptions {
  readonly cwd: string;
  /** The whole environment. */
  readonly env: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
  onLine(line: string): void;
}

export interface ShellResult {
  readonly code: number | null;
  readonly killed: NodeJS.Signals | null;
  /** Standard output and error as they came, without colors: the last part of it. */
  readonly output: string;
}

/**
 * Runs a command by the system's shell, in a process group of its own: a cancellation ends all of it, and so does the end
 * of the shell, should it leave something running.
 */
export async function runShell(
  command: string,
  { cwd, env, signal, onLine }: ShellOptions,
): Promise<ShellResult> {
  signal.throwIfAborted();
  const isWindows = process.platform === "win32";
  const child = spawn(command, {
    cwd,
    env: { ...env },
    shell: isWindows ? true : "/bin/sh",
    detached: !isWindows,
    windowsHide: true,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    const decoder = new StringDecoder("utf8");
    let rest = "";
    stream.on("data", (chunk: Buffer) => {
      const text = stripVTControlCharacters(decoder.write(chunk));
      output = (output + text).slice(-mostOutput);
      const lines = (rest + text).split("\n");
      rest = lines.pop()!.slice(-mostOutput);
      for (const line of lines) if (line.trim() !== "") onLine(line.trimEnd());
    });
  }
  let timer: NodeJS.Timeout | undefined;
  const onAbort = () => {
    end(child, "SIGTERM");
    timer = setTimeout(() => end(child, "SIGKILL"), killDelay);
  };
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    return await new Promise((resolve, reject) => {
      child.on("error", reject);
      // What it has left running holds its output open.
      child.on("exit", () => end(child, "SIGKILL"));
      child.on("close", (code, killed) => resolve({ code, killed, output }));
    });
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", onAbort);
  }
}

/** Ends the group. */
function end({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  if (process.platform === "win32") {
    spawn("taskkill", ["/pid", String(pid), "/t", "/f"], { stdio: "ignore", windowsHide: true });
    return;
  }
  try {
    process.kill(-pid, signal);
  } catch {
    // All of it has ended.
  }
}
