import { setTimeout as wait } from "node:timers/promises";

/** Milliseconds before each further try, where the server or the way to it has a moment of weakness. */
const pauses = [200, 1000];

/** What an attempt came to, or why it came to nothing. */
export type Outcome<T> = T | Error;

/** Tries again while `isWeak` says that it may help. Throws the last attempt's error. */
export async function withRetries<T>(
  attempt: () => Promise<T>,
  isWeak: (outcome: Outcome<T>) => boolean | Promise<boolean>,
  signal: AbortSignal,
): Promise<T> {
  for (let tries = 0; ; tries++) {
    const outcome: Outcome<T> = await attempt().catch((error: Error) => error);
    signal.throwIfAborted();
    const pause = pauses[tries];
    if (pause === undefined || !(await isWeak(outcome))) {
      if (outcome instanceof Error) throw outcome;
      return outcome;
    }
    await wait(pause, undefined, { signal });
  }
}

/** Who has waited for something once has waited enough. */
export function isTimeout(error: Error): boolean {
  return /TIMEOUT|Timeout/.test(`${codeOf(error)} ${error.name}`);
}

/** Node's name for what went wrong: ECONNREFUSED. Empty when it has none. */
export function codeOf(error: Error): string {
  const { code, cause } = error as NodeJS.ErrnoException;
  return code ?? (cause instanceof Error ? codeOf(cause) : "");
}
