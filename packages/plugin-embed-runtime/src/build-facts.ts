import { type AppIdentity, isTarget, type Json, type JsonObject, type Target } from "@sbp/core";
import { type PlatformFacts, readMacosFacts, readWindowsFacts } from "./platform-facts.ts";

/**
 * How an executable was made, as far as it cannot be seen from its bytes: with it, `sbp rebase` makes what a build from
 * the sources would make with another runtime. Nothing of the building machine is in it.
 */
export type BuildFacts = PlatformFacts & {
  readonly target: Target;
  readonly app: AppIdentity;
  /** The executable's name, without ".exe". */
  readonly name: string;
  readonly node: {
    readonly version: string;
    /** It was one of the user's own, no official one. */
    readonly own?: true;
  };
  /** Whether a code cache was wanted; if there is one depends on the machine that built, too. */
  readonly codeCache: CodeCacheOption;
  /** A debugger may attach. */
  readonly inspect?: true;
  /** Options of the steps that stripped the runtime, in their order. */
  readonly strip: readonly StripFacts[];
  /** It carries the libraries that its runtime needs. */
  readonly selfContained?: true;
};

/** `auto`: where it makes the app start earlier. */
export type CodeCacheOption = boolean | "auto";

/** Options of the step strip, as far as they concern the runtime. */
export type StripFacts = {
  readonly symbols?: string;
  readonly locales?: readonly string[];
  readonly encodings?: string | readonly string[];
  readonly segmentation?: string | readonly string[];
};

/** Far more than anybody has. */
const longestList = 2000;
const longestText = 256;

/**
 * Checks facts that anybody may have written. Undefined where they are not complete, and where they tell of more than is
 * known here: leaving something out would make another executable.
 */
export function readBuildFacts(value: Json | undefined): BuildFacts | undefined {
  const { target, app, name, node, codeCache, inspect, strip, selfContained, windows, macos, ...more } =
    record(value);
  const { name: appName, version: appVersion, ...moreOfApp } = record(app);
  const { version, own, ...moreOfNode } = record(node);
  if (![more, moreOfApp, moreOfNode].every(isEmpty)) return undefined;
  if (!isText(target) || !isTarget(target) || !isText(appName) || !isText(appVersion)) return undefined;
  if (!isText(name) || /[/\\\0]/.test(name) || /^\.{0,2}$/.test(name)) return undefined;
  if (!isText(version) || !/^\d{1,4}\.\d{1,4}\.\d{1,4}(-[\w.-]+)?$/.test(version)) return undefined;
  if (typeof codeCache !== "boolean" && codeCache !== "auto") return undefined;
  if (inspect !== undefined && inspect !== true) return undefined;
  if (!Array.isArray(strip) || strip.length > 10) return undefined;
  if (selfContained !== undefined && selfContained !== true) return undefined;
  const steps = strip.map(readStrip);
  if (!steps.every((step) => step !== undefined)) return undefined;
  const platform = readPlatform(target, windows, macos);
  if (!platform) return undefined;
  return {
    target,
    app: { name: appName, version: appVersion },
    name,
    node: { version, ...(own === true && { own }) },
    codeCache,
    ...(inspect && { inspect }),
    strip: steps,
    ...(selfContained === true && { selfContained }),
    ...platform,
  };
}

/** What is said of a platform belongs to its own targets only. */
function readPlatform(
  target: Target,
  windows: Json | undefined,
  macos: Json | undefined,
): PlatformFacts | undefined {
  const isFor = (platform: string) => target.startsWith(platform);
  if (windows === undefined && macos === undefined) return {};
  if (isRecord(windows) && macos === undefined && isFor("win32-")) {
    const facts = readWindowsFacts(windows);
    return facts && { windows: facts };
  }
  if (!isRecord(macos) || windows !== undefined || !isFor("darwin-")) return undefined;
  const facts = readMacosFacts(macos);
  return facts && { macos: facts };
}

function readStrip(value: Json | undefined): StripFacts | undefined {
  if (!isRecord(value)) return undefined;
  const { symbols, locales, encodings, segmentation, ...more } = value;
  if (!isEmpty(more)) return undefined;
  if (symbols !== undefined && !isText(symbols)) return undefined;
  if (locales !== undefined && !isList(locales)) return undefined;
  if (encodings !== undefined && !isText(encodings) && !isList(encodings)) return undefined;
  if (segmentation !== undefined && !isText(segmentation) && !isList(segmentation)) return undefined;
  return {
    ...(symbols !== undefined && { symbols }),
    ...(locales && { locales }),
    ...(encodings !== undefined && { encodings }),
    ...(segmentation !== undefined && { segmentation }),
  };
}

function record(value: Json | undefined): JsonObject {
  return isRecord(value) ? value : {};
}

function isRecord(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isEmpty(object: JsonObject): boolean {
  return Object.keys(object).length === 0;
}

function isText(value: Json | undefined): value is string {
  return typeof value === "string" && value.length > 0 && value.length <= longestText;
}

function isList(value: Json | undefined): value is readonly string[] {
  return Array.isArray(value) && value.length <= longestList && value.every(isText);
}
