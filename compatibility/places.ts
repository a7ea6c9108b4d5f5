import { join } from "node:path";
import type { RunnableTarget } from "./app.ts";

export const repository = join(import.meta.dirname, "..");
export const appsFolder = join(import.meta.dirname, "apps");

/** Copies of the apps, to build in: within this folder, so that the packages beside it are found. Not committed. */
export const buildsFolder = join(import.meta.dirname, "dist");

export const table = join(repository, "docs/compatibility.md");

/** The Node of both runs, for each target. */
export const nodeVersions: Readonly<Record<RunnableTarget, string>> = {
  "linux-x64": "26.10.0",
  "linux-arm64": "26.10.0",
  "win32-x64": "26.10.0",
};
