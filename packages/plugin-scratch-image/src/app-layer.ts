import { type Artifact, type ArtifactFile, exitCodes, type RunContext, SbpError } from "@sbp/core";
import {
  type ElfFile,
  ExecutableError,
  elfProgram,
  elfTailDescription,
  parseElfTemplate,
} from "@sbp/executable";
import { buildLayer, completeLayer, type Layer, type LayerPrefix } from "@sbp/oci";
import type { AppContent } from "./app-content.ts";
import { keptLayer } from "./kept-layer.ts";
import type { ImageStepOptions } from "./options.ts";
import { interpreterPath } from "./runtime.ts";
import { startFile } from "./start.ts";

type Context = RunContext<ImageStepOptions> & { readonly folder: string };

/** A layer, and where the store has its bytes: as those of an artifact's file and others behind them. */
export interface PlacedLayer {
  readonly layer: Layer;
  readonly what: string;
  /** Undefined for a layer whose bytes are new. */
  readonly kept?: {
    readonly artifact: Artifact;
    readonly file: string;
    readonly tail?: readonly Uint8Array[];
  };
}

/** The layers of the app, from the lowest up. */
export async function appLayers(
  file: ArtifactFile,
  content: AppContent,
  elf: ElfFile,
  context: Context,
): Promise<PlacedLayer[]> {
  return context.options.layout === "layered"
    ? layeredApp(file, content, elf, context)
    : [await singleApp(file, content, context)];
}

/** The executable as it is; begun already where it is a template with something behind it. */
async function singleApp(
  { path }: ArtifactFile,
  { content, behind }: AppContent,
  { artifacts, options, signal, folder }: Context,
): Promise<PlacedLayer> {
  const what = "executable";
  const start = artifacts["image-start"];
  const prefix = start?.meta["prefix"] as unknown as LayerPrefix | undefined;
  if (!start || !prefix || !behind) {
    const entries = [{ type: "file", path, mode: 0o755, content: [content] } as const];
    return { what, layer: await buildLayer(entries, { compression: options.compression, folder, signal }) };
  }
  const layer = await completeLayer(prefix, await start.path(startFile), [behind], { folder, signal });
  const tail: Uint8Array[] = [];
  for await (const chunk of layer.tail.read()) tail.push(chunk);
  return { what, layer, kept: { artifact: start, file: startFile, tail } };
}

/** The runtime, which other apps have as well, and the app as a program that names it as its interpreter. */
async function layeredApp(
  { path }: ArtifactFile,
  { behind }: AppContent,
  { header: { machine } }: ElfFile,
  { artifacts, options, signal, folder }: Context,
): Promise<PlacedLayer[]> {
  const runtime = await keptLayer(artifacts["image-runtime"]);
  const template = artifacts["template"];
  if (!runtime || !template || !behind)
    throw new SbpError("SBP_IMAGE_LAYERED", `${path} is not made of a template, so it cannot be layered`, {
      hint: 'Take "layout": "single", or make the executable by the step embed-runtime.',
      exitCode: exitCodes.badUsage,
    });
  const program = programOf(template, behind, machine);
  const entries = [{ type: "file", path, mode: 0o755, content: program } as const];
  const layer = await buildLayer(entries, { compression: options.compression, folder, signal });
  return [
    { what: "runtime", layer: runtime.layer, kept: { artifact: runtime.artifact, file: "layer" } },
    { what: "app", layer },
  ];
}

function programOf(template: Artifact, tail: Buffer, machine: ElfFile["header"]["machine"]): Uint8Array[] {
  try {
    const plan = parseElfTemplate(template.meta["template"]);
    const payload = elfTailDescription(plan, tail);
    return elfProgram(plan, [payload], { machine, interpreter: `/${interpreterPath}` });
  } catch (error) {
    if (!(error instanceof ExecutableError)) throw error;
    throw new SbpError("SBP_TEMPLATE_INVALID", `the template does not fit its executable: ${error.message}`, {
      cause: error,
    });
  }
}
