import { type Artifact, type Json, type JsonObject, SbpError } from "@sbp/core";
import { linksOf } from "./carried.ts";
import { packedManifestFile } from "./manifest.ts";
import type { PackedSourceMap, PackFile, PackInfo } from "./pack.ts";
import type { ScriptText } from "./script.ts";

/** The format, in a bundle's meta, of files that were taken out of an executable: scripts have their wrappers already. */
export const packedFormat = "packed";

/** What such a bundle says of itself. */
export type PackedBundleMeta = {
  readonly format: typeof packedFormat;
  readonly main: string;
  /** By path: lengths of the wrapper in bytes, and whether it is that of an ES module. */
  readonly scripts: { readonly [path: string]: { head: number; foot: number; module: boolean } };
  /** Links to directories, by path. */
  readonly links?: { readonly [path: string]: string };
  /** As in the pack's info. */
  readonly sourceMap?: { readonly map: string; readonly content?: string };
  readonly scriptMaps?: { readonly [path: string]: { readonly map: string; readonly content?: string } };
};

/** The files of such a bundle, as they go into a pack. Throws SBP_BUNDLE_INVALID. */
export async function readPackedBundle(bundle: Artifact): Promise<{
  readonly files: readonly PackFile[];
  readonly sourceMap: PackedSourceMap | undefined;
  readonly scriptMaps: PackInfo["scriptMaps"];
}> {
  const { scripts, sourceMap, scriptMaps } = bundle.meta;
  const files: PackFile[] = [];
  for (const { path, executable } of bundle.files) {
    if (path === packedManifestFile) continue;
    const bytes = await bundle.read(path);
    const wrapper = isObject(scripts) && Object.hasOwn(scripts, path) ? scripts[path] : undefined;
    files.push({ path, executable, content: isObject(wrapper) ? scriptIn(wrapper, bytes) : bytes });
  }
  files.push(...linksOf(bundle.meta, files));
  return {
    files,
    sourceMap: isObject(sourceMap) ? (sourceMap as unknown as PackedSourceMap) : undefined,
    scriptMaps: isObject(scriptMaps) ? (scriptMaps as unknown as PackInfo["scriptMaps"]) : undefined,
  };
}

function scriptIn({ head, foot, module }: JsonObject, content: Buffer): ScriptText {
  if (!isLength(head) || !isLength(foot) || head + foot > content.length || typeof module !== "boolean")
    throw new SbpError("SBP_BUNDLE_INVALID", "the bundle does not say where its script begins and ends");
  const end = content.length - foot;
  const script = {
    head: content.toString("utf8", 0, head),
    body: content.toString("utf8", head, end),
    foot: content.toString("utf8", end),
    module,
  };
  if (!Buffer.from(script.head + script.body + script.foot).equals(content))
    throw new SbpError("SBP_BUNDLE_INVALID", "a script of the bundle is not UTF-8");
  return script;
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isLength(value: Json | undefined): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
