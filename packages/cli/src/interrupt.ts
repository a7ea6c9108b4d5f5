import { exitCodes } from "@sbp/core";

/**
 * npm and its like pass a Ctrl-C on to the command, which has got it from the terminal already: what comes within
 * this time is the same one. Milliseconds.
 */
const sameInterruptMs = 300;

const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/**
 * Runs `work` with a signal that is aborted by Ctrl-C and by a request to end, so that it can clean up. A second
 * request ends the process at once.
 */
export async function interruptible<Result>(
  work: (signal: AbortSignal) => Promise<Result>,
  onInterrupt: () => void,
): Promise<Result> {
  const controller = new AbortController();
  let first = 0;
  const interrupt = () => {
    const now = performance.now();
    if (!controller.signal.aborted) {
      first = now;
      onInterrupt();
      controller.abort();
    } else if (now - first > sameInterruptMs) process.exit(exitCodes.interrupted);
  };
  for (const signal of signals) process.on(signal, interrupt);
  try {
    return await work(controller.signal);
  } finally {
    for (const signal of signals) process.off(signal, interrupt);
  }
}
