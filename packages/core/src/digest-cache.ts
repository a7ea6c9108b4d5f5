import { readFileSync } from "node:fs";
import { type FileStat, fileStat, isFileStat, isTooYoung, keptStat, sameStat } from "./file-stat.ts";
import { sha256FileSync } from "./hash.ts";
import { writeFileAtomic } from "./write-file-atomic.ts";

/** A file as an input: its content, and whether its owner may run it. Like git, nothing else of its permissions. */
export interface KnownFile {
  readonly sha256: string;
  /** Never on Windows, whose files have no such bit. */
  readonly executable: boolean;
}

interface Entry {
  readonly stat: FileStat;
  readonly value: string;
}

/** Files that are not asked for any more are forgotten when there are this many times more of them than others. */
const staleRatio = 4;

/**
 * Remembers the hashes of files and folders for as long as their stat stays the same, between builds of one project.
 * Losing it costs time, never correctness.
 */
export class DigestCache {
  readonly #path: string;
  readonly #entries: Map<string, Entry>;
  readonly #used = new Set<string>();
  #changed = false;

  private constructor(path: string, entries: Map<string, Entry>) {
    this.#path = path;
    this.#entries = entries;
  }

  static load(path: string): DigestCache {
    try {
      const entries = Object.entries(JSON.parse(readFileSync(path, "utf8")) as Record<string, Entry>);
      return new DigestCache(path, new Map(entries.filter(([, entry]) => isFileStat(entry?.stat))));
    } catch {
      return new DigestCache(path, new Map());
    }
  }

  /** Undefined when there is neither at the path. Throws what the system says of a file that cannot be read. */
  file(path: string): KnownFile | "folder" | undefined {
    const stat = fileStat(path);
    if (!stat?.isFile) return stat?.isDirectory ? "folder" : undefined;
    const sha256 = this.#known(path, stat, () => ({ value: sha256FileSync(path), isKept: true }));
    return { sha256, executable: (stat.permissions & 0o100) !== 0 };
  }

  /** SHA-256 of a file's content. Throws as `file` does. */
  sha256(path: string): string | undefined {
    const file = this.file(path);
    return typeof file === "object" ? file.sha256 : undefined;
  }

  /**
   * What `digest` makes of a folder's names, or undefined when there is no folder at the path. What is not `isKept` is asked
   * for each time. Whatever is added to a folder, taken from it or put in another's place changes its stat.
   */
  folder(path: string, digest: () => { value: string; isKept: boolean }): string | undefined {
    const stat = fileStat(path);
    if (!stat?.isDirectory) return undefined;
    return this.#known(path, stat, digest);
  }

  #known(path: string, stat: FileStat, digest: () => { value: string; isKept: boolean }): string {
    this.#used.add(path);
    const known = this.#entries.get(path);
    if (known && sameStat(stat, known.stat) && typeof known.value === "string") return known.value;
    const isYoung = isTooYoung(stat);
    const { value, isKept } = digest();
    if (isKept && !isYoung) this.#entries.set(path, { stat: keptStat(stat), value });
    if ((isKept && !isYoung) || this.#entries.delete(path)) this.#changed = true;
    return value;
  }

  /** Writes what is new. */
  async save(): Promise<void> {
    if (!this.#changed) return;
    const isStale = this.#entries.size > staleRatio * this.#used.size;
    const kept = [...this.#entries].filter(([path]) => !isStale || this.#used.has(path));
    await writeFileAtomic(this.#path, JSON.stringify(Object.fromEntries(kept)));
    this.#changed = false;
  }
}
