/*
 * The compilers of a build. One is started while the bundle is still being made (`warmUp`), and lanes whose runtimes
 * are of the same version share what it makes: they compile the same script with the same Node of the host.
 */
import { dirname } from "node:path";
import type { Artifact } from "@sbp/core";
import { Compiler, type NamedScript } from "./code-cache.ts";
import { runtimePath } from "./runtime-meta.ts";

interface Compilers {
  /** Started and not yet used, by the digest of the host's runtime. */
  readonly waiting: Map<string, Promise<Compiler>>;
  /** Code caches, by the digests of runtime and bundle, and the number of scripts. */
  readonly made: Map<string, Promise<readonly (Buffer | undefined)[]>>;
}

/** A build's signal stands for the build. */
const builds = new WeakMap<AbortSignal, Compilers>();
const unused = new Set<Promise<Compiler>>();

/** Starts a compiler for a later `compile`. */
export async function warmUpCompiler(hostRuntime: Artifact, signal: AbortSignal): Promise<void> {
  const { waiting } = compilersOf(signal);
  // One serves all lanes.
  if (waiting.has(hostRuntime.digest)) return;
  const compiler = startCompiler(hostRuntime, signal);
  waiting.set(hostRuntime.digest, compiler);
  unused.add(compiler);
  await compiler;
}

/** What is compiled: a bundle's scripts, by the host's Node of the version that will run them. */
interface Job {
  readonly bundle: Artifact;
  readonly hostRuntime: Artifact;
  readonly signal: AbortSignal;
}

/**
 * The code caches of all scripts of the bundle, the main file's first. Throws HostNodeError when that cannot be compiled;
 * for any other that cannot, there is none.
 */
export function compile(scripts: readonly NamedScript[], job: Job): Promise<readonly (Buffer | undefined)[]> {
  const { made } = compilersOf(job.signal);
  const key = `${job.hostRuntime.digest} ${job.bundle.digest} ${scripts.length}`;
  let cache = made.get(key);
  if (!cache) {
    cache = takeCompiler(job).then((compiler) => compiler.compile(scripts));
    made.set(key, cache);
  }
  return cache;
}

function takeCompiler({ hostRuntime, signal }: Job): Promise<Compiler> {
  const { waiting } = compilersOf(signal);
  const compiler = waiting.get(hostRuntime.digest);
  if (!compiler) return startCompiler(hostRuntime, signal);
  waiting.delete(hostRuntime.digest);
  unused.delete(compiler);
  return compiler;
}

async function startCompiler(hostRuntime: Artifact, signal: AbortSignal): Promise<Compiler> {
  const node = await runtimePath(hostRuntime);
  return new Compiler({ node, cwd: dirname(node), signal });
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
