import { lstat, open } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import type { RunContext } from "@sbp/core";

/*
 * What git knows of the project, read from its files (gitrepository-layout(5), git-worktree(1), "FILES" of git-pack-refs(1)), since
 * git itself would look at the whole working tree, which no input can name. Whatever is not as expected is as if there were no git:
 * another format of references, for instance.
 */

export interface GitFacts {
  /** The commit that is checked out, 40 or 64 hexadecimal digits. */
  readonly revision: string | undefined;
  /** Where the remote `origin` is, as git's config has it. */
  readonly origin: string | undefined;
}

type Context = Pick<RunContext, "projectDir" | "dependOn">;

/** In bytes: of files with a line or two, and of lists. */
const longest = { line: 4 << 10, list: 16 << 20 } as const;

export async function gitFacts({ projectDir, dependOn }: Context): Promise<GitFacts> {
  const read = async (path: string, limit: number): Promise<string | undefined> => {
    dependOn({ file: path });
    return readText(path, limit);
  };
  const folder = await gitFolder(projectDir, { read, dependOn });
  const head = folder && (await read(join(folder, "HEAD"), longest.line));
  if (folder === undefined || head === undefined) return { revision: undefined, origin: undefined };
  // A worktree has a HEAD of its own, and shares everything else.
  const common = resolve(folder, (await read(join(folder, "commondir"), longest.line))?.trim() ?? ".");
  const config = await read(join(common, "config"), longest.list);
  return { revision: await commitOf(head, common, read), origin: originIn(config ?? "") };
}

/** The folder of the repository that a folder is in. */
async function gitFolder(
  start: string,
  { read, dependOn }: { readonly read: Read; readonly dependOn: Context["dependOn"] },
): Promise<string | undefined> {
  for (let folder = start; ; folder = dirname(folder)) {
    const path = join(folder, ".git");
    const found = await lstat(path).catch(() => undefined);
    if (found?.isDirectory()) return path;
    if (found?.isFile()) {
      const [, place] = /^gitdir: (.+)\n?$/.exec((await read(path, longest.line)) ?? "") ?? [];
      return place && resolve(folder, place);
    }
    dependOn({ file: path });
    if (folder === dirname(folder)) return undefined;
  }
}

type Read = (path: string, limit: number) => Promise<string | undefined>;

const isCommit = (text: string) => /^([0-9a-f]{40}|[0-9a-f]{64})$/.test(text);

async function commitOf(head: string, common: string, read: Read): Promise<string | undefined> {
  const text = head.trim();
  if (isCommit(text)) return text;
  const [, name] = /^ref: (refs\/[^\0-\x20~^:?*[\\]+)$/.exec(text) ?? [];
  if (name === undefined || name.split("/").some((part) => part === ".." || part === "")) return undefined;
  const loose = (await read(join(common, name), longest.line))?.trim();
  if (loose !== undefined) return isCommit(loose) ? loose : undefined;
  const packed = (await read(join(common, "packed-refs"), longest.list)) ?? "";
  const line = packed.split("\n").find((candidate) => candidate.endsWith(` ${name}`));
  const commit = line?.slice(0, line.indexOf(" "));
  return commit !== undefined && isCommit(commit) ? commit : undefined;
}

/** Of git-config(1) as much as git itself writes. */
function originIn(config: string): string | undefined {
  const [, section] = /^\[remote "origin"\]\s*$\n((?:(?!\[).*(?:\n|$))*)/m.exec(config) ?? [];
  return /^\s*url\s*=\s*"?([^"\n]*?)"?\s*$/m.exec(section ?? "")?.[1];
}

async function readText(path: string, limit: number): Promise<string | undefined> {
  const file = await open(path).catch(() => undefined);
  if (!file) return undefined;
  try {
    const stat = await file.stat();
    return stat.isFile() && stat.size <= limit ? await file.readFile("utf8") : undefined;
  } catch {
    return undefined;
  } finally {
    await file.close();
  }
}
