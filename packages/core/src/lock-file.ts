import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseJson } from "./config/json-document.ts";
import { printable } from "./config/source-text.ts";
import { exitCodes, SbpError, type SourceLocation } from "./error.ts";
import { canonicalJson, type Json, type JsonObject } from "./json.ts";
import { writeFileAtomic } from "./write-file-atomic.ts";

export const lockFileName = "sbp.lock.json";
const lockVersion = 1;

/**
 * sbp.lock.json: what the steps have pinned, by step id; and apart from it what their actions have found while they ran, by
 * step id and key.
 */
export class LockFile {
  readonly path: string;
  readonly #steps: JsonObject;
  readonly #found: JsonObject;

  private constructor(path: string, steps: JsonObject, found: JsonObject) {
    this.path = path;
    this.#steps = steps;
    this.#found = found;
  }

  static empty(projectDir: string): LockFile {
    return new LockFile(join(projectDir, lockFileName), {}, {});
  }

  /** An absent file is an empty lock. Throws SBP_LOCK_INVALID. */
  static load(projectDir: string): LockFile {
    const path = join(projectDir, lockFileName);
    let text: string;
    try {
      text = readFileSync(path, "utf8");
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return LockFile.empty(projectDir);
      throw invalid(path, (error as Error).message);
    }
    let value: unknown;
    try {
      value = JSON.parse(text);
      // What is nested too deeply to be compared later is found here.
      canonicalJson(value as Json);
    } catch (error) {
      throw unparsable(path, text, error as Error);
    }
    const { lockfileVersion, steps, found = {} } = (value ?? {}) as Readonly<Record<string, unknown>>;
    if (lockfileVersion !== lockVersion) {
      throw invalid(path, `lockfileVersion is ${JSON.stringify(lockfileVersion)}, not ${lockVersion}`);
    }
    if (!isObject(steps)) throw invalid(path, "steps is not an object");
    if (!isObject(found) || !Object.values(found).every(isObject)) {
      throw invalid(path, "found is not an object of objects");
    }
    return new LockFile(path, steps, found);
  }

  get(step: string): Json | undefined {
    return Object.hasOwn(this.#steps, step) ? this.#steps[step] : undefined;
  }

  /** The lock with a step's part replaced, or the same lock when that changes nothing. */
  with(step: string, value: Json): LockFile {
    if (canonicalJson(this.get(step)) === canonicalJson(value)) return this;
    return new LockFile(this.path, { ...this.#steps, [step]: value }, this.#found);
  }

  /** What an action of a step has found under a key. */
  found(step: string, key: string): Json | undefined {
    const found = this.#foundBy(step);
    return Object.hasOwn(found, key) ? found[key] : undefined;
  }

  withFound(step: string, key: string, value: Json): LockFile {
    const found = { ...this.#found, [step]: { ...this.#foundBy(step), [key]: value } };
    return new LockFile(this.path, this.#steps, found);
  }

  #foundBy(step: string): JsonObject {
    return Object.hasOwn(this.#found, step) ? (this.#found[step] as JsonObject) : {};
  }

  async save(): Promise<void> {
    const steps = JSON.parse(canonicalJson(this.#steps));
    const found = JSON.parse(canonicalJson(this.#found));
    const lock = {
      lockfileVersion: lockVersion,
      steps,
      ...(Object.keys(found).length > 0 && { found }),
    };
    await writeFileAtomic(this.path, `${JSON.stringify(lock, null, 2)}\n`);
  }
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function invalid(
  path: string,
  what: string,
  location: SourceLocation = { file: path },
  hint = cure,
): SbpError {
  return new SbpError("SBP_LOCK_INVALID", `${lockFileName} cannot be read: ${what}`, {
    location,
    hint,
    exitCode: exitCodes.badUsage,
  });
}

const cure = "Restore it from version control, or delete it to pin everything anew.";

/** Says where the text stops to be JSON; most often git has left both sides of a merge in it. */
function unparsable(path: string, text: string, { message }: Error): SbpError {
  const lines = text.split(/\r?\n/);
  const conflict = lines.findIndex((line) => line.startsWith("<<<<<<< "));
  if (conflict >= 0) {
    const place = {
      file: path,
      line: conflict + 1,
      column: 1,
      length: 7,
      lineText: printable(lines[conflict]!),
    };
    const hint =
      "Take the lock of either side (git checkout --theirs sbp.lock.json), and build: what it lacks is pinned anew.";
    return invalid(path, "it has the marks of a merge conflict", place, hint);
  }
  const parsed = parseJson(path, text, { dialect: "json", code: "SBP_LOCK_INVALID" });
  const first = "problems" in parsed ? parsed.problems[0] : undefined;
  return first ? invalid(path, first.message, first.location) : invalid(path, message);
}
