import { readdirSync, type Stats, statSync } from "node:fs";
import path from "node:path";

/** The names in folders, each read once. */
export class Folders {
  readonly #names = new Map<string, ReadonlySet<string> | undefined>();

  /** Undefined where there is no such folder. */
  names(folder: string): ReadonlySet<string> | undefined {
    if (!this.#names.has(folder)) this.#names.set(folder, readNames(folder));
    return this.#names.get(folder);
  }

  /** Whether a file or folder is there. */
  has(file: string): boolean {
    return this.names(path.dirname(file))?.has(path.basename(file)) ?? false;
  }
}

function readNames(folder: string): ReadonlySet<string> | undefined {
  try {
    return new Set(readdirSync(folder));
  } catch {
    return undefined;
  }
}

/** Follows links; false where they lead in a circle, or nobody may go. */
export function isFolder(place: string): boolean {
  return statsOf(place)?.isDirectory() ?? false;
}

/**
 * Undefined for what is not there, and for what cannot be asked for: what is taken for a path may be too long, or lead where
 * nobody may go.
 */
export function statsOf(place: string): Stats | undefined {
  try {
    return statSync(place, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}
