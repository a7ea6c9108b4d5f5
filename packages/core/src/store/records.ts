import { readFileSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { writeFileAtomic } from "../write-file-atomic.ts";
import type { ActionRecord, StoredArtifact, Trace } from "./stored-file.ts";

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
      return checkedRecord(JSON.parse(readFileSync(this.path(fingerprint), "utf8")));
    } catch {
      return undefined;
    }
  }

  async put(fingerprint: string, record: Omit<ActionRecord, "traces">, trace: Trace): Promise<void> {
    const others = (this.get(fingerprint)?.traces ?? []).filter(({ id }) => id !== trace.id);
    const traces = [trace, ...others].slice(0, maximumTraces);
    await writeFileAtomic(this.path(fingerprint), JSON.stringify({ ...record, traces }));
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

function checkedRecord(value: unknown): ActionRecord | undefined {
  const record = value as Partial<ActionRecord> | null;
  const whole =
    Array.isArray(record?.traces) &&
    record.traces.every(
      (trace: Trace) =>
        Array.isArray(trace?.inputs) &&
        Array.isArray(trace.artifacts) &&
        trace.artifacts.every((artifact: StoredArtifact) => Array.isArray(artifact?.files)),
    );
  return whole ? (record as ActionRecord) : undefined;
}
