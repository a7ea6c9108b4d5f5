import type { RunContext } from "@sbp/core";
import { type Entitlements, v8Entitlements } from "@sbp/executable";
import { parseEntitlements } from "./entitlements.ts";
import type { MacosOptions } from "./macos-options.ts";
import { readProjectFile } from "./project-file.ts";
import { readSigner, type Signer } from "./signer.ts";

/** What the signature of an executable for macOS says, and whose it is. */
export interface MacosProperties {
  readonly identifier: string;
  /** Undefined for those of the runtime's own signature. */
  readonly entitlements: Entitlements | undefined;
  readonly hardenedRuntime: boolean;
  /** Undefined for an ad hoc signature. */
  readonly signer: Signer | undefined;
}

const maxEntitlementsBytes = 64 * 1024;
const allowJit = "com.apple.security.cs.allow-jit";

/**
 * Reads what the options of an executable for macOS name. Throws SBP_OPTION_FILE, SBP_ENTITLEMENTS_INVALID and what
 * `readSigner` throws; reports SBP_ENTITLEMENTS_JIT.
 */
export async function macosProperties(
  context: Pick<RunContext, "dependOn" | "projectDir" | "report">,
  options: MacosOptions,
  name: string,
): Promise<MacosProperties> {
  const signer = await readSigner(context, "macos", options);
  const hardenedRuntime = options.hardenedRuntime ?? signer !== undefined;
  const given = await givenEntitlements(context, options.entitlements);
  if (given && hardenedRuntime && given[allowJit] !== true)
    context.report({
      severity: "warning",
      code: "SBP_ENTITLEMENTS_JIT",
      message: `"${options.entitlements}" does not allow what V8 needs: the program will not start`,
      hint: `Add ${allowJit} to it, or set "macos.hardenedRuntime" to false.`,
    });
  return {
    identifier: options.identifier ?? name.replace(/[^\x21-\x7e]/g, "-").slice(0, 255),
    // The runtime's own ask to be debugged, with which Apple's notary service refuses a program.
    entitlements: given ?? (hardenedRuntime ? v8Entitlements : undefined),
    hardenedRuntime,
    signer,
  };
}

async function givenEntitlements(
  context: Pick<RunContext, "dependOn" | "projectDir">,
  path: string | undefined,
): Promise<Entitlements | undefined> {
  if (path === undefined) return undefined;
  const { bytes } = await readProjectFile(context, "macos.entitlements", path, maxEntitlementsBytes);
  return parseEntitlements(path, bytes);
}
