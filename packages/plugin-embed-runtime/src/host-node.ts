import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { SbpError } from "@sbp/core";

const run = promisify(execFile);

/** Node ended with an error. */
export class HostNodeError extends Error {
  override readonly name = "HostNodeError";
  /** Undefined when it was no exit code that it ended with. */
  readonly exitCode: number | undefined;
  readonly stdout: string;
  readonly stderr: string;

  constructor(cause: { readonly code?: unknown; readonly stdout?: Buffer; readonly stderr?: Buffer }) {
    super("the host's Node failed", { cause });
    this.exitCode = typeof cause.code === "number" ? cause.code : undefined;
    this.stdout = String(cause.stdout ?? "");
    this.stderr = String(cause.stderr ?? "");
  }
}

/** A Node that is running on this host and may wait for its input. */
export interface HostNode {
  /**
   * Gives it its whole input and waits for its end; what it has printed. Throws HostNodeError, or the abort error
   * when the signal says so.
   */
  finish(input?: string | Uint8Array): Promise<Buffer>;
  /** Ends it, whatever it does. */
  kill(): void;
}

/** What the loader of the system may need; everything else, above all NODE_OPTIONS, could change what Node does. */
const keptVariables = ["LD_LIBRARY_PATH", "SystemRoot"];

/**
 * Starts a Node on this host in a folder, without the user's environment: its path, or an emulator's with arguments and
 * then Node's.
 */
export function startHostNode(
  [program, ...emulated]: readonly [string, ...string[]],
  args: readonly string[],
  { cwd, signal }: { cwd: string; signal: AbortSignal },
): HostNode {
  const env: NodeJS.ProcessEnv = {};
  for (const name of keptVariables) if (process.env[name] !== undefined) env[name] = process.env[name];
  const maxBuffer = 2 ** 30;
  const ended = run(program, [...emulated, ...args], {
    cwd,
    signal,
    env,
    windowsHide: true,
    maxBuffer,
    encoding: "buffer",
  });
  // Nobody may ask how it ended.
  ended.catch(() => {});
  const { child } = ended;
  // When it ends before it has read everything, its exit code says why.
  child.stdin?.on("error", () => {});
  return {
    async finish(input = "") {
      child.stdin?.end(input);
      try {
        return (await ended).stdout;
      } catch (error) {
        signal.throwIfAborted();
        throw new HostNodeError(error as { code?: unknown; stdout?: Buffer; stderr?: Buffer });
      }
    },
    kill: () => void child.kill("SIGKILL"),
  };
}

/** Where programs say what went wrong; undefined where they said nothing. */
export function lastLine(text: string): string | undefined {
  return text.trim().split("\n").at(-1) || undefined;
}

/** What to tell the user when it is neither the bundle's nor the runtime's fault. */
export function hostNodeFailed(version: string, error: HostNodeError): SbpError {
  return new SbpError("SBP_HOST_RUNTIME_FAILED", `Node ${version} does not work on this host`, {
    hint: lastLine(error.stderr) ?? (error.cause as Error).message,
    cause: error,
  });
}
