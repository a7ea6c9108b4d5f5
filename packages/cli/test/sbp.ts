import { type ChildProcess, spawn } from "node:child_process";
import { mkdir, mkdtemp, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, inject } from "vitest";
// What it provides has a type by this.
import type {} from "../../../tools/shared-cache.ts";

const main = join(import.meta.dirname, "../src/main.ts");

/** Node and its arguments that run the real command from its sources. */
export const sbpCommand: readonly string[] = [process.execPath, "--conditions=@sbp/source", main];

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
}

const folders: string[] = [];
afterAll(async () => {
  for (const folder of folders) await rm(folder, { recursive: true, force: true });
});

/** A fresh folder, removed at the end of the test file, with these files. */
export async function folder(files: Readonly<Record<string, string>> = {}): Promise<string> {
  const dir = await realpath(await mkdtemp(join(tmpdir(), "sbp-cli-test-")));
  folders.push(dir);
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(dir, path)), { recursive: true });
    await writeFile(join(dir, path), text);
  }
  return dir;
}

/** Writes a file below a folder. */
export async function addBytes(dir: string, path: string, content: Uint8Array): Promise<void> {
  await mkdir(dirname(join(dir, path)), { recursive: true });
  await writeFile(join(dir, path), content);
}

const cache = await folder();

/**
 * The cache folder of a whole run of tests, for builds on real runtimes: each is fetched, stripped and prepared once, by the first who wants it.
 * Not for tests of what runs, of what is fetched, or of what a cache has.
 */
export const sharedCache: string = inject("sharedCache");
/** Of the sources, which would be compiled anew for every other cache folder: most of what a short command takes. */
const compileCache = join(sharedCache, "compile-cache");

/** The environment of a user at a plain terminal, whatever the tests run in. */
export function environment(env: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv {
  const { PATH, HOME, TMPDIR } = process.env;
  return {
    PATH,
    HOME,
    ...(TMPDIR && { TMPDIR }),
    TERM: "xterm-256color",
    NODE_COMPILE_CACHE: compileCache,
    SBP_CACHE_DIR: cache,
    ...env,
  };
}

/** Starts the command. */
export function start(words: readonly string[], { cwd, env }: RunOptions = {}): ChildProcess {
  const [node, ...rest] = sbpCommand;
  return spawn(node!, [...rest, ...words], { cwd, env: environment(env), stdio: ["ignore", "pipe", "pipe"] });
}

/** What a started command printed and how it ended. */
export async function ended(child: ChildProcess): Promise<Ended> {
  let stdout = "";
  let stderr = "";
  child.stdout?.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
  });
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
}

/** Runs the command to its end. */
export function sbp(words: readonly string[], options?: RunOptions): Promise<Ended> {
  return ended(start(words, options));
}

/** The lines of `--json`. */
export function jsonLines(text: string): Record<string, unknown>[] {
  return text
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
}

/** Waits until a started command has printed this to standard output or error. */
export function printed(child: ChildProcess, wanted: string | RegExp): Promise<void> {
  let text = "";
  return new Promise((resolve, reject) => {
    const take = (chunk: Buffer | string) => {
      text += chunk;
      if (typeof wanted === "string" ? text.includes(wanted) : wanted.test(text)) resolve();
    };
    child.stdout?.on("data", take);
    child.stderr?.on("data", take);
    child.on("close", () => reject(new Error(`ended without printing ${wanted}:\n${text}`)));
  });
}
