/*
 * What a git repository's own files tell (gitrepository-layout(5), git-worktree(1), "FILES" of git-pack-refs(1)): git itself would look at
 * the whole working tree, which no input can name. Whatever is not as expected, another format of references for instance, is as if it were
 * not known.
 */
import { closeSync, fstatSync, openSync, readFileSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";

export interface GitRepository {
  /** The working tree's top, absolute. */
  readonly top: string;
  /** The commit that is checked out, 40 or 64 hexadecimal digits; undefined before the first one. */
  readonly revision: string | undefined;
  /** Reads where the remote `origin` is, as git's config has it. */
  origin(): string | undefined;
}

/** In bytes: of files with a line or two, and of lists. */
const longest = { line: 4 << 10, list: 16 << 20 } as const;

/**
 * The repository that a folder is in; undefined for none.
 *
 * @param depend is told of each file that decides, there or not
 */
export function findGitRepository(folder: string, depend: (file: string) => void): GitRepository | undefined {
  const read = (path: string, limit: number): string | undefined => {
    depend(path);
    return readText(path, limit);
  };
  const found = findFolder(folder, read, depend);
  const head = found && read(join(found.own, "HEAD"), longest.line);
  if (!found || head === undefined) return undefined;
  return {
    top: found.top,
    revision: commitOf(head, found.shared, read),
    origin: () => originIn(read(join(found.shared, "config"), longest.list) ?? ""),
  };
}

interface Folders {
  readonly top: string;
  /** A linked working tree has a HEAD of its own, and shares everything else. */
  readonly own: string;
  readonly shared: string;
}

type Read = (path: string, limit: number) => string | undefined;

function findFolder(start: string, read: Read, depend: (file: string) => void): Folders | undefined {
  for (let top = start; ; top = dirname(top)) {
    const path = join(top, ".git");
    const found = statSync(path, { throwIfNoEntry: false });
    if (found?.isDirectory()) return { top, own: path, shared: path };
    if (found?.isFile()) {
      const [, place] = /^gitdir: (.+)$/m.exec(read(path, longest.line) ?? "") ?? [];
      if (place === undefined) return undefined;
      const own = resolve(top, place);
      return { top, own, shared: resolve(own, read(join(own, "commondir"), longest.line)?.trim() ?? ".") };
    }
    // Either would make it one.
    depend(path);
    depend(join(path, "HEAD"));
    if (top === dirname(top)) return undefined;
  }
}

const isCommit = (text: string) => /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(text);

function commitOf(head: string, shared: string, read: Read): string | undefined {
  const text = head.trim();
  if (isCommit(text)) return text;
  const [, name] = /^ref: (refs\/[^\0-\x20~^:?*[\\]+)$/.exec(text) ?? [];
  if (name === undefined || name.split("/").some((part) => part === ".." || part === "")) return undefined;
  const loose = read(join(shared, name), longest.line)?.trim();
  if (loose !== undefined) return isCommit(loose) ? loose : undefined;
  const packed = read(join(shared, "packed-refs"), longest.list) ?? "";
  const line = packed.split("\n").find((candidate) => candidate.endsWith(` ${name}`));
  const commit = line?.slice(0, line.indexOf(" "));
  return commit !== undefined && isCommit(commit) ? commit : undefined;
}

/** Of git-config(1) as much as git itself writes. */
function originIn(config: string): string | undefined {
  const [, section] = /^\[remote "origin"\]\s*$\n((?:(?!\[).*(?:\n|$))*)/m.exec(config) ?? [];
  return /^\s*url\s*=\s*"?([^"\n]*?)"?\s*$/m.exec(section ?? "")?.[1];
}

function readText(path: string, limit: number): string | undefined {
  let file: number | undefined;
  try {
    file = openSync(path, "r");
    const stat = fstatSync(file);
    return stat.isFile() && stat.size <= limit ? readFileSync(file, "utf8") : undefined;
  } catch {
    return undefined;
  } finally {
    if (file !== undefined) closeSync(file);
  }
}
