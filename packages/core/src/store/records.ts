import { readFileSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { writeFileAtomic } from "../write-file-atomic.ts";
import { checkOf, recordOf } from "./record-shape.ts";
import type { ActionRecord, StoredTrace, Trace } from "./stored-file.ts";

/** How many states of an action's discovered inputs are remembered: switching branches forth and back hits. */
const maximumTraces = 8;

/** The results of actions, by fingerprint. The record's modification time is when it was last used. */
export class Records {
  readonly dir: string;

  constructor(dir: string) {
    this.dir = dir;
  }

  path(fingerprint: string): string {
    return join(this.dir, fingerprint.slice(0, 2), `${fingerprint}.json`);
  }

  /** Undefined when there is none, or when it cannot be understood (which is the same as none). */
  get(fingerprint: string): ActionRecord | undefined {
    try {
      return recordOf(JSON.parse(readFileSync(this.path(fingerprint), "utf8")), fingerprint);
    } catch {
      return undefined;
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
    await writeFileAtomic(this.path(fingerprint), JSON.stringify(record));
  }

  /** Marks a record as used now, so that garbage collection keeps it. */
  touch(fingerprint: string): void {
    const now = new Date();
    try {
      utimesSync(this.path(fingerprint), now, now);
    } catch {
      // Collected meanwhile, or a read-only store: only the order of collection suffers.
    }
  }
}
