/*
 * The revision of the app's sources, where they lie in a git repository. Git itself says which files are not as they are in the
 * commit; it is asked while esbuild works, and only what the bundle is made of counts. So the answer depends on the commit
 * and on these files alone, which are inputs of the bundle.
 */
import { execFile } from "node:child_process";
import { existsSync, readFileSync, statSync } from "node:fs";
import path from "node:path";
import { promisify } from "node:util";
import type { ManifestSource } from "@sbp/manifest";
import { slashes } from "./entry.ts";
import { upwards } from "./workspace.ts";

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
  const top = findTop(folder, inputs);
  const commit = top && readCommit(top, inputs);
  const changed = commit && (await changedFiles(top, signal));
  return {
    inputs,
    revision(files) {
      if (!changed) return undefined;
      const isDirty = [...files].some((file) => changed.has(slashes(path.relative(top, file))));
      return { revision: commit, ...(isDirty && { dirty: true }) };
    },
  };
}

function findTop(folder: string, inputs: string[]): string | undefined {
  for (const top of upwards(folder)) {
    const found = statSync(path.join(top, ".git"), { throwIfNoEntry: false });
    // A folder, or in a linked working tree a file that names it.
    inputs.push(path.join(top, ".git", ...(found?.isFile() ? [] : ["HEAD"])));
    if (found) return top;
  }
  return undefined;
}

/** The commit that is checked out (gitrepository-layout: HEAD, refs, packed-refs). */
function readCommit(top: string, inputs: string[]): string | undefined {
  const read = (file: string) => {
    if (!inputs.includes(file)) inputs.push(file);
    return existsSync(file) ? readFileSync(file, "utf8").trim() : undefined;
  };
  const isFile = statSync(path.join(top, ".git")).isFile();
  const link = isFile ? /^gitdir: (.*)$/m.exec(read(path.join(top, ".git")) ?? "")?.[1] : ".git";
  if (link === undefined) return undefined;
  const own = path.resolve(top, link);
  const shared = isFile ? path.resolve(own, read(path.join(own, "commondir")) ?? ".") : own;
  const head = read(path.join(own, "HEAD")) ?? "";
  const ref = /^ref: (refs\/[^\0]*)$/.exec(head)?.[1];
  const commit =
    ref === undefined
      ? head
      : (read(path.join(shared, ref)) ??
        (read(path.join(shared, "packed-refs")) ?? "")
          .split("\n")
          .find((line) => line.endsWith(` ${ref}`))
          ?.slice(0, -ref.length - 1));
  return commit !== undefined && /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(commit) ? commit : undefined;
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
