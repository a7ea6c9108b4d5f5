import { readFileSync } from "node:fs";
import { type FileStat, fileStat, isTooYoung, sameStat } from "./file-stat.ts";
import { sha256FileSync } from "./hash.ts";
import { writeFileAtomic } from "./write-file-atomic.ts";

interface Entry {
  readonly stat: FileStat;
  readonly value: string;
}

/**
 * Remembers what was computed from a file (its hash, a tool's version) for as long as the file's stat stays the
 * same, between builds of one project. Losing it costs time, never correctness.
 */
export class DigestCache {
  readonly #path: string;
  readonly #entries: Map<string, Entry>;
  #changed = false;

  private constructor(path: string, entries: Map<string, Entry>) {
    this.#path = path;
    this.#entries = entries;
  }

  static load(path: string): DigestCache {
    try {
      const entries = Object.entries(JSON.parse(readFileSync(path, "utf8")) as Record<string, Entry>);
      return new DigestCache(path, new Map(entries.filter(([, entry]) => typeof entry?.value === "string")));
    } catch {
      return new DigestCache(path, new Map());
    }
  }

  /** SHA-256 of a file's content, or undefined when there is no file at the path. */
  file(path: string): string | undefined {
    const stat = fileStat(path);
    return stat?.isFile ? this.#remembered(path, stat, () => sha256FileSync(path)) : undefined;
  }

  /** Any value that depends on nothing but a file's content. */
  async value(key: string, path: string, compute: () => Promise<string>): Promise<string> {
    const stat = fileStat(path);
    const known = this.#entries.get(key);
    if (stat && known && sameStat(stat, known.stat)) return known.value;
    const value = await compute();
    if (stat) this.#set(key, stat, value);
    return value;
  }

  #remembered(key: string, stat: FileStat, compute: () => string): string {
    const known = this.#entries.get(key);
    if (known && sameStat(stat, known.stat)) return known.value;
    const value = compute();
    if (isTooYoung(stat)) this.#forget(key);
    else this.#set(key, stat, value);
    return value;
  }

  #set(key: string, { size, inode, modified, changed }: FileStat, value: string): void {
    this.#entries.set(key, { stat: { size, inode, modified, changed }, value });
    this.#changed = true;
  }

  #forget(key: string): void {
    if (this.#entries.delete(key)) this.#changed = true;
  }

  /** Writes what is new. */
  async save(): Promise<void> {
    if (!this.#changed) return;
    await writeFileAtomic(this.#path, JSON.stringify(Object.fromEntries(this.#entries)));
    this.#changed = false;
  }
}
