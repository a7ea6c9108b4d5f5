import { readFileSync } from "node:fs";
import { join } from "node:path";
import { exitCodes, SbpError } from "./error.ts";
import { canonicalJson, type Json, type JsonObject } from "./json.ts";
import { writeFileAtomic } from "./write-file-atomic.ts";

export const lockFileName = "sbp.lock.json";
const lockVersion = 1;

/** sbp.lock.json: what the steps have pinned, by step id. */
export class LockFile {
  readonly path: string;
  readonly #steps: JsonObject;

  private constructor(path: string, steps: JsonObject) {
    this.path = path;
    this.#steps = steps;
  }

  /** An absent file is an empty lock. Throws SBP_LOCK_INVALID. */
  static load(projectDir: string): LockFile {
    const path = join(projectDir, lockFileName);
    let text: string;
    try {
      text = readFileSync(path, "utf8");
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return new LockFile(path, {});
      throw invalid(path, (error as Error).message);
    }
    let value: unknown;
    try {
      value = JSON.parse(text);
      // What is nested too deeply to be compared later is found here.
      canonicalJson(value as Json);
    } catch (error) {
      throw invalid(path, (error as Error).message);
    }
    const { lockfileVersion, steps } = (value ?? {}) as { lockfileVersion?: unknown; steps?: unknown };
    if (lockfileVersion !== lockVersion) {
      throw invalid(path, `lockfileVersion is ${JSON.stringify(lockfileVersion)}, not ${lockVersion}`);
    }
    if (typeof steps !== "object" || steps === null || Array.isArray(steps)) {
      throw invalid(path, "steps is not an object");
    }
    return new LockFile(path, steps as JsonObject);
  }

  get(step: string): Json | undefined {
    return Object.hasOwn(this.#steps, step) ? this.#steps[step] : undefined;
  }

  /** The lock with a step's part replaced, or the same lock when that changes nothing. */
  with(step: string, value: Json): LockFile {
    if (canonicalJson(this.get(step)) === canonicalJson(value)) return this;
    return new LockFile(this.path, { ...this.#steps, [step]: value });
  }

  async save(): Promise<void> {
    const steps = JSON.parse(canonicalJson(this.#steps));
    await writeFileAtomic(this.path, `${JSON.stringify({ lockfileVersion: lockVersion, steps }, null, 2)}\n`);
  }
}

function invalid(path: string, what: string): SbpError {
  return new SbpError("SBP_LOCK_INVALID", `${lockFileName} cannot be read: ${what}`, {
    location: { file: path },
    hint: "Restore it from version control, or delete it to pin everything anew.",
    exitCode: exitCodes.badUsage,
  });
}
