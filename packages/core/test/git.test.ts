import { execFile } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../oci/test/tools.ts";
import { findGitRepository } from "../src/git.ts";

/* What a repository says of its commit, compared with what git says. */

const settings = ["-c", "user.name=A", "-c", "user.email=a@example.com", "-c", "init.defaultBranch=main"];

async function git(cwd: string, ...words: string[]): Promise<string> {
  return (await promisify(execFile)("git", [...settings, ...words], { cwd })).stdout.trim();
}

async function repository(...init: string[]): Promise<string> {
  const folder = await temporaryFolder();
  await git(folder, "init", "-q", ...init);
  await git(folder, "commit", "-q", "--allow-empty", "-m", "first");
  return folder;
}

function facts(folder: string) {
  const inputs: string[] = [];
  const found = findGitRepository(folder, (file) => inputs.push(file));
  return { top: found?.top, revision: found?.revision, origin: found?.origin(), inputs };
}

test("the commit of a branch, of a folder within, of packed references, of no branch", async () => {
  const folder = await repository();
  const check = async (place = folder) =>
    expect(facts(place).revision).toBe(await git(folder, "rev-parse", "HEAD"));
  await check();
  await mkdir(join(folder, "packages/app"), { recursive: true });
  await check(join(folder, "packages/app"));
  await git(folder, "checkout", "-q", "-b", "feature/deep");
  await git(folder, "commit", "-q", "--allow-empty", "-m", "second");
  await git(folder, "pack-refs", "--all");
  await check();
  expect(facts(folder).inputs).toContain(join(folder, ".git/packed-refs"));
  await git(folder, "checkout", "-q", "--detach", "main");
  await check();
  const other = await repository("--object-format=sha256");
  expect(facts(other).revision).toBe(await git(other, "rev-parse", "HEAD"));
});

test("a worktree has its own commit, and the repository's origin", async () => {
  const folder = await repository();
  await git(folder, "remote", "add", "upstream", "https://example.com/upstream.git");
  await git(folder, "remote", "add", "origin", "git@example.com:acme/app.git");
  const tree = join(await temporaryFolder(), "tree");
  await git(folder, "worktree", "add", "-q", "-b", "other", tree);
  await git(tree, "commit", "-q", "--allow-empty", "-m", "second");
  const { top, revision, origin } = facts(tree);
  expect(revision).toBe(await git(tree, "rev-parse", "HEAD"));
  expect(revision).not.toBe(await git(folder, "rev-parse", "HEAD"));
  expect(top).toBe(tree);
  expect(origin).toBe(await git(tree, "remote", "get-url", "origin"));
});

test("without a repository, or with a strange one, nothing is known", async () => {
  const folder = await temporaryFolder();
  const nothing = { revision: undefined, origin: undefined };
  expect(facts(folder)).toMatchObject(nothing);
  // A repository that is made later is seen.
  expect(facts(folder).inputs).toEqual(
    expect.arrayContaining([join(folder, ".git"), join(folder, ".git/HEAD")]),
  );
  await mkdir(join(folder, ".git"));
  for (const head of ["ref: refs/../../etc/passwd", "ref: refs/heads/none", "abc", "x".repeat(10_000)]) {
    await writeFile(join(folder, ".git/HEAD"), `${head}\n`);
    expect(facts(folder)).toMatchObject(nothing);
  }
  const empty = await temporaryFolder();
  await git(empty, "init", "-q");
  expect(facts(empty)).toMatchObject(nothing);
});
