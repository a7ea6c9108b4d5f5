import { type Artifact, isTarget, type Json, type JsonObject, SbpError, type Target } from "@sbp/core";
import type { ManifestLibraries } from "@sbp/manifest";
import type { BlobFrame } from "./blob.ts";
import { type Stripped, strippedOf } from "./stripped.ts";

/** The files of a template artifact. */
export const templateFiles = {
  node: "node",
  frame: "blob-frame",
  /** The frame of an executable that carries files. */
  filesFrame: "blob-frame-files",
  builtins: "builtins.json",
} as const;

/** What a template artifact tells the step that makes executables. */
export interface TemplateMeta {
  readonly target: Target;
  readonly nodeVersion: string;
  /** How many bytes of the frame file come before the pack; the others come behind it. */
  readonly prefixLength: number;
  /** The same of the frame for executables that carry files; absent where the runtime has no embedded file system. */
  readonly filesPrefixLength?: number | undefined;
  /** Reproducible code caches can be made for this Node here: by the Node itself, or under the emulator of this name. */
  readonly codeCache: boolean | string;
  /** What the executable's format must know to add a payload. */
  readonly template: JsonObject;
  /** It carries the libraries that it needs. */
  readonly selfContained: boolean;
  /** Options of the steps that stripped the runtime, in their order. */
  readonly strip: readonly JsonObject[];
  /** The runtime is one of the user's own. */
  readonly ownRuntime: boolean;
  /** What the runtime is made of, as its `process.versions` says; absent where nobody could ask one. */
  readonly runtimeParts?: Readonly<Record<string, string>> | undefined;
  /** Those that it carries. */
  readonly libraries?: ManifestLibraries | undefined;
  /** What the runtime lost on its way here, for the user. */
  readonly stripped?: Stripped | undefined;
}

/** The meta as JSON. */
export function templateMeta(meta: TemplateMeta): JsonObject {
  const { stripped, filesPrefixLength, runtimeParts, libraries, ...others } = meta;
  return {
    ...others,
    ...(runtimeParts && { runtimeParts }),
    ...(libraries && { libraries: libraries as unknown as JsonObject }),
    ...(filesPrefixLength !== undefined && { filesPrefixLength }),
    strip: [...meta.strip],
    ...(stripped && { stripped: { ...stripped } }),
  };
}

/** What surrounds packs. */
interface Frames {
  readonly frame: BlobFrame;
  /** For executables that carry files. */
  readonly filesFrame: BlobFrame | undefined;
}

/** Reads what `templateMeta` made. Throws SBP_TEMPLATE_INVALID for a template that this version did not make. */
export async function readTemplate(template: Artifact): Promise<TemplateMeta & Frames> {
  const { target, nodeVersion, codeCache, template: format, strip, ownRuntime } = template.meta;
  const { prefixLength, filesPrefixLength, selfContained, runtimeParts, libraries } = template.meta;
  if (
    typeof target !== "string" ||
    !isTarget(target) ||
    typeof format !== "object" ||
    typeof nodeVersion !== "string" ||
    (typeof codeCache !== "boolean" && typeof codeCache !== "string") ||
    typeof ownRuntime !== "boolean" ||
    typeof selfContained !== "boolean" ||
    !Array.isArray(strip)
  )
    throw invalidTemplate();
  return {
    target,
    nodeVersion,
    prefixLength: prefixLength as number,
    codeCache,
    template: format as JsonObject,
    selfContained,
    strip: strip as readonly JsonObject[],
    ownRuntime,
    runtimeParts: runtimeParts as TemplateMeta["runtimeParts"],
    libraries: libraries as unknown as TemplateMeta["libraries"],
    stripped: strippedOf(template.meta),
    frame: await readFrame(template, templateFiles.frame, prefixLength),
    filesFrame:
      filesPrefixLength === undefined
        ? undefined
        : await readFrame(template, templateFiles.filesFrame, filesPrefixLength),
  };
}

async function readFrame(template: Artifact, file: string, length: Json | undefined): Promise<BlobFrame> {
  const frame = await template.read(file);
  if (typeof length !== "number" || !Number.isInteger(length) || length < 0 || length > frame.length)
    throw invalidTemplate();
  return { prefix: frame.subarray(0, length), suffix: frame.subarray(length) };
}

export function invalidTemplate(cause?: unknown): SbpError {
  return new SbpError("SBP_TEMPLATE_INVALID", "the template does not say how to add an app to it", {
    hint: "It was made by another plugin or another version of this one: run the build again without the cache.",
    cause,
  });
}
