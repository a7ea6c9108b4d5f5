import { type Artifact, isTarget, SbpError, type Target } from "@sbp/core";

/** What artifacts of the kinds `runtime` and `host-runtime` say of themselves. */
export interface RuntimeMeta {
  /** Such as "26.10.0". */
  readonly version: string;
  readonly target: Target;
}

/** Reads a runtime's meta. Throws SBP_RUNTIME_MISMATCH where version or target are missing. */
export function runtimeMeta({ kind, meta }: Artifact): RuntimeMeta {
  const { version, target } = meta;
  if (typeof version === "string" && typeof target === "string" && isTarget(target))
    return { version, target };
  throw new SbpError("SBP_RUNTIME_MISMATCH", `the ${kind} does not say which version and target it is`);
}

/** The path of a runtime artifact's executable. */
export function runtimePath(runtime: Artifact): Promise<string> {
  return runtime.path(runtimeMeta(runtime).target.startsWith("win32-") ? "node.exe" : "node");
}
