/** Why an action did not run whose result came from another machine. */
export const sharedReason = "in the remote cache";

/**
 * Where builds of several machines share results: values by key, each written once and never changed. Keys are 64
 * hexadecimal digits. Every method throws when the storage cannot be used (unreachable, slow, not allowed).
 */
export interface RemoteStorage {
  /** For messages: an address without secrets. */
  readonly name: string;
  /** Nothing is to be written: for builds that nobody has reason to trust. */
  readonly readOnly: boolean;
  /** The value's bytes; undefined when there is none. */
  get(key: string, signal: AbortSignal): Promise<AsyncIterable<Uint8Array> | undefined>;
  /** False also where the storage cannot tell: it is then written for nothing. */
  has(key: string, signal: AbortSignal): Promise<boolean>;
  /** "read-only" when this user may not write. A value that is there already stays, and counts as kept. */
  put(key: string, value: RemoteValue, signal: AbortSignal): Promise<"kept" | "read-only">;
  close(): Promise<void>;
}

/** Bytes in memory, or a file that does not change while it is read; sizes in bytes. */
export type RemoteValue = Uint8Array | { readonly file: string; readonly size: number };
