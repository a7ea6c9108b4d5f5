import { SbpError } from "./error.ts";

/** How long a cancelled plugin may take to end before it is left to itself. Milliseconds. */
const cancelGrace = 3000;

/**
 * Waits for the work of a plugin; after a cancellation only for as long as it is polite. Throws SBP_PLUGIN_STUCK where
 * nothing is left in the process that the work could be waiting for.
 */
export async function untilCancelled<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  let timer: NodeJS.Timeout | undefined;
  let onAbort = () => {};
  let onIdle = () => {};
  const gone = new Promise<never>((_, reject) => {
    onAbort = () => {
      timer = setTimeout(() => reject(signal.reason), cancelGrace);
    };
    onIdle = () => reject(stuck());
  });
  signal.addEventListener("abort", onAbort, { once: true });
  waiting.add(onIdle);
  if (waiting.size === 1) process.on("beforeExit", tellAll);
  try {
    const result = await Promise.race([work(), gone]);
    signal.throwIfAborted();
    return result;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", onAbort);
    waiting.delete(onIdle);
    if (waiting.size === 0) process.off("beforeExit", tellAll);
  }
}

/** What to tell when the event loop has run empty, which would end the process without a word. */
const waiting = new Set<() => void>();

function tellAll(): void {
  for (const onIdle of waiting) onIdle();
}

function stuck(): SbpError {
  return new SbpError(
    "SBP_PLUGIN_STUCK",
    "The plugin waits for something that never comes: a promise that nothing is left to settle",
    {
      hint: "This is a mistake in the plugin: look for callbacks that are not called, streams that are not read.",
    },
  );
}

/** Seconds. */
const defaultTimeLimit = 3600;

/** The same with an end: throws SBP_PLUGIN_TIMED_OUT, after having aborted the signal that `work` is given. */
export async function withinTimeLimit<T>(
  work: (signal: AbortSignal) => Promise<T>,
  signal: AbortSignal,
  seconds: number = defaultTimeLimit,
): Promise<T> {
  const limit = new AbortController();
  // It does not keep the process alive by itself.
  const timer = setTimeout(() => limit.abort(timedOut(seconds)), seconds * 1000).unref();
  const either = AbortSignal.any([signal, limit.signal]);
  try {
    return await untilCancelled(() => work(either), either);
  } catch (error) {
    // However the plugin ends, this is why.
    if (limit.signal.aborted && !signal.aborted) throw limit.signal.reason;
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

function timedOut(seconds: number): SbpError {
  return new SbpError("SBP_PLUGIN_TIMED_OUT", `The plugin did not end within ${seconds} seconds`, {
    hint: "If it hangs, that is a mistake in the plugin; if it needs longer, raise its timeLimit.",
  });
}
