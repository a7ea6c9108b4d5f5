import type { JsonObject } from "@sbp/core";
import { entitlementsXml } from "@sbp/executable";
import type { CertificateOptions } from "./certificate-options.ts";
import type { PackedApp } from "./packed-app.ts";

/** How embed-runtime is to be configured to make an executable again. */
export interface PackedOptions {
  readonly options: JsonObject;
  /** Files that the options name, which have to be in the project's folder. */
  readonly files: Readonly<Record<string, Uint8Array>>;
}

/** The options that say what an executable says of its making, and who signs it this time. */
export function packedOptions(
  { build: { target, name, codeCache, inspect, selfContained, windows, macos }, icon }: PackedApp,
  { certificate, passwordEnv }: CertificateOptions = {},
): PackedOptions {
  const signer: JsonObject = {
    ...(certificate !== undefined && { certificate }),
    ...(passwordEnv !== undefined && { passwordEnv }),
  };
  const common = { name, codeCache, ...(inspect && { inspect }) };
  if (target.startsWith("win32-")) {
    const { icon: _, url, ...said } = windows ?? {};
    return {
      options: {
        ...common,
        windows: {
          ...said,
          ...(icon && { icon: "icon.ico" }),
          // Part of a signature.
          ...(url !== undefined && certificate !== undefined && { url }),
          ...signer,
        },
      },
      files: icon ? { "icon.ico": icon } : {},
    };
  }
  if (target.startsWith("darwin-")) {
    const { entitlements, ...said } = macos ?? {};
    const file = "entitlements.plist";
    return {
      options: { ...common, macos: { ...said, ...(entitlements && { entitlements: file }), ...signer } },
      files: entitlements ? { [file]: entitlementsXml(entitlements) } : {},
    };
  }
  return { options: { ...common, selfContained: selfContained === true }, files: {} };
}
