/*
 * The hashes that lock files have of packages. Read by their lines where that does: every build asks, and a YAML parser takes
 * longer for a large pnpm-lock.yaml than esbuild for the app. Package managers write these lines and nobody else.
 */
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { slashes } from "./entry.ts";
import { lockFiles } from "./project-lock.ts";

/** A package as it is installed. */
export interface Installed {
  /** Absolute. */
  readonly folder: string;
  readonly name: string;
  readonly version: string;
}

type Find = (installed: Installed) => string | undefined;

/** By the names of `lockFiles`. The newer Yarn has hashes of archives of its own making, which nobody else can compare. */
const readers: Readonly<Record<string, (text: string, folder: string) => Find>> = {
  "npm-shrinkwrap.json": npmIntegrity,
  "package-lock.json": npmIntegrity,
  "pnpm-lock.yaml": pnpmIntegrity,
  "yarn.lock": yarnIntegrity,
};

/** Finds hashes, and keeps which lock files were looked at. */
export class LockIntegrity {
  readonly #finders = new Map<string, Find>();
  /** Absolute, there or not. */
  readonly lookedAt = new Set<string>();

  /** Subresource Integrity of the package's archive; undefined where no lock file has it, or one that cannot be read. */
  of(installed: Installed): string | undefined {
    const candidates = lockFiles(installed.folder);
    const top = path.dirname(candidates[0]!);
    let find = this.#finders.get(top);
    if (!find) {
      for (const file of candidates) this.lookedAt.add(file);
      find = finderOf(candidates);
      this.#finders.set(top, find);
    }
    return find(installed);
  }
}

function finderOf(candidates: readonly string[]): Find {
  const file = candidates.find((candidate) => existsSync(candidate));
  if (file === undefined) return () => undefined;
  try {
    return readers[path.basename(file)]!(readFileSync(file, "utf8"), path.dirname(file));
  } catch {
    // Whoever needs it says what is wrong with it (project-lock.ts).
    return () => undefined;
  }
}

function npmIntegrity(text: string, folder: string): Find {
  const { packages } = JSON.parse(text) as {
    packages?: Record<string, { version?: unknown; integrity?: unknown } | undefined>;
  };
  return ({ folder: place, version }) => {
    const found = packages?.[slashes(path.relative(folder, place))];
    return found?.version === version && typeof found.integrity === "string" ? found.integrity : undefined;
  };
}

/** `  /name@1.0.0(peer@2.0.0):`, with quotes where the name has a scope, without the slash from lockfileVersion 9 on. */
function pnpmIntegrity(text: string): Find {
  const lines =
    /^ {2}'?\/?((?:@[^/\s]+\/)?[^@\s/]+@[^:(\s']+)[^\n]*:\n {4}resolution: \{integrity: ([^,}\s]+)/gm;
  return byNameAndVersion([...text.matchAll(lines)].map(([, key, integrity]) => [key!, integrity!]));
}

/** The classic one. `name@^1.0.0, name@^1.2.0:`, then `  version "1.2.3"`, … */
function yarnIntegrity(text: string): Find {
  const lines =
    /^"?((?:@[^/\s"]+\/)?[^@\s"/]+)@[^\n]*:\n {2}version "([^"\n]+)"\n(?: {2}resolved [^\n]*\n)? {2}integrity (\S+)/gm;
  return byNameAndVersion(
    [...text.matchAll(lines)].map(([, name, version, integrity]) => [`${name}@${version}`, integrity!]),
  );
}

function byNameAndVersion(entries: readonly (readonly [string, string])[]): Find {
  const found = new Map(entries);
  return ({ name, version }) => found.get(`${name}@${version}`);
}
