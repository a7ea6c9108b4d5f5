import { open, readFile } from "node:fs/promises";
import { type Artifact, type RunContext, SbpError } from "@sbp/core";
import {
  applyEdit,
  type ElfFile,
  ExecutableError,
  findUnique,
  fromFile,
  loadedRanges,
  planElfTemplate,
  readElf,
} from "@sbp/executable";
import { learnBlobFrame } from "./blob.ts";
import { learnCodeCache } from "./code-cache.ts";
import { HostNodeError, hostNodeFailed } from "./host-node.ts";
import { runtimeFile, runtimeMeta } from "./runtime-meta.ts";
import { commonJsScript } from "./script.ts";
import { templateFiles, templateMeta } from "./template-meta.ts";

/** The note that Node looks for (src/node_sea.cc, postject's convention). */
const noteName = "NODE_SEA_BLOB";
/** Node looks for the note only when the last character is a 1. */
const fuse = "NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2:";

const machines: Readonly<Record<string, ElfFile["header"]["machine"]>> = {
  "linux-x64": "x86-64",
  "linux-arm64": "aarch64",
};

/**
 * Makes a runtime ready for apps: the executable with the fuse flipped and room for a payload, what surrounds
 * the payload in this version, and whether code caches can be made for it.
 */
export async function runTemplate({ artifacts, target, signal, tmp, write, log }: RunContext): Promise<void> {
  const runtime = artifacts["runtime"]!;
  const hostRuntime = artifacts["host-runtime"]!;
  const machine = target && machines[target];
  if (!machine)
    throw new SbpError("SBP_TARGET_UNSUPPORTED", `executables for ${target} cannot be made yet`, {
      hint: `Targets that can be made: ${Object.keys(machines).join(", ")}.`,
    });
  const { version } = checkVersions(runtime, hostRuntime, target);

  const input = await runtime.path(runtimeFile);
  const { edit, template } = await planTemplate(input, machine, target);
  const node = await hostRuntime.path(runtimeFile);
  const bootstrap = await readFile(new URL("./bootstrap/bootstrap.cjs", import.meta.url));
  const { frame, codeCache } = await askHost(version, async () => ({
    frame: await learnBlobFrame(node, bootstrap, { cwd: await tmp(), signal }),
    codeCache: await learnCodeCache(commonJsScript(bootstrap.toString()), { node, cwd: await tmp(), signal }),
  }));
  if (!codeCache) log.info(`Node ${version} makes no reproducible code cache: executables start without one`);

  const { prefix, suffix } = frame;
  const meta = { target, nodeVersion: version, prefixLength: prefix.length, codeCache, elf: template };
  await write("template", templateMeta(meta), async (out) => {
    const output = await out.reserve(templateFiles.node, { executable: true });
    await applyEdit(input, output, edit, { signal });
    await out.file(templateFiles.frame, Buffer.concat([prefix, suffix]));
  });
}

function checkVersions(runtime: Artifact, hostRuntime: Artifact, target: string) {
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
  return meta;
}

async function planTemplate(path: string, machine: string, target: string) {
  const file = await open(path);
  try {
    const source = await fromFile(file);
    const elf = await readElf(source);
    if (elf.header.machine !== machine)
      throw new SbpError(
        "SBP_RUNTIME_MISMATCH",
        `the runtime is an executable for ${elf.header.machine}, not for ${target}`,
      );
    const offset = (await findUnique(source, Buffer.from(fuse), loadedRanges(elf))) + fuse.length;
    const state = Buffer.from(await source.read(offset, 1)).toString("latin1");
    if (state !== "0") throw alreadyApp();
    return planElfTemplate(elf, { noteName, patches: [{ offset, bytes: Buffer.from("1") }] });
  } catch (error) {
    throw error instanceof ExecutableError ? runtimeError(error) : error;
  } finally {
    await file.close();
  }
}

function runtimeError(error: ExecutableError): SbpError {
  switch (error.code) {
    case "EXECUTABLE_PAYLOAD_EXISTS":
      return alreadyApp();
    case "EXECUTABLE_PATTERN_MISSING":
    case "EXECUTABLE_PATTERN_REPEATED":
      return new SbpError("SBP_RUNTIME_NO_SEA", "the runtime cannot carry an app", {
        hint: "It was built without support for single executable applications: use an official build of Node.",
        cause: error,
      });
    default:
      return new SbpError(
        "SBP_RUNTIME_INVALID",
        `the runtime is no executable to work with: ${error.message}`,
        {
          hint: "Use an official build of Node.",
          cause: error,
        },
      );
  }
}

function alreadyApp(): SbpError {
  return new SbpError("SBP_RUNTIME_ALREADY_APP", "the runtime already carries an app", {
    hint: "Use the Node executable itself, not one that was made from it.",
  });
}

async function askHost<T>(version: string, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    throw error instanceof HostNodeError ? hostNodeFailed(version, error) : error;
  }
}
