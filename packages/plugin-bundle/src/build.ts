import path from "node:path";
import * as esbuild from "esbuild";
import { failure, isTopLevelAwait } from "./diagnostic.ts";
import type { Entry } from "./entry.ts";
import type { BundleOptions } from "./options.ts";
import { fillShim, shimOptions } from "./shim.ts";
import { portableSources } from "./source-map.ts";

export interface BuildRequest {
  /** Absolute and real. */
  readonly projectDir: string;
  readonly entry: Entry;
  /** Of the main file, without extension. */
  readonly name: string;
  readonly options: BundleOptions;
}

export interface Built {
  readonly format: "esm" | "cjs";
  /** Name of the main file. */
  readonly main: string;
  readonly code: Uint8Array;
  readonly map: Uint8Array | undefined;
  /** Paths in it are relative to the project, with forward slashes. */
  readonly metafile: esbuild.Metafile;
  readonly warnings: readonly esbuild.Message[];
}

/** Bundles. Throws SBP_BUNDLE_… for mistakes in the sources, and the signal's reason when cancelled. */
export async function build(request: BuildRequest, signal: AbortSignal): Promise<Built> {
  const wanted = request.options.format;
  const format = wanted === "auto" ? request.entry.format : wanted;
  try {
    return await buildAs(format, request, signal);
  } catch (error) {
    const errors = buildErrors(error);
    if (wanted === "auto" && format === "cjs" && errors?.every(isTopLevelAwait))
      return build({ ...request, options: { ...request.options, format: "esm" } }, signal);
    throw errors ? await failure(errors, request.projectDir) : error;
  }
}

async function buildAs(format: "esm" | "cjs", request: BuildRequest, signal: AbortSignal): Promise<Built> {
  const main = `${request.name}.${format === "esm" ? "mjs" : "cjs"}`;
  const result = await rebuild(esbuildOptions(format, main, request), signal);
  const metafile = result.metafile!;
  const output = (file: string) =>
    result.outputFiles?.find((candidate) => path.basename(candidate.path) === file)?.contents;
  const code = fillShim(format, output(main)!);
  metafile.outputs[main]!.bytes = code.byteLength;
  let map = output(`${main}.map`);
  if (map) {
    map = portableSources(map, request.projectDir, metafile);
    metafile.outputs[`${main}.map`]!.bytes = map.byteLength;
  }
  return {
    format,
    main,
    code,
    map,
    metafile,
    warnings: result.warnings,
  };
}

function esbuildOptions(format: "esm" | "cjs", main: string, request: BuildRequest): esbuild.BuildOptions {
  const { options, projectDir } = request;
  const shim = shimOptions(format);
  return {
    absWorkingDir: projectDir,
    entryPoints: [`./${request.entry.path}`],
    // Never written: only source maps and the metafile name files relative to it.
    outfile: path.join(projectDir, main),
    allowOverwrite: true,
    write: false,
    bundle: true,
    platform: "node",
    target: "node22",
    format,
    minify: options.minify,
    keepNames: options.keepNames,
    legalComments: "eof",
    sourcemap: options.sourcemap ? "linked" : false,
    metafile: true,
    ...shim,
    define: { ...shim.define, ...options.define },
    external: ["*.node", ...(options.external ?? [])],
    // Set in any case, or esbuild adds "module", a condition that Node does not know.
    conditions: [...(options.conditions ?? [])],
    ...(options.tsconfig && { tsconfig: path.resolve(projectDir, options.tsconfig) }),
    loader: { ...options.loader },
    logLevel: "silent",
    logLimit: 0,
    logOverride: {
      "unsupported-require-call": "warning",
      "unsupported-dynamic-import": "warning",
      "indirect-require": "warning",
    },
  };
}

async function rebuild(options: esbuild.BuildOptions, signal: AbortSignal): Promise<esbuild.BuildResult> {
  signal.throwIfAborted();
  const context = await esbuild.context(options);
  const cancel = () => void context.cancel();
  signal.addEventListener("abort", cancel, { once: true });
  try {
    signal.throwIfAborted();
    return await context.rebuild();
  } finally {
    signal.removeEventListener("abort", cancel);
    await context.dispose();
    signal.throwIfAborted();
  }
}

function buildErrors(error: unknown): readonly esbuild.Message[] | undefined {
  const errors = error instanceof Error && "errors" in error ? error.errors : undefined;
  return Array.isArray(errors) && errors.length > 0 ? (errors as esbuild.Message[]) : undefined;
}
