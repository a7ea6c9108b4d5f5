/*
 * The compilers of a build. One is started while the bundle is still being made (`warmUp`), and lanes whose runtimes
 * are of the same version share what it makes: they compile the same script with the same Node of the host. A foreign
 * target's own runtime may compile under an emulator.
 */
import { dirname } from "node:path";
import type { Artifact } from "@sbp/core";
import { Compiler, type NamedScript } from "./code-cache.ts";
import type { Emulator } from "./emulator.ts";
import { runtimePath } from "./runtime-meta.ts";

interface Compilers {
  /** Started and not yet used, by the digest of the runtime. */
  readonly waiting: Map<string, Promise<Compiler>>;
  /** Code caches, by the digests of the runtime and of what the scripts are from, and their number. */
  readonly made: Map<string, Promise<readonly (Buffer | undefined)[]>>;
}

/** A build's signal stands for the build. */
const builds = new WeakMap<AbortSignal, Compilers>();
const unused = new Set<Promise<Compiler>>();

/** Which runtime compiles, and what runs it where it is not for this host. */
export interface Runner {
  readonly runtime: Artifact;
  readonly emulator?: Emulator;
}

/** Starts a compiler for a later `compile`. */
export async function warmUpCompiler(runner: Runner, signal: AbortSignal): Promise<void> {
  const { waiting } = compilersOf(signal);
  const { digest } = runner.runtime;
  // One serves all lanes.
  if (waiting.has(digest)) return;
  const compiler = startCompiler(runner, signal);
  waiting.set(digest, compiler);
  unused.add(compiler);
  await compiler;
}

/** What is compiled: the scripts of artifacts, by a Node of the version that will run them. */
interface Job {
  readonly sources: readonly Artifact[];
  readonly runner: Runner;
  readonly signal: AbortSignal;
}

/** The artifacts of a lane that its scripts are from. */
export function scriptSources(artifacts: Readonly<Record<string, Artifact>>): readonly Artifact[] {
  const packages = artifacts["target-packages"];
  // Lanes whose packages bring no scripts share what is compiled.
  const hasScripts = packages?.files.some(({ path }) => /\.c?js$/.test(path));
  return hasScripts ? [artifacts["bundle"]!, packages!] : [artifacts["bundle"]!];
}

/**
 * The code caches of all scripts, the main file's first. Throws HostNodeError when that cannot be compiled;
 * for any other that cannot, there is none.
 */
export function compile(scripts: readonly NamedScript[], job: Job): Promise<readonly (Buffer | undefined)[]> {
  const { made } = compilersOf(job.signal);
  const digests = [job.runner.runtime, ...job.sources].map(({ digest }) => digest);
  const key = `${digests.join(" ")} ${scripts.length}`;
  let cache = made.get(key);
  if (!cache) {
    cache = takeCompiler(job).then((compiler) => compiler.compile(scripts));
    made.set(key, cache);
  }
  return cache;
}

function takeCompiler({ runner, signal }: Job): Promise<Compiler> {
  const { waiting } = compilersOf(signal);
  const { digest } = runner.runtime;
  const compiler = waiting.get(digest);
  if (!compiler) return startCompiler(runner, signal);
  waiting.delete(digest);
  unused.delete(compiler);
  return compiler;
}

async function startCompiler({ runtime, emulator }: Runner, signal: AbortSignal): Promise<Compiler> {
  const path = await runtimePath(runtime);
  const node = emulator ? ([...emulator.command, path] as const) : ([path] as const);
  return new Compiler({ node, cwd: dirname(path), signal });
}

/** Ends the compilers that nobody has used. */
export async function disposeCompilers(): Promise<void> {
  for (const compiler of await Promise.allSettled(unused))
    if (compiler.status === "fulfilled") compiler.value.dispose();
  unused.clear();
}

function compilersOf(signal: AbortSignal): Compilers {
  let compilers = builds.get(signal);
  if (!compilers) {
    compilers = { waiting: new Map(), made: new Map() };
    builds.set(signal, compilers);
  }
  return compilers;
}
