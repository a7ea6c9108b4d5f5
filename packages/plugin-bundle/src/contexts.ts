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

interface Owner {
  readonly contexts: Map<string, Kept>;
  /** Builds that go on: none of its contexts may go. */
  running: number;
}

/** Bundles that are remembered without being built: more than a pipeline has. */
const mostIdle = 8;

const owners = new Map<string, Owner>();

/** A new build of a bundle begins, which `owner` names. */
export function beginBuild(owner: string): void {
  const own = owners.get(owner) ?? { contexts: new Map<string, Kept>(), running: 0 };
  if (own.running++ === 0) for (const kept of own.contexts.values()) kept.isUsed = false;
  // The last one built is the last in order.
  owners.delete(owner);
  owners.set(owner, own);
}

/** It has ended: contexts that it did not use go. */
export function endBuild(owner: string): void {
  const own = owners.get(owner);
  // Gone where esbuild was stopped meanwhile.
  if (!own || --own.running > 0) return;
  for (const [key, kept] of own.contexts) if (!kept.isUsed) forget(own, key, kept);
  const idle = [...owners].filter(([, { running }]) => running === 0);
  for (const [name, oldest] of idle.slice(0, -mostIdle)) {
    owners.delete(name);
    for (const [key, kept] of oldest.contexts) forget(oldest, key, kept);
  }
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
  const contexts = owners.get(owner)?.contexts;
  let kept = contexts?.get(key);
  if (!kept) {
    kept = { context: withLazyCollector(() => esbuild.context(options())), isUsed: true };
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

/**
 * esbuild's process takes its settings from the environment of the call that starts it. Its garbage collector takes a third of a
 * rebuild's processor time; run a third as often, a fifth is left, for 350 MB in place of 190 in an app of 1,000 modules. For single
 * builds esbuild's own command turns it off.
 */
function withLazyCollector<Value>(start: () => Value): Value {
  if (process.env["GOGC"] !== undefined) return start();
  process.env["GOGC"] = "400";
  try {
    return start();
  } finally {
    delete process.env["GOGC"];
  }
}

function forget({ contexts }: Owner, key: string, { context }: Kept): void {
  contexts.delete(key);
  // It may never have come to be, or be gone with esbuild.
  context.then((made) => made.dispose()).catch(() => {});
}
