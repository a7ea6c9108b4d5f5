import { type JsonObject, SbpError } from "@sbp/core";
import type { ScriptText } from "./script.ts";

/** The format, in a bundle's meta, of a main file that was taken out of an executable: it has its wrapper already. */
export const packedFormat = "script";

/** What such a bundle says besides: the wrapper's lengths in bytes. */
export type PackedScriptMeta = {
  readonly format: typeof packedFormat;
  readonly main: string;
  readonly head: number;
  readonly foot: number;
  readonly module: boolean;
};

/** The script that a main file of this format is. Throws SBP_BUNDLE_INVALID. */
export function packedScript({ head, foot, module }: JsonObject, content: Buffer): ScriptText {
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
    throw new SbpError("SBP_BUNDLE_INVALID", "the bundle's main file is not UTF-8");
  return script;
}

function isLength(value: JsonObject[string]): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
