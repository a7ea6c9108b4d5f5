import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);
const caches = join(import.meta.dirname, "../node_modules/.cache");
const folder = join(caches, "sbp-cosign");

/** The real cosign, of Debian 13: a program that runs on Debian 12 as well, which has none. Fetched once. */
export async function cosignProgram(): Promise<string> {
  if (!existsSync(folder)) {
    await mkdir(caches, { recursive: true });
    const work = await mkdtemp(`${folder}-`);
    try {
      await run(join(import.meta.dirname, "unpack-debian-13.sh"), [work, "cosign"]);
      // By one rename, so that its existence means that it is complete. Who comes second leaves the first one's.
      await rename(work, folder).catch((error) => {
        if (!existsSync(folder)) throw error;
      });
    } finally {
      await rm(work, { recursive: true, force: true });
    }
  }
  return join(folder, "usr/bin/cosign");
}

/** What cosign says of a file and its statement of SLSA provenance: "Verified OK", or why not. */
export async function verifyProvenance(
  file: string,
  statement: string,
  publicKey: string,
  home: string,
): Promise<string> {
  // No log of signatures is asked: there is none without a network, and keys of one's own need none.
  const words = ["--insecure-ignore-tlog", "--type", "slsaprovenance1", "--key", publicKey];
  const { stderr } = await run(
    await cosignProgram(),
    ["verify-blob-attestation", ...words, "--signature", statement, file],
    { env: { PATH: process.env["PATH"], HOME: home } },
  ).catch((error: { stderr?: string }) => {
    if (error.stderr === undefined) throw error;
    return { stderr: error.stderr };
  });
  return stderr;
}
