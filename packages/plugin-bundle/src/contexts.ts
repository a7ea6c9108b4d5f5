import * as esbuild from "esbuild";

/*
 * esbuild's contexts, kept from build to build: what has not changed is not parsed again. Whoever builds once ends them
 * with the process or by `dispose` of the plugin; a session of watching builds hundreds of times.
 *
 * A context is for one set of options. A bundle may need several (scripts of workers, a build without carried packages);
 * those that the last build of a bundle did without go.
 */

interface Kept {
  readonly context: Promise<esbuild.BuildContext>;
  isUsed: boolean;
}

/** Bundles that are remembered: more than a pipeline has. */
const mostOwners = 8;

const owners = new Map<string, Map<string, Kept>>();

/** A new build of a bundle begins, which `owner` names. */
export function beginBuild(owner: string): void {
  const contexts = owners.get(owner) ?? new Map<string, Kept>();
  for (const kept of contexts.values()) kept.isUsed = false;
  owners.delete(owner);
  owners.set(owner, contexts);
  const [oldest] = owners.keys();
  if (owners.size > mostOwners) forget(oldest!, () => true);
}

/** It has ended: contexts that it did not use go. */
export function endBuild(owner: string): void {
  forget(owner, ({ isUsed }) => !isUsed);
}

/** esbuild is stopped, and all contexts with it. */
export async function stopAll(): Promise<void> {
  owners.clear();
  await esbuild.stop();
}

/** Builds with the kept context of this key, or makes one. Throws the signal's reason when cancelled. */
export async function rebuild(
  owner: string,
  key: string,
  options: () => esbuild.BuildOptions,
  signal: AbortSignal,
): Promise<esbuild.BuildResult> {
  signal.throwIfAborted();
  const contexts = owners.get(owner);
  let kept = contexts?.get(key);
  if (!kept) {
    kept = { context: esbuild.context(options()), isUsed: true };
    contexts?.set(key, kept);
  }
  kept.isUsed = true;
  const context = await kept.context.catch((error) => {
    contexts?.delete(key);
    throw error;
  });
  const cancel = () => void context.cancel();
  signal.addEventListener("abort", cancel, { once: true });
  try {
    signal.throwIfAborted();
    return await context.rebuild();
  } finally {
    signal.removeEventListener("abort", cancel);
    if (!contexts) await context.dispose();
    signal.throwIfAborted();
  }
}

function forget(owner: string, isUnwanted: (kept: Kept) => boolean): void {
  const contexts = owners.get(owner);
  for (const [key, kept] of contexts ?? []) {
    if (!isUnwanted(kept)) continue;
    contexts!.delete(key);
    // It may never have come to be, or be gone with esbuild.
    kept.context.then((context) => context.dispose()).catch(() => {});
  }
  if (contexts?.size === 0) owners.delete(owner);
}
