import { join } from "node:path";

export const repository = join(import.meta.dirname, "..");
export const appsFolder = join(import.meta.dirname, "apps");

/** Copies of the apps, to build in: within this folder, so that the packages beside it are found. Not committed. */
export const buildsFolder = join(import.meta.dirname, "dist");

export const table = join(repository, "docs/compatibility.md");

/** The Node of both runs. */
export const nodeVersion = "26.10.0";
