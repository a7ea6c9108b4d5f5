import { readFileSync, utimesSync } from "node:fs";
import { readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { sha256 } from "./hash.ts";
import type { Input } from "./inputs.ts";
import type { Json } from "./json.ts";
import { areInputs } from "./store/record-shape.ts";
import { writeFileAtomic } from "./write-file-atomic.ts";

/** A value that a part of a run has made, and what it was made from. */
export interface KeptMemo {
  readonly inputs: readonly Input[];
  readonly value: Json;
}

/** Files in the folder at most: an app has few, and leaves old ones behind as it changes. */
const maximumMemos = 16;

/** What runs of one project keep of parts of their work (`memo` in plugin.ts). Losing it costs time, never correctness. */
export class Memos {
  readonly #dir: string;

  constructor(dir: string) {
    this.#dir = dir;
  }

  /** Undefined when there is none, or when it is not as it was written. Its inputs may have other values now. */
  get(fingerprint: string): KeptMemo | undefined {
    const path = this.#path(fingerprint);
    try {
      const { check, inputs, value } = JSON.parse(readFileSync(path, "utf8"));
      if (!areInputs(inputs) || check !== checkOf(fingerprint, { inputs, value })) return undefined;
      const now = new Date();
      utimesSync(path, now, now);
      return { inputs, value };
    } catch {
      return undefined;
    }
  }

  /** Throws what the system says. */
  async put(fingerprint: string, memo: KeptMemo): Promise<void> {
    const path = this.#path(fingerprint);
    await writeFileAtomic(path, JSON.stringify({ check: checkOf(fingerprint, memo), ...memo }));
    await this.#removeOld();
  }

  #path(fingerprint: string): string {
    return join(this.#dir, `${fingerprint}.json`);
  }

  async #removeOld(): Promise<void> {
    const names = await readdir(this.#dir);
    if (names.length <= maximumMemos) return;
    const files = await Promise.all(
      names.map(async (name) => {
        const path = join(this.#dir, name);
        return { path, used: (await stat(path).catch(() => undefined))?.mtimeMs ?? 0 };
      }),
    );
    files.sort((a, b) => b.used - a.used);
    for (const { path } of files.slice(maximumMemos)) await rm(path, { force: true });
  }
}

function checkOf(fingerprint: string, { inputs, value }: KeptMemo): string {
  return sha256(JSON.stringify([fingerprint, inputs, value]));
}
