import { open, readFile } from "node:fs/promises";
import { type Artifact, exitCodes, type JsonObject, type RunContext, SbpError, type Target } from "@sbp/core";
import { applyEdit, ExecutableError, fromFile } from "@sbp/executable";
import { learnBlobFrame } from "./blob.ts";
import { learnBuiltins } from "./builtins.ts";
import { learnCodeCache } from "./code-cache.ts";
import { findEmulator } from "./emulator.ts";
import { formatOf, type PlanOptions } from "./format/format.ts";
import { HostNodeError, hostNodeFailed, lastLine } from "./host-node.ts";
import { isLoaderError, runtimeError, selfContainedError } from "./runtime-error.ts";
import { runtimeMeta, runtimePath } from "./runtime-meta.ts";
import { learnRuntimeParts } from "./runtime-parts.ts";
import { commonJsScript, type ScriptText } from "./script.ts";
import { strippedOf } from "./stripped.ts";
import { templateFiles, templateMeta } from "./template-meta.ts";
import { hasFileSystem, isOlder } from "./version.ts";

export interface TemplateOptions {
  readonly selfContained: boolean;
}

/** What lets Node have a file system of its own (node:vfs); the same in the bootstrap. */
const vfsOption = "--experimental-vfs";

/** The bootstrap asks for what this version brought. */
const oldestRuntime = "22.3.0";

/** Milliseconds. An emulator that cannot run Node may stand still, instead of failing; otherwise it takes three seconds. */
const longestTrial = 120_000;

/**
 * Makes a runtime ready for apps: the executable with the fuse flipped and room for a payload, what surrounds
 * the payload in this version, which builtins it has, and whether code caches can be made for it.
 */
export async function runTemplate(context: RunContext<TemplateOptions>): Promise<void> {
  const { artifacts, options, target, signal, tmp, write } = context;
  const runtime = artifacts["runtime"]!;
  const hostRuntime = artifacts["host-runtime"]!;
  const { version } = checkVersions(runtime, hostRuntime, target!);

  const input = await runtimePath(runtime);
  const selfContained = target!.startsWith("linux-") && options.selfContained;
  const { edit, template, files, libraries } = await planTemplate(input, target!, { selfContained });
  const node = await runtimePath(hostRuntime);
  const licence = runtime.files.some(({ path }) => path === "LICENSE")
    ? await runtime.read("LICENSE")
    : undefined;
  const bootstrap = await readFile(new URL("./bootstrap/bootstrap.cjs", import.meta.url));
  const content = { bootstrap, licence };
  const { builtins, frame, filesFrame, codeCache, runtimeParts } = await askHost(version, async () => ({
    builtins: await learnBuiltins(node, { cwd: await tmp(), signal }),
    frame: await learnBlobFrame(node, content, { cwd: await tmp(), signal }),
    filesFrame: hasFileSystem(version)
      ? await learnBlobFrame(node, { ...content, execArgv: [vfsOption] }, { cwd: await tmp(), signal })
      : undefined,
    codeCache: await codeCacheMaker(context, commonJsScript(bootstrap.toString())),
    runtimeParts: hasPartsOf(runtime, hostRuntime)
      ? await learnRuntimeParts(node, { cwd: await tmp(), signal })
      : undefined,
  }));

  const { prefix, suffix } = frame;
  const meta = {
    target: target!,
    nodeVersion: version,
    prefixLength: prefix.length,
    filesPrefixLength: filesFrame?.prefix.length,
    codeCache,
    template,
    selfContained,
    strip: strippedBy(runtime),
    ownRuntime: runtime.meta["source"] === "path",
    runtimeParts,
    libraries,
    stripped: strippedOf(runtime.meta),
  };
  await write("template", templateMeta(meta), async (out) => {
    const output = await out.reserve(templateFiles.node, { executable: true });
    await applyEdit(input, output, edit, { signal });
    await out.file(templateFiles.frame, Buffer.concat([prefix, suffix]));
    if (filesFrame)
      await out.file(templateFiles.filesFrame, Buffer.concat([filesFrame.prefix, filesFrame.suffix]));
    await out.file(templateFiles.builtins, JSON.stringify(builtins));
    for (const [name, bytes] of Object.entries(files)) await out.file(name, bytes);
  });
}

