import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { chmod, constants, copyFile, realpath, stat } from "node:fs/promises";
import { join } from "node:path";
import { type Artifact, type RunContext, SbpError } from "@sbp/core";
import { assertExecutableFormat } from "./executable-format.ts";
import { fetchRuntime } from "./fetch-runtime.ts";
import { loadNpmOptions } from "./npm-options.ts";
import type { Options } from "./options.ts";
import { locateRuntime } from "./path-runtime.ts";
import type { PackagePin, PathPin, RuntimePin } from "./pins.ts";
import { executableName } from "./runtime-package.ts";

type Context = RunContext<Options>;
type Kind = "runtime" | "host-runtime";

/** The runtime's licence in its artifact: whoever ships the runtime ships it along. */
const licenceFile = "LICENSE";

/** Makes the artifact of the runtime that is pinned in the context. */
export async function provideRuntime(kind: Kind, context: Context): Promise<void> {
  const pin = context.pins as unknown as RuntimePin;
  if ("path" in pin) await provideOwn(kind, pin, context);
  else await provideOfficial(kind, pin, context);
}

async function provideOwn(kind: Kind, pin: PathPin, context: Context): Promise<void> {
  const { path, target, version } = pin;
  const file = await locateRuntime(context.projectDir, path);
  context.dependOn({ file });
  await assertExecutableFormat(file, target, `The runtime "${path}"`);
  const copyOf = await realpath(file);
  await context.write(kind, { version, target, source: "path" }, (out) =>
    out.file(executableName(target), { copyOf }, { executable: true }),
  );
}

/**
 * What this process is fetching or has fetched, by integrity. The runtime of the machine that builds often is
 * a lane's runtime too: two actions, one download.
 */
const fetched = new Map<string, Promise<Artifact>>();

async function provideOfficial(kind: Kind, pin: PackagePin, context: Context): Promise<void> {
  const { version, target, integrity, package: name } = pin;
  const file = executableName(target);
  const earlier = fetched.get(integrity);
  const made = context.write(kind, { version, target, package: name }, async (out) => {
    const destination = await out.reserve(file, { executable: true });
    const licence = join(await context.tmp(), licenceFile);
    const copied = earlier && (await copyFetched(earlier, file, destination, context.signal));
    if (copied?.files.some(({ path }) => path === licenceFile))
      await copyFile(await copied.path(licenceFile), licence);
    else if (!copied) await fetchOfficial(pin, { destination, licence }, context);
    const { size } = (await stat(licence).catch(() => undefined)) ?? { size: 0 };
    if (size > 0) await out.file(licenceFile, { copyOf: licence });
  });
  fetched.set(integrity, made);
  try {
    await made;
  } catch (error) {
    if (fetched.get(integrity) === made) fetched.delete(integrity);
    throw error;
  }
}

async function fetchOfficial(
  pin: PackagePin,
  files: { readonly destination: string; readonly licence: string },
  context: Context,
): Promise<void> {
  const { version, integrity, package: name } = pin;
  const { projectDir, signal } = context;
  if (context.offline) {
    throw new SbpError(
      "SBP_OFFLINE",
      `${name}@${version} is not in the store, and the network may not be used`,
      {
        hint: "Build once without --offline: the store then keeps the runtime.",
      },
    );
  }
  const npmOptions = await loadNpmOptions(projectDir);
  const progress: Context["progress"] = (message, state) => context.progress(message, state);
  await fetchRuntime({ package: name, version, integrity, ...files, signal, progress, npmOptions });
}

/** Undefined where the earlier fetch failed or its file is gone by now: then this one fetches by itself. */
async function copyFetched(
  earlier: Promise<Artifact>,
  file: string,
  destination: string,
  signal: AbortSignal,
): Promise<Artifact | undefined> {
  const artifact = await orAborted(earlier, signal).catch(() => undefined);
  signal.throwIfAborted();
  try {
    const expected = artifact?.files.find(({ path }) => path === file)?.sha256;
    if (!artifact || !expected) return undefined;
    await copyFile(await artifact.path(file), destination, constants.COPYFILE_FICLONE);
    const hash = createHash("sha256");
    for await (const chunk of createReadStream(destination, { signal })) hash.update(chunk as Buffer);
    await chmod(destination, 0o755);
    return hash.digest("hex") === expected ? artifact : undefined;
  } catch {
    signal.throwIfAborted();
    return undefined;
  }
}

/** The promise's outcome, or the signal's reason as soon as it is aborted. */
async function orAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  let stop = () => {};
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(signal.reason);
    signal.addEventListener("abort", stop);
  });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener("abort", stop);
  }
}
