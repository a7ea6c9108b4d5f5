import type { RunContext } from "@sbp/core";
import type { NamedScript } from "./code-cache.ts";
import { compile, type Runner, scriptSources, warmUpCompiler } from "./compilers.ts";
import { findEmulator } from "./emulator.ts";
import { HostNodeError, lastLine } from "./host-node.ts";
import { runtimeMeta } from "./runtime-meta.ts";

/** Bytes. Smaller scripts compile in about a millisecond, and starting Node under an emulator takes most of a second. */
const leastSize = 128 * 1024;

type Context = Pick<RunContext, "artifacts" | "dependOn" | "report" | "signal" | "tool">;

/** Makes the code cache of a foreign target, by the target's own runtime under an emulator. */
export class EmulatedCodeCache {
  readonly #context: Context;
  readonly #leastSize: number;
  #runner: Promise<Runner | undefined> | undefined;

  constructor(context: Context, { always }: { readonly always: boolean }) {
    this.#context = context;
    this.#leastSize = always ? 0 : leastSize;
  }

  /** Starts the compiler, if a script of this size (bytes) is worth it: nobody waits for it yet. */
  async prepare(size: number): Promise<void> {
    if (size < this.#leastSize) return;
    const runner = await this.#findRunner();
    if (runner) await warmUpCompiler(runner, this.#context.signal);
  }

  /**
   * The code caches of scripts that the host's runtime of the same version has compiled; none for small ones. Only
   * their bodies count: they are the same in a bundle and in an executable that is rebased. Reports
   * SBP_CODE_CACHE_EMULATOR.
   */
  async make(scripts: readonly NamedScript[]): Promise<readonly (Buffer | undefined)[]> {
    const size = scripts.reduce((sum, { script }) => sum + Buffer.byteLength(script.body), 0);
    if (size < this.#leastSize) return [];
    const { artifacts, report, signal } = this.#context;
    const runner = await this.#findRunner();
    if (!runner) return [];
    try {
      return await compile(scripts, { sources: scriptSources(artifacts), runner, signal });
    } catch (error) {
      if (!(error instanceof HostNodeError)) throw error;
      report({
        severity: "warning",
        code: "SBP_CODE_CACHE_EMULATOR",
        message: `${runner.emulator!.name} could not compile the bundle: the executable starts without a code cache`,
        hint: lastLine(error.stderr) ?? (error.cause as Error).message,
      });
      return [];
    }
  }

  #findRunner(): Promise<Runner | undefined> {
    this.#runner ??= this.#find();
    return this.#runner;
  }

  async #find(): Promise<Runner | undefined> {
    const { artifacts } = this.#context;
    const runtime = artifacts["runtime"]!;
    const host = runtimeMeta(artifacts["host-runtime"]!).target;
    const emulator = await findEmulator(this.#context, host, runtimeMeta(runtime).target);
    return emulator && { runtime, emulator };
  }
}
