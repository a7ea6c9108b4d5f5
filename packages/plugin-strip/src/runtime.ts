import { open } from "node:fs/promises";
import { type Artifact, type RunContext, SbpError } from "@sbp/core";
import { applyEdit, type Edit, ExecutableError, fromFile, planElfStrip, readElf } from "@sbp/executable";
import type { StripOptions } from "./options.ts";

/** Takes debug information and symbol table out of every ELF executable of the runtime. */
export async function stripRuntime(context: RunContext<StripOptions>): Promise<void> {
  const { options, signal } = context;
  const runtime = context.artifacts["runtime"]!;
  const edits = new Map<string, Edit>();
  if (options.symbols === "strip")
    for (const { path } of runtime.files) {
      signal.throwIfAborted();
      const edit = await planStrip(runtime, path);
      if (edit) edits.set(path, edit);
    }

  const meta = { ...runtime.meta, ...(edits.size > 0 && { stripped: true }) };
  await context.write("runtime", meta, async (out) => {
    for (const { path, executable } of runtime.files) {
      const edit = edits.get(path);
      const source = await runtime.path(path);
      if (!edit) {
        await out.file(path, { copyOf: source }, { executable });
        continue;
      }
      context.progress(`stripping ${path}`);
      await applyEdit(source, await out.reserve(path, { executable }), edit, { signal });
    }
  });
}

/** Undefined for a file that is no ELF file. */
async function planStrip(runtime: Artifact, path: string): Promise<Edit | undefined> {
  const handle = await open(await runtime.path(path));
  try {
    return planElfStrip(await readElf(await fromFile(handle)));
  } catch (error) {
    if (!(error instanceof ExecutableError)) throw error;
    if (error.code === "EXECUTABLE_UNRECOGNIZED") return undefined;
    throw new SbpError(
      "SBP_STRIP_RUNTIME",
      `The runtime's file ${path} cannot be stripped: ${error.message}`,
      {
        hint: 'Set "symbols": "keep" in the step strip to leave it as it is.',
        cause: error,
      },
    );
  } finally {
    await handle.close();
  }
}
