import type { EventSink } from "./event.ts";
import { canonicalJson, type Json } from "./json.ts";
import type { LockFile } from "./lock-file.ts";
import { outdatedLock, saveLock } from "./resolve-steps.ts";

/** What runs of actions have pinned, in this build or before: the part of sbp.lock.json that no plugin resolves beforehand. */
export class FoundPins {
  #lock: LockFile;
  readonly #frozen: boolean;
  readonly #changes: string[] = [];

  /** `frozen`: nothing may be pinned. */
  constructor(lock: LockFile, frozen: boolean) {
    this.#lock = lock;
    this.#frozen = frozen;
  }

  get(step: string, key: string): Json | undefined {
    return this.#lock.found(step, key);
  }

  /** Throws SBP_LOCK_OUTDATED where that is new and the lock is frozen. */
  put(step: string, key: string, value: Json): void {
    const before = this.get(step, key);
    if (before !== undefined && canonicalJson(before) === canonicalJson(value)) return;
    const change = `${key}: ${typeof value === "string" ? value : canonicalJson(value)}`;
    if (this.#frozen) throw outdatedLock(this.#lock, [change]);
    this.#lock = this.#lock.withFound(step, key, value);
    this.#changes.push(change);
  }

  /** Writes what is new. Throws SBP_LOCK_NOT_WRITABLE. */
  async save(projectDir: string, emit: EventSink): Promise<void> {
    const changes = this.#changes.splice(0).sort();
    if (changes.length > 0) await saveLock(this.#lock, projectDir, changes, emit);
  }
}
