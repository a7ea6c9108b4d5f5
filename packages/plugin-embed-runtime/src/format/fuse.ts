import { SbpError, type Target } from "@sbp/core";
import { type ByteRange, type ByteSource, findUnique, type Patch } from "@sbp/executable";
import { alreadyApp } from "../runtime-error.ts";

/** Node looks for a payload only when the character behind this is a 1 (src/node_sea.cc). */
const fuse = "NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2:";

/** The change that makes Node look for its payload. Throws ExecutableError; SBP_RUNTIME_ALREADY_APP. */
export async function flippedFuse(source: ByteSource, ranges: readonly ByteRange[]): Promise<Patch> {
  const offset = (await findUnique(source, Buffer.from(fuse), ranges)) + fuse.length;
  const state = Buffer.from(await source.read(offset, 1)).toString("latin1");
  if (state !== "0") throw alreadyApp();
  return { offset, bytes: Buffer.from("1") };
}

/** Throws SBP_RUNTIME_MISMATCH unless the machine that an executable is for is that of the target. */
export function checkMachine(machine: string, target: Target): void {
  const fits = target.endsWith("-x64") ? machine === "x86-64" : machine === "aarch64" || machine === "arm64";
  if (!fits)
    throw new SbpError(
      "SBP_RUNTIME_MISMATCH",
      `the runtime is an executable for ${machine}, not for ${target}`,
    );
}
