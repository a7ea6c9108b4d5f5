/*
 * The revision of the app's sources, where they lie in a git repository. Git itself says which files are not as they are in the
 * commit; it is asked while esbuild works, and only what the bundle is made of counts. So the answer depends on the commit
 * and on these files alone, which are inputs of the bundle.
 */
import { execFile } from "node:child_process";
import path from "node:path";
import { promisify } from "node:util";
import { findGitRepository } from "@sbp/core";
import type { ManifestSource } from "@sbp/manifest";
import { slashes } from "./entry.ts";

export interface Repository {
  /** Undefined before the first commit, and where git is missing. */
  revision(files: Iterable<string>): ManifestSource | undefined;
  /** Absolute: files that tell the commit, there or not. */
  readonly inputs: readonly string[];
}

/** Bytes of git's answer: a hundred thousand changed files. */
const longestAnswer = 64 * 1024 * 1024;

/** Looks for the repository that a folder is in. Never fails: what cannot be found out is left open. */
export async function readRepository(folder: string, signal: AbortSignal): Promise<Repository> {
  const inputs: string[] = [];
  const { top, revision: commit } = findGitRepository(folder, (file) => inputs.push(file)) ?? {};
  const changed = top && commit && (await changedFiles(top, signal));
  return {
    inputs,
    revision(files) {
      if (!changed) return undefined;
      const isDirty = [...files].some((file) => changed.has(slashes(path.relative(top, file))));
      return { revision: commit, ...(isDirty && { dirty: true }) };
    },
  };
}

/** Relative to the top: what git calls changed or untracked, and would not ignore; undefined without git. */
async function changedFiles(
  top: string,
  signal: AbortSignal,
): Promise<{ has(file: string): boolean } | undefined> {
  const { GIT_DIR: _dir, GIT_WORK_TREE: _tree, GIT_INDEX_FILE: _index, ...env } = process.env;
  try {
    const { stdout } = await promisify(execFile)(
      "git",
      // Asks without writing anything into the repository, and starts no program that its configuration names.
      [
        ...["--no-optional-locks", "-c", "core.fsmonitor=false"],
        ...["status", "--porcelain", "-z", "--no-renames", "--untracked-files=normal"],
      ],
      { cwd: top, env, signal, maxBuffer: longestAnswer },
    );
    const names = stdout.split("\0").flatMap((line) => (line === "" ? [] : line.slice(3)));
    const files = new Set(names);
    const folders = names.filter((name) => name.endsWith("/"));
    return { has: (file) => files.has(file) || folders.some((folder) => file.startsWith(folder)) };
  } catch {
    signal.throwIfAborted();
    return undefined;
  }
}
