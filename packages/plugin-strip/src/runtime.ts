import { open } from "node:fs/promises";
import {
  type Artifact,
  type ArtifactFile,
  exitCodes,
  type JsonObject,
  type RunContext,
  SbpError,
} from "@sbp/core";
import {
  applyEdit,
  type ByteSource,
  type Edit,
  type ElfFile,
  ExecutableError,
  findIcuData,
  fromFile,
  icuDataPatch,
  planElfHole,
  planElfStringOrder,
  planElfStrip,
  readElf,
  reduceIcuData,
} from "@sbp/executable";
import type { StripOptions } from "./options.ts";
import { strippedMeta } from "./stripped.ts";

/** How a file of the runtime becomes smaller. */
interface Plan {
  readonly edit: Edit;
  /** The locales that are kept, where that was asked for. */
  readonly locales?: readonly string[];
}

/**
 * Takes debug information and symbol table out of the runtime's ELF executables, and the data of locales that are not
 * kept out of those of every format.
 */
export async function stripRuntime(context: RunContext<StripOptions>): Promise<void> {
  const { options, signal } = context;
  const runtime = context.artifacts["runtime"]!;
  const plans = new Map<string, Plan>();
  for (const file of runtime.files) {
    signal.throwIfAborted();
    const plan = await planFile(runtime, file, options);
    if (!plan) continue;
    plans.set(file.path, plan);
    const saved = file.size - plan.edit.size;
    if (saved > 0) context.log.info(`${file.path}: ${(saved / 1e6).toFixed(1)} MB taken out`);
  }

  const locales = [...plans.values()].find((plan) => plan.locales)?.locales;
  const earlier = runtime.meta["strip"];
  const before = runtime.files.reduce((sum, { size }) => sum + size, 0);
  const after = runtime.files.reduce((sum, { path, size }) => sum + (plans.get(path)?.edit.size ?? size), 0);
  const meta = {
    ...runtime.meta,
    ...(plans.size > 0 && strippedMeta(runtime.meta, before, after)),
    ...(locales && { locales }),
    // For those who want to do the same to another runtime.
    strip: [...(Array.isArray(earlier) ? earlier : []), optionsOf(options)],
  };
  await context.write("runtime", meta, async (out) => {
    for (const { path, executable } of runtime.files) {
      const plan = plans.get(path);
      if (!plan) {
        await out.file(path, { artifact: runtime, file: path }, { executable });
        continue;
      }
      context.progress(`stripping ${path}`);
      await applyEdit(await runtime.path(path), await out.reserve(path, { executable }), plan.edit, {
        signal,
      });
    }
  });
}

/** The options that count here. */
function optionsOf({ symbols, locales, encodings, segmentation }: StripOptions): JsonObject {
  if (!locales) return { symbols };
  return { symbols, locales, encodings, ...(segmentation && { segmentation }) };
}

/** Undefined for a file that stays as it is. */
async function planFile(
  runtime: Artifact,
  { path, executable }: ArtifactFile,
  options: StripOptions,
): Promise<Plan | undefined> {
  const handle = await open(await runtime.path(path));
  try {
    const source = await fromFile(handle);
    const elf = await readIfElf(source);
    if (options.locales && executable)
      return await planLocales(source, elf, { ...options, locales: options.locales });
    return elf && options.symbols === "strip" ? { edit: await planSymbols(elf) } : undefined;
  } catch (error) {
    throw error instanceof ExecutableError ? stripError(path, error) : error;
  } finally {
    await handle.close();
  }
}

async function readIfElf(source: ByteSource): Promise<ElfFile | undefined> {
  try {
    return await readElf(source);
  } catch (error) {
    if (error instanceof ExecutableError && error.code === "EXECUTABLE_UNRECOGNIZED") return undefined;
    throw error;
  }
}

/** Without what only debuggers read, and with the names that addons link to in an order that compresses well. */
async function planSymbols(elf: ElfFile): Promise<Edit> {
  const strip = planElfStrip(elf);
  return { ...strip, patches: [...strip.patches, ...(await planElfStringOrder(elf))] };
}

async function planLocales(
  source: ByteSource,
  elf: ElfFile | undefined,
  { locales, encodings, segmentation }: StripOptions & { readonly locales: readonly string[] },
): Promise<Plan> {
  const data = await findIcuData(source);
  const reduced = await reduceIcuData(data, { locales, encodings, ...(segmentation && { segmentation }) });
  // Of an ELF file the freed part is left out; elsewhere it is zeros, which cost nothing once compressed.
  const edit = elf
    ? await planElfHole(elf, reduced.freed, [
        { offset: data.offset, bytes: reduced.bytes },
        ...(await planElfStringOrder(elf)),
      ])
    : { keep: source.size, size: source.size, patches: [icuDataPatch(data, reduced)] };
  return { edit, locales: reduced.locales };
}

function stripError(path: string, error: ExecutableError): SbpError {
  if (error.code === "EXECUTABLE_LOCALE_UNKNOWN" || error.code === "EXECUTABLE_ENCODING_UNKNOWN") {
    return new SbpError("SBP_STRIP_LOCALE", error.message, {
      hint: "Correct `locales`, `encodings` or `segmentation` of the step strip.",
      exitCode: exitCodes.badUsage,
      cause: error,
    });
  }
  return new SbpError(
    "SBP_STRIP_RUNTIME",
    `The runtime's file ${path} cannot be stripped: ${error.message}`,
    {
      hint: 'Set "symbols": "keep" in the step strip, without `locales`, to leave it as it is.',
      cause: error,
    },
  );
}
