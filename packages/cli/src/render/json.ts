import type { SbpError } from "@sbp/core";

/** A value as one line of JSON; errors as their fields, which JSON.stringify alone would lose. */
export function jsonLine(value: unknown): string {
  return JSON.stringify(value, (_key, field: unknown) =>
    field instanceof Error ? errorFields(field) : field,
  );
}

/** What programs are told about an error; one without a code is a bug of sbp. */
export function errorFields(error: Error): object {
  const { code, message, location, hint, diagnostics, plugin, step } = error as SbpError;
  return {
    code: error.name === "SbpError" ? code : "SBP_INTERNAL",
    message,
    location,
    hint,
    diagnostics: diagnostics?.length ? diagnostics : undefined,
    plugin,
    step,
  };
}
