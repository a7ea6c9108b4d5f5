/* Fetches the database: OSV's zips of npm, of Debian and of Go, and the index of Node's own vulnerabilities. */
import { createWriteStream } from "node:fs";
import { mkdir, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { Readable, Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { SbpError } from "@sbp/core";
import { collectDatabase, databaseSource } from "./collect.ts";

export interface Origins {
  /** Addresses. */
  readonly npm: string;
  readonly debian: string;
  readonly go: string;
  readonly node: string;
}

export const defaultOrigins: Origins = {
  npm: "https://osv-vulnerabilities.storage.googleapis.com/npm/all.zip",
  debian: "https://osv-vulnerabilities.storage.googleapis.com/Debian/all.zip",
  go: "https://osv-vulnerabilities.storage.googleapis.com/Go/all.zip",
  node: "https://raw.githubusercontent.com/nodejs/security-wg/main/vuln/core/index.json",
};

/** Bytes. */
const largestDownload = 2 * 2 ** 30;

export interface Updated {
  readonly folder: string;
  readonly records: number;
  readonly date: string;
}

/**
 * Fetches all, looks whether they can be read, and only then puts them in the place of what was there. Throws SBP_SCAN_UPDATE,
 * SBP_SCAN_DATABASE.
 */
export async function updateDatabase(
  folder: string,
  origins: Origins,
  { signal, progress }: { readonly signal: AbortSignal; progress(message: string): void },
): Promise<Updated> {
  const work = `${folder}.${process.pid}.tmp`;
  const old = `${folder}.${process.pid}.old.tmp`;
  try {
    await fetchFile(origins.npm, join(work, "npm", "all.zip"), signal, progress);
    await fetchFile(origins.debian, join(work, "Debian", "all.zip"), signal, progress);
    await fetchFile(origins.go, join(work, "Go", "all.zip"), signal, progress);
    await fetchFile(origins.node, join(work, "node-core", "index.json"), signal, progress);
    const { records, date } = await collectDatabase(work, databaseSource(work));
    await rename(folder, old).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== "ENOENT") throw error;
    });
    await rename(work, folder);
    return { folder, records, date };
  } finally {
    await rm(work, { recursive: true, force: true });
    await rm(old, { recursive: true, force: true });
  }
}

async function fetchFile(
  url: string,
  file: string,
  signal: AbortSignal,
  progress: (message: string) => void,
): Promise<void> {
  progress(`fetching ${url}`);
  try {
    const response = await fetch(url, { signal, redirect: "follow" });
    if (!response.ok || !response.body) throw new Error(`the server answers ${response.status}`);
    await mkdir(dirname(file), { recursive: true });
    await pipeline(Readable.fromWeb(response.body as never), limited(), createWriteStream(file), { signal });
  } catch (error) {
    signal.throwIfAborted();
    const { message, cause } = error as Error & { readonly cause?: { readonly code?: string } };
    throw new SbpError(
      "SBP_SCAN_UPDATE",
      `The database cannot be fetched from ${url}: ${cause?.code ?? message}`,
      {
        hint: "Check the network, or fetch it elsewhere and name its folder with --db. What was there before is still there.",
        cause: error,
      },
    );
  }
}

function limited(): Transform {
  let total = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      total += chunk.length;
      if (total > largestDownload) done(new Error("it is too large"));
      else done(null, chunk);
    },
  });
}
