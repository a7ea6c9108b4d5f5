import { execFile } from "node:child_process";
import { mkdtemp, open, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { onTestFinished } from "vitest";
import { type ByteSource, fromFile } from "../src/index.ts";

export const run = promisify(execFile);

export const targets = ["linux-x64", "linux-arm64"] as const;

/** A new folder that is gone after the test. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "sbp-executable-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** The bytes of a file, open until the test ends. */
export async function openSource(path: string): Promise<ByteSource> {
  const file = await open(path);
  onTestFinished(() => file.close());
  return fromFile(file);
}

export interface CountingSource extends ByteSource {
  reads: number;
  bytes: number;
}

/** Passes reads through and counts them. */
export function counting(source: ByteSource): CountingSource {
  return {
    size: source.size,
    reads: 0,
    bytes: 0,
    read(offset, length) {
      this.reads++;
      this.bytes += length;
      return source.read(offset, length);
    },
  };
}

/** What binutils' readelf prints; it must have nothing to complain about. */
export async function readelf(...options: string[]): Promise<string> {
  const { stdout, stderr } = await run("readelf", options, {
    env: { ...process.env, LC_ALL: "C" },
    maxBuffer: 64 * 1024 * 1024,
  });
  if (/warning|error/i.test(stderr)) throw new Error(stderr);
  return stdout;
}

export interface ReadelfSegment {
  offset: number;
  address: number;
  physicalAddress: number;
  fileSize: number;
  memorySize: number;
  flags: number;
  alignment: number;
  type: string;
}

/** The program headers of a file as readelf sees them. */
export async function readelfSegments(path: string): Promise<ReadelfSegment[]> {
  const text = await readelf("-lW", path);
  const line = /^ {2}([A-Z_]+) +(0x\w+) (0x\w+) (0x\w+) (0x\w+) (0x\w+) ([R ][W ][E ]) (0x\w+)$/gm;
  return [...text.matchAll(line)].map((match) => ({
    type: match[1]!,
    offset: Number(match[2]),
    address: Number(match[3]),
    physicalAddress: Number(match[4]),
    fileSize: Number(match[5]),
    memorySize: Number(match[6]),
    flags:
      (match[7]!.includes("R") ? 4 : 0) +
      (match[7]!.includes("W") ? 2 : 0) +
      (match[7]!.includes("E") ? 1 : 0),
    alignment: Number(match[8]),
  }));
}
