import { type ChildProcess, spawn } from "node:child_process";
import { constants } from "node:os";
import { type BuildResult, exitCodes, SbpError, type Target } from "@sbp/core";

export interface AppEnding {
  readonly exitCode: number;
  /** What ended the app, if a signal did. */
  readonly signal?: NodeJS.Signals;
}

/**
 * Runs the executable that a build made for this machine, on our standard streams, and waits for its end. Throws
 * SBP_RUN_NOTHING when there is none and SBP_RUN_FAILED when it cannot be started.
 */
export async function runExecutable(
  { outputs }: BuildResult,
  target: Target,
  words: readonly string[],
  cwd: string,
): Promise<AppEnding> {
  const executable = outputs.find((output) => output.kind === "executable" && output.target === target);
  if (!executable) {
    throw new SbpError("SBP_RUN_NOTHING", `The pipeline makes no executable for ${target}`, {
      hint: 'A pipeline with "cross-target" and "embed-runtime" makes one.',
      exitCode: exitCodes.badUsage,
    });
  }
  let app: ChildProcess | undefined;
  // Before the app starts: a signal that came between would end us, and leave the app alone.
  const stopPassing = passSignals((signal) => app?.kill(signal));
  try {
    return await new Promise((resolve, reject) => {
      app = spawn(executable.path, [...words], { cwd, stdio: "inherit" });
      app.on("error", reject);
      app.on("exit", (code, signal) =>
        resolve(signal ? { exitCode: 128 + constants.signals[signal], signal } : { exitCode: code ?? 0 }),
      );
    });
  } catch (error) {
    throw new SbpError("SBP_RUN_FAILED", `The app cannot be started: ${(error as Error).message}`, {
      location: { file: executable.path },
      hint: "Check that the folder of the executable is not mounted with noexec.",
      cause: error,
    });
  } finally {
    stopPassing();
  }
}

/** Hands the signals that we get to `pass`. */
function passSignals(pass: (signal: NodeJS.Signals) => void): () => void {
  const signals: NodeJS.Signals[] = ["SIGINT", "SIGTERM", "SIGHUP"];
  if (process.platform !== "win32") signals.push("SIGQUIT", "SIGUSR1", "SIGUSR2");
  const handle = (signal: NodeJS.Signals) => {
    // Ctrl-C and Ctrl-\ of a terminal reach the app without us; twice would tell it to hurry.
    if (process.stdin.isTTY && (signal === "SIGINT" || signal === "SIGQUIT")) return;
    pass(signal);
  };
  for (const signal of signals) process.on(signal, handle);
  return () => {
    for (const signal of signals) process.off(signal, handle);
  };
}
