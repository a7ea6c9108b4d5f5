import { existsSync } from "node:fs";
import path from "node:path";
import { readPackageJson } from "./entry.ts";

/** The nearest folder, from the project up, that holds a workspace or a repository; else the project itself. */
export function workspaceRoot(projectDir: string): string {
  for (const folder of upwards(projectDir)) {
    if (readPackageJson(folder)?.["workspaces"]) return folder;
    if (existsSync(path.join(folder, "pnpm-workspace.yaml"))) return folder;
    if (existsSync(path.join(folder, ".git"))) return folder;
  }
  return projectDir;
}

/** The folder and those above it, up to the file system's root. */
export function* upwards(folder: string): Generator<string> {
  for (let current = folder; ; current = path.dirname(current)) {
    yield current;
    if (path.dirname(current) === current) return;
  }
}
