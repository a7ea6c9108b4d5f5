import { execFile } from "node:child_process";
import { mkdtemp, open, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { applyEdit, type ElfFile, fromFile, readElf } from "@sbp/executable";
import { onTestFinished } from "vitest";
import { type Closure, closureFile, planSelfContained, readClosure } from "../src/index.ts";

export const run = promisify(execFile);

export const targets = ["linux-x64", "linux-arm64"] as const;
export type LinuxTarget = (typeof targets)[number];

/** The prefix of the programs that make and read executables of a target. */
export const toolPrefix = { "linux-x64": "x86_64-linux-gnu-", "linux-arm64": "aarch64-linux-gnu-" } as const;

/** A new folder that is gone after the test. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "sbp-loader-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** The closure that comes with the package. */
export const closureOf = (target: LinuxTarget): Promise<Closure> => readClosure(closureFile(target));

/** An executable, open until the test ends. */
export async function openElf(path: string): Promise<ElfFile> {
  const file = await open(path);
  onTestFinished(() => file.close());
  return readElf(await fromFile(file));
}

/** Makes the self-contained copy of a program. */
export async function makeSelfContained(input: string, output: string, closure: Closure): Promise<void> {
  await applyEdit(input, output, await planSelfContained(await openElf(input), closure));
}
