import { existsSync } from "node:fs";
import path from "node:path";
import { readPackageJson } from "./entry.ts";
import { isFolder } from "./folders.ts";

/** The nearest folder, from the project up, that holds a workspace or a repository; else the project itself. */
export function workspaceRoot(projectDir: string): string {
  for (const folder of upwards(projectDir)) if (isWorkspace(folder)) return folder;
  return projectDir;
}

function isWorkspace(folder: string): boolean {
  if (readPackageJson(folder)?.["workspaces"]) return true;
  return [".git", "pnpm-workspace.yaml"].some((name) => existsSync(path.join(folder, name)));
}

/** What decides which folder that is, absolute: whatever of it comes or goes moves the places of all files. */
export function workspaceFiles(projectDir: string): string[] {
  const files: string[] = [];
  for (const folder of upwards(projectDir)) {
    files.push(path.join(folder, "package.json"), path.join(folder, "pnpm-workspace.yaml"));
    // In a worktree of git it is a file that says where that lies on this machine.
    const repository = path.join(folder, ".git");
    if (!existsSync(repository) || isFolder(repository)) files.push(repository);
    if (isWorkspace(folder)) break;
  }
  return files;
}

/** The folder and those above it, up to the file system's root. */
export function* upwards(folder: string): Generator<string> {
  for (let current = folder; ; current = path.dirname(current)) {
    yield current;
    if (path.dirname(current) === current) return;
  }
}
