import type { JsonObject, RunContext, Target } from "@sbp/core";
import type { MacosOptions } from "./macos-options.ts";
import { type MacosProperties, macosProperties } from "./macos-properties.ts";
import type { WindowsOptions } from "./windows-options.ts";
import { type WindowsProperties, windowsProperties } from "./windows-properties.ts";

/** Each is there in the lanes of its own platform only. */
export interface PlatformOptions {
  readonly windows?: WindowsOptions | undefined;
  readonly macos?: MacosOptions | undefined;
}

/** What an executable says of itself, and who signs it: that of its own platform is there. */
export interface PlatformProperties {
  readonly windows?: WindowsProperties;
  readonly macos?: MacosProperties;
}

/** What the app and its executable are called. */
export interface AppNames {
  /** The app's name, without a scope. */
  readonly app: string;
  readonly version: string;
  /** The executable's name. */
  readonly name: string;
  /** With the suffix of its platform. */
  readonly fileName: string;
}

/** Reads what the options of the target's platform name. Throws and reports as `windowsProperties` and `macosProperties` do. */
export async function platformProperties(
  context: RunContext<PlatformOptions>,
  target: Target,
  names: AppNames,
): Promise<PlatformProperties> {
  const { windows = {}, macos = {} } = context.options;
  if (target.startsWith("win32-")) return { windows: await windowsProperties(context, windows, names) };
  if (target.startsWith("darwin-")) return { macos: await macosProperties(context, macos, names.name) };
  return {};
}

/** How the executable's meta, and so the manifest, tells who signed it. */
export function signatureMeta({ windows, macos }: PlatformProperties): JsonObject {
  const signer = windows?.signer ?? macos?.signer;
  if (signer) return { signature: { kind: windows ? "authenticode" : "apple", ...signer.meta } };
  return macos ? { signature: { kind: "ad hoc" } } : {};
}
