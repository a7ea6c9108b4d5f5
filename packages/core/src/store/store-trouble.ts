import { fromSystem } from "../failure.ts";

/**
 * The store has lost what the build relies on, or cannot be used at all. No step is to blame, and no build fails for
 * it: it is tried again (see build.ts).
 */
export class StoreTrouble extends Error {
  override readonly name = "StoreTrouble";
  /** Something is gone that was there, and can be made again in the same store. */
  readonly isLoss: boolean;

  constructor(isLoss: boolean, message: string, cause?: unknown) {
    super(message, { cause });
    this.isLoss = isLoss;
  }
}

/** Work of the store's own: what the system has against it is trouble with the store, but for a full disk. */
export async function storeWork<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const { code, syscall, message } = error as NodeJS.ErrnoException;
    // A name that is too long is the plugin's.
    if (syscall === undefined || code === "ENAMETOOLONG" || fromSystem(error)) throw error;
    throw new StoreTrouble(code === "ENOENT", message, error);
  }
}

/** The trouble that an error is, or stands for. */
export function troubleIn(error: unknown): StoreTrouble | undefined {
  let cause = error;
  for (let depth = 0; depth < 10 && cause instanceof Error; depth++) {
    if (cause instanceof StoreTrouble) return cause;
    cause = cause.cause;
  }
  return undefined;
}
