import { spawn } from "node:child_process";
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Milliseconds that a program may take; then it and its children are killed. */
export const longestRun = 30_000;

/** How a program ended. */
export interface Ended {
  /** "timeout" where it did not end in time. */
  readonly code: number | string;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Start {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly stdin: string;
}

/**
 * Runs a program to its end. What it prints goes to files, as Node on wine cannot write to a pipe; nothing but the
 * given environment is passed on.
 */
export async function runProgram(words: readonly string[], { cwd, env, stdin }: Start): Promise<Ended> {
  const folder = mkdtempSync(join(tmpdir(), "sbp-printed-"));
  const [stdout, stderr] = [join(folder, "stdout"), join(folder, "stderr")];
  try {
    const files = [openSync(stdout, "w"), openSync(stderr, "w")];
    const child = spawn(words[0]!, words.slice(1), {
      cwd,
      env,
      // A group of its own: what it leaves behind is killed with it.
      detached: true,
      stdio: [stdin === "" ? "ignore" : "pipe", ...files],
    });
    for (const file of files) closeSync(file);
    // A program that does not read its input closes the pipe.
    child.stdin?.on("error", () => {});
    child.stdin?.end(stdin);
    let isLate = false;
    const timer = setTimeout(() => {
      isLate = true;
      killGroup(child.pid);
    }, longestRun);
    const code = await new Promise<number | string>((resolve, reject) => {
      child.on("error", reject);
      child.on("exit", (number, signal) => resolve(number ?? signal ?? "?"));
    });
    clearTimeout(timer);
    killGroup(child.pid);
    return {
      code: isLate ? "timeout" : code,
      stdout: readFileSync(stdout, "utf8").replaceAll("\r\n", "\n"),
      stderr: readFileSync(stderr, "utf8").replaceAll("\r\n", "\n"),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function killGroup(pid: number | undefined): void {
  try {
    if (pid !== undefined) process.kill(-pid, "SIGKILL");
  } catch {
    // Nothing is left of it.
  }
}
