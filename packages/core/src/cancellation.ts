/** How long a cancelled plugin may take to end before it is left to itself. Milliseconds. */
const cancelGrace = 3000;

/** Waits for the work of a plugin; after a cancellation only for as long as it is polite. */
export async function untilCancelled<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  let timer: NodeJS.Timeout | undefined;
  let onAbort = () => {};
  const gone = new Promise<never>((_, reject) => {
    onAbort = () => {
      timer = setTimeout(() => reject(signal.reason), cancelGrace);
    };
  });
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    const result = await Promise.race([work(), gone]);
    signal.throwIfAborted();
    return result;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", onAbort);
  }
}
