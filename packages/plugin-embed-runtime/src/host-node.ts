import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { SbpError } from "@sbp/core";

const run = promisify(execFile);

/** Node ended with an error; `stderr` is what it said. */
export class HostNodeError extends Error {
  override readonly name = "HostNodeError";
  readonly stderr: string;

  constructor(stderr: string, cause: unknown) {
    super("the host's Node failed", { cause });
    this.stderr = stderr;
  }
}

/** What the loader of the system may need; everything else, above all NODE_OPTIONS, could change what Node does. */
const keptVariables = ["LD_LIBRARY_PATH", "SystemRoot"];

/**
 * Runs a Node of this host in a folder, without the user's environment. Throws HostNodeError, or the abort
 * error when the signal says so.
 */
export async function runHostNode(
  node: string,
  args: readonly string[],
  { cwd, signal }: { cwd: string; signal: AbortSignal },
): Promise<void> {
  const env: NodeJS.ProcessEnv = {};
  for (const name of keptVariables) if (process.env[name] !== undefined) env[name] = process.env[name];
  try {
    await run(node, args, { cwd, signal, env, windowsHide: true, maxBuffer: 16 * 1024 * 1024 });
  } catch (error) {
    signal.throwIfAborted();
    throw new HostNodeError((error as { stderr?: string }).stderr ?? "", error);
  }
}

/** What to tell the user when it is neither the bundle's nor the runtime's fault. */
export function hostNodeFailed(version: string, error: HostNodeError): SbpError {
  return new SbpError("SBP_HOST_RUNTIME_FAILED", `Node ${version} does not work on this host`, {
    hint: error.stderr.trim().split("\n").at(-1) || (error.cause as Error).message,
    cause: error,
  });
}
