import { readFileSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { entryStat } from "../file-stat.ts";
import { writeFileAtomic } from "../write-file-atomic.ts";
import { checkOf, recordOf } from "./record-shape.ts";
import type { ActionRecord, StoredTrace, Trace } from "./stored-file.ts";

/** How many states of an action's discovered inputs are remembered: switching branches forth and back hits. */
const maximumTraces = 8;

/** Records that are kept in memory. */
const mostRecent = 64;

/** Undefined where there is none. */
function identityOf(path: string): string | undefined {
  const stat = entryStat(path);
  return stat?.isFile ? [stat.inode, stat.size, stat.modified, stat.changed].join(" ") : undefined;
}

/** The results of actions, by fingerprint. The record's modification time is when it was last used. */
export class Records {
  readonly dir: string;
  /**
   * Those that were read or written last, by path, with the identity of their file: a watcher asks for them again and again.
   */
  readonly #recent = new Map<string, { readonly identity: string; readonly record: ActionRecord }>();

  constructor(dir: string) {
    this.dir = dir;
  }

  path(fingerprint: string): string {
    return join(this.dir, fingerprint.slice(0, 2), `${fingerprint}.json`);
  }

  /** Undefined when there is none, or when it cannot be understood (which is the same as none). */
  get(fingerprint: string): ActionRecord | undefined {
    const path = this.path(fingerprint);
    try {
      const identity = identityOf(path);
      const recent = this.#recent.get(path);
      if (identity !== undefined && recent?.identity === identity) return recent.record;
      const record = recordOf(JSON.parse(readFileSync(path, "utf8")), fingerprint);
      if (record) this.#remember(path, identity, record);
      return record;
    } catch {
      return undefined;
    }
  }

  #remember(path: string, identity: string | undefined, record: ActionRecord): void {
    this.#recent.delete(path);
    if (identity !== undefined) this.#recent.set(path, { identity, record });
    for (const oldest of this.#recent.keys()) {
      if (this.#recent.size <= mostRecent) break;
      this.#recent.delete(oldest);
    }
  }

  async put(
    fingerprint: string,
    about: Pick<ActionRecord, "plugin" | "step" | "target">,
    { id, inputs, artifacts, diagnostics }: Trace,
  ): Promise<void> {
    const others = (this.get(fingerprint)?.traces ?? []).filter((trace) => trace.id !== id);
    const trace: Trace = { id, inputs, artifacts, diagnostics };
    const stored: StoredTrace = { ...trace, check: checkOf(trace) };
    const record: ActionRecord = {
      fingerprint,
      ...about,
      traces: [stored, ...others].slice(0, maximumTraces),
    };
    const path = this.path(fingerprint);
    await writeFileAtomic(path, JSON.stringify(record));
    this.#remember(path, identityOf(path), record);
  }

  /** Marks a record as used now, so that garbage collection keeps it. */
  touch(fingerprint: string): void {
    const now = new Date();
    const path = this.path(fingerprint);
    const recent = this.#recent.get(path);
    try {
      const isSame = recent !== undefined && identityOf(path) === recent.identity;
      utimesSync(path, now, now);
      if (isSame) this.#remember(path, identityOf(path), recent.record);
    } catch {
      // Collected meanwhile, or a read-only store: only the order of collection suffers.
    }
  }
}