/**
 * Whether the host's runtime is made of what the target's is: official ones of a version are, on all platforms; of the
 * user's own, only the very same one.
 */
function hasPartsOf(runtime: Artifact, hostRuntime: Artifact): boolean {
  const [isOwn, isHostOwn] = [runtime, hostRuntime].map(({ meta }) => meta["source"] === "path");
  return isOwn === isHostOwn && (!isOwn || runtimeMeta(runtime).target === runtimeMeta(hostRuntime).target);
}

/** As the template's meta has it. */
async function codeCacheMaker(
  context: RunContext<TemplateOptions>,
  sample: ScriptText,
): Promise<boolean | string> {
  const { artifacts, log, signal, tmp } = context;
  const { target, version } = runtimeMeta(artifacts["runtime"]!);
  const host = runtimeMeta(artifacts["host-runtime"]!).target;
  const none = (why: string) => {
    log.info(`No code cache for ${target}: ${why}`);
    return false;
  };
  const notReproducible = `Node ${version} makes no reproducible one`;
  if (target === host) {
    const node = await runtimePath(artifacts["host-runtime"]!);
    const isMade = await learnCodeCache(sample, { node: [node], cwd: await tmp(), signal });
    return isMade || none(notReproducible);
  }
  const emulator = await findEmulator(context, host, target);
  if (!emulator) return false;
  const path = await runtimePath(artifacts["runtime"]!);
  const place = { cwd: await tmp(), signal: AbortSignal.any([signal, AbortSignal.timeout(longestTrial)]) };
  try {
    const isMade = await learnCodeCache(sample, { node: [...emulator.command, path], ...place });
    return isMade ? emulator.name : none(notReproducible);
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof HostNodeError) && !place.signal.aborted) throw error;
    const reason = error instanceof HostNodeError ? lastLine(error.stderr) : undefined;
    return none(`${emulator.name} does not run Node ${version}${reason ? `: ${reason}` : ""}`);
  }
}

/** Strip tells what it did to the runtime. */
function strippedBy({ meta: { strip } }: Artifact): readonly JsonObject[] {
  return Array.isArray(strip) ? strip : [];
}

function checkVersions(runtime: Artifact, hostRuntime: Artifact, target: Target) {
  const meta = runtimeMeta(runtime);
  const host = runtimeMeta(hostRuntime);
  if (meta.target !== target)
    throw new SbpError("SBP_RUNTIME_MISMATCH", `the runtime is for ${meta.target}, not for ${target}`);
  if (meta.version !== host.version)
    throw new SbpError(
      "SBP_RUNTIME_MISMATCH",
      `the runtime is Node ${meta.version}, but the host's is ${host.version}`,
      { hint: "What is put into an executable must be prepared by exactly its version of Node." },
    );
  if (isOlder(meta.version, oldestRuntime))
    throw new SbpError(
      "SBP_RUNTIME_OLD",
      `Node ${meta.version} cannot carry an app: it takes Node ${oldestRuntime} or newer`,
      { hint: 'Name a newer "runtime".', exitCode: exitCodes.badUsage },
    );
  return meta;
}

async function planTemplate(path: string, target: Target, options: PlanOptions) {
  const file = await open(path);
  try {
    return await formatOf(target).plan(await fromFile(file), target, options);
  } catch (error) {
    if (error instanceof ExecutableError) throw runtimeError(error);
    throw isLoaderError(error) ? selfContainedError(error) : error;
  } finally {
    await file.close();
  }
}

async function askHost<T>(version: string, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    throw error instanceof HostNodeError ? hostNodeFailed(version, error) : error;
  }
}
