import { stat } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { promisify } from "node:util";
import { exitCodes, SbpError, type Target } from "@sbp/core";
import valid from "semver/functions/valid.js";
import { assertExecutableFormat } from "./executable-format.ts";
import type { PathRequest } from "./runtime-request.ts";

/** A runtime of the user's own, looked at. */
export interface PathRuntime {
  readonly version: string;
  /** It is for this machine and has been run. */
  readonly runsHere: boolean;
}

/** Milliseconds for a runtime to say its version. */
const longestProbe = 30_000;

/** Where the file lies. Throws SBP_RUNTIME_PATH_MISSING. */
export async function locateRuntime(projectDir: string, path: string): Promise<string> {
  const file = resolve(projectDir, path);
  const found = await stat(file).catch(() => undefined);
  if (found?.isFile()) return file;
  throw new SbpError(
    "SBP_RUNTIME_PATH_MISSING",
    `The runtime "${path}" ${found ? "is not a file" : "does not exist"}`,
    {
      hint: "`path` names a Node.js executable, relative to the project.",
      exitCode: exitCodes.badUsage,
    },
  );
}

/**
 * Checks a runtime of the user's own and finds its version: the one that the config gives, or what it says
 * when it is run, which is tried only where it is for this machine. Run without any environment: nothing of
 * the user's settings may change the answer.
 * Throws SBP_RUNTIME_PATH_MISSING, SBP_RUNTIME_PATH_VERSION, SBP_RUNTIME_PATH_UNUSABLE, SBP_RUNTIME_MALFORMED.
 */
export async function inspectPathRuntime(
  { path, version }: PathRequest,
  target: Target,
  context: { readonly projectDir: string; readonly host: Target; readonly signal: AbortSignal },
): Promise<PathRuntime> {
  const file = await locateRuntime(context.projectDir, path);
  await assertExecutableFormat(file, target, `The runtime "${path}"`);
  if (target !== context.host) {
    if (version) return { version, runsHere: false };
    throw versionError(
      `The version of the runtime "${path}" is not known: ${target} does not run on this machine`,
      path,
    );
  }
  const said = await probe(file, context.signal);
  if (!said) {
    if (version) return { version, runsHere: false };
    throw versionError(
      `The runtime "${path}" does not run on this machine, so its version is not known`,
      path,
    );
  }
  if (!said.singleExecutable) {
    throw new SbpError(
      "SBP_RUNTIME_PATH_UNUSABLE",
      `The runtime "${path}" was built without support for single executable applications`,
      {
        hint: "Build Node.js without --disable-single-executable-application.",
        exitCode: exitCodes.badUsage,
      },
    );
  }
  if (version && version !== said.version) {
    throw versionError(
      `The runtime "${path}" is ${said.version}, not ${version} as the config says`,
      path,
      said.version,
    );
  }
  return { version: said.version, runsHere: true };
}

async function probe(
  file: string,
  signal: AbortSignal,
): Promise<{ readonly version: string; readonly singleExecutable: boolean } | undefined> {
  const question =
    "JSON.stringify([process.version, process.config.variables.single_executable_application === true])";
  // Windows programs cannot start without this one.
  const { SystemRoot } = process.env;
  const env = process.platform === "win32" && SystemRoot ? { SystemRoot } : {};
  try {
    const { execFile } = await import("node:child_process");
    const { stdout } = await promisify(execFile)(file, ["-p", question], {
      cwd: dirname(file),
      env,
      signal,
      timeout: longestProbe,
      killSignal: "SIGKILL",
      maxBuffer: 64 * 1024,
      windowsHide: true,
    });
    const [version, singleExecutable] = JSON.parse(stdout) as [unknown, unknown];
    const exact = valid(version as string);
    return exact === null ? undefined : { version: exact, singleExecutable: singleExecutable === true };
  } catch {
    signal.throwIfAborted();
    return undefined;
  }
}

function versionError(message: string, path: string, version = "26.10.0"): SbpError {
  return new SbpError("SBP_RUNTIME_PATH_VERSION", message, {
    hint: `Give its exact version: "runtime": { "path": ${JSON.stringify(path)}, "version": "${version}" }.`,
    exitCode: exitCodes.badUsage,
  });
}
