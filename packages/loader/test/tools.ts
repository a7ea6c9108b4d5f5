import { execFile } from "node:child_process";
import { chmod, copyFile, mkdtemp, open, rm, writeFile } from "node:fs/promises";
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

/** Compiles a C program or library for a target. */
export async function compile(
  target: LinuxTarget,
  source: string,
  options: readonly string[],
): Promise<string> {
  const folder = await temporaryFolder();
  const output = join(folder, "program");
  await writeFile(join(folder, "program.c"), source);
  await run(`${toolPrefix[target]}gcc`, [join(folder, "program.c"), ...options, "-o", output]);
  return output;
}

export interface Ended {
  readonly stdout: string;
  readonly stderr: string;
  readonly code: number | null;
}

/**
 * Runs a program in a root of its own, under QEMU if it is for arm64. As root, without anything mounted there, and with
 * nothing but `env` in the environment.
 */
export async function inEmptyRoot(
  folder: string,
  target: LinuxTarget,
  command: readonly string[],
  { env = {}, uid }: { readonly env?: NodeJS.ProcessEnv; readonly uid?: number } = {},
): Promise<Ended> {
  // As QEMU's user mode is static itself, it finds its way in an empty root.
  if (target === "linux-arm64") await copyFile("/usr/bin/qemu-aarch64-static", join(folder, "qemu"));
  const emulated = target === "linux-arm64" ? ["/qemu", ...command] : command;
  const identity = uid === undefined ? [] : [`--userspec=${uid}:${uid}`];
  // mkdtemp makes folders for their owner alone.
  await chmod(folder, 0o755);
  return await new Promise<Ended>((resolve) => {
    const child = execFile(
      "/usr/sbin/chroot",
      [...identity, folder, ...emulated],
      { env },
      (_, stdout, stderr) => resolve({ stdout, stderr, code: child.exitCode }),
    );
  });
}
