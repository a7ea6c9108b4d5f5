import { type Artifact, isTarget, type JsonObject, SbpError, type Target } from "@sbp/core";
import type { BlobFrame } from "./blob.ts";
import { type Stripped, strippedOf } from "./stripped.ts";

/** The files of a template artifact. */
export const templateFiles = { node: "node", frame: "blob-frame", builtins: "builtins.json" } as const;

/** What a template artifact tells the step that makes executables. */
export interface TemplateMeta {
  readonly target: Target;
  readonly nodeVersion: string;
  /** How many bytes of the frame file come before the pack; the others come behind it. */
  readonly prefixLength: number;
  /** Reproducible code caches can be made for this Node here: by the Node itself, or under the emulator of this name. */
  readonly codeCache: boolean | string;
  /** What the executable's format must know to add a payload. */
  readonly template: JsonObject;
  /** Options of the steps that stripped the runtime, in their order. */
  readonly strip: readonly JsonObject[];
  /** The runtime is one of the user's own. */
  readonly ownRuntime: boolean;
  /** What the runtime lost on its way here, for the user. */
  readonly stripped?: Stripped | undefined;
}

/** The meta as JSON. */
export function templateMeta(meta: TemplateMeta): JsonObject {
  const { stripped, ...others } = meta;
  return { ...others, strip: [...meta.strip], ...(stripped && { stripped: { ...stripped } }) };
}

/** Reads what `templateMeta` made. Throws SBP_TEMPLATE_INVALID for a template that this version did not make. */
export async function readTemplate(
  template: Artifact,
): Promise<TemplateMeta & { readonly frame: BlobFrame }> {
  const { target, nodeVersion, prefixLength, codeCache, template: format, strip, ownRuntime } = template.meta;
  const frame = await template.read(templateFiles.frame);
  if (
    typeof target !== "string" ||
    !isTarget(target) ||
    typeof format !== "object" ||
    typeof nodeVersion !== "string" ||
    (typeof codeCache !== "boolean" && typeof codeCache !== "string") ||
    typeof ownRuntime !== "boolean" ||
    !Array.isArray(strip) ||
    !Number.isInteger(prefixLength) ||
    (prefixLength as number) < 0 ||
    (prefixLength as number) > frame.length
  )
    throw invalidTemplate();
  const length = prefixLength as number;
  return {
    target,
    nodeVersion,
    prefixLength: length,
    codeCache,
    template: format as JsonObject,
    strip: strip as readonly JsonObject[],
    ownRuntime,
    stripped: strippedOf(template.meta),
    frame: { prefix: frame.subarray(0, length), suffix: frame.subarray(length) },
  };
}

export function invalidTemplate(cause?: unknown): SbpError {
  return new SbpError("SBP_TEMPLATE_INVALID", "the template does not say how to add an app to it", {
    hint: "It was made by another plugin or another version of this one: run the build again without the cache.",
    cause,
  });
}
