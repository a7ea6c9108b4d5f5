import { type Diagnostic, SbpError } from "./error.ts";

/** One error for all warnings among these findings, where `by` (`--strict`) asks for it; undefined without any. */
export function strictError(diagnostics: readonly Diagnostic[], by: string): SbpError | undefined {
  const warnings = diagnostics.filter(({ severity }) => severity === "warning");
  if (warnings.length === 0) return undefined;
  const many = warnings.length === 1 ? "a warning is an error" : `${warnings.length} warnings are errors`;
  return new SbpError("SBP_STRICT", `${many} under ${by}`, {
    diagnostics: warnings.map((warning) => ({ ...warning, severity: "error" })),
  });
}
