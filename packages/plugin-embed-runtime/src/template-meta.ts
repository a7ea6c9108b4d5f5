import { type Artifact, type JsonObject, SbpError } from "@sbp/core";
import { type ElfTemplate, parseElfTemplate } from "@sbp/executable";
import type { BlobFrame } from "./blob.ts";

/** The files of a template artifact. */
export const templateFiles = { node: "node", frame: "blob-frame" } as const;

/** What a template artifact tells the step that makes executables. */
export interface TemplateMeta {
  readonly target: string;
  readonly nodeVersion: string;
  /** How many bytes of the frame file come before the pack; the others come behind it. */
  readonly prefixLength: number;
  /** Reproducible code caches can be made for this Node. */
  readonly codeCache: boolean;
  readonly elf: ElfTemplate;
}

/** The meta as JSON. */
export function templateMeta(meta: TemplateMeta): JsonObject {
  return { ...meta, elf: { ...meta.elf } as unknown as JsonObject };
}

/** Reads what `templateMeta` made. Throws SBP_TEMPLATE_INVALID for a template that this version did not make. */
export async function readTemplate(
  template: Artifact,
): Promise<TemplateMeta & { readonly frame: BlobFrame }> {
  const { target, nodeVersion, prefixLength, codeCache, elf } = template.meta;
  const frame = await template.read(templateFiles.frame);
  if (
    typeof target !== "string" ||
    typeof nodeVersion !== "string" ||
    typeof codeCache !== "boolean" ||
    !Number.isInteger(prefixLength) ||
    (prefixLength as number) < 0 ||
    (prefixLength as number) > frame.length
  )
    throw invalid();
  const length = prefixLength as number;
  return {
    target,
    nodeVersion,
    prefixLength: length,
    codeCache,
    elf: readElfTemplate(elf),
    frame: { prefix: frame.subarray(0, length), suffix: frame.subarray(length) },
  };
}

function readElfTemplate(value: unknown): ElfTemplate {
  try {
    return parseElfTemplate(value);
  } catch (error) {
    throw invalid(error);
  }
}

function invalid(cause?: unknown): SbpError {
  return new SbpError("SBP_TEMPLATE_INVALID", "the template does not say how to add an app to it", {
    hint: "It was made by another plugin or another version of this one: run the build again without the cache.",
    cause,
  });
}
