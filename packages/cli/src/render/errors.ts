import type { Diagnostic, SbpError } from "@sbp/core";
import type { Channel } from "../terminal.ts";
import { annotate, annotating } from "./annotations.ts";
import { indent, renderDiagnostic, renderPlaceAndHint } from "./diagnostic.ts";
import { errorFields, jsonLine } from "./json.ts";
import { printable } from "./text.ts";

export interface ErrorOutput {
  /** Takes the lines of JSON. */
  readonly results: Channel;
  readonly err: Channel;
  readonly json: boolean;
  readonly verbose: boolean;
}

/** Prints what made the command fail: for people on standard error, or as lines of JSON. */
export function printErrors(errors: readonly unknown[], { results, err, json, verbose }: ErrorOutput): void {
  // Lanes fail alike: people are told once.
  const printed = new Set<string>();
  const printOnce = (text: string) => {
    if (!printed.has(text)) err.line(text);
    printed.add(text);
  };
  for (const thrown of errors) {
    const error = thrown instanceof Error ? thrown : new Error(String(thrown));
    if (json) results.line(jsonLine({ type: "error", ...errorFields(error) }));
    else printOnce(renderError(error, err, verbose));
    if (annotating()) for (const finding of findings(error)) printOnce(annotate(finding));
  }
}

function renderError(error: Error, channel: Channel, verbose: boolean): string {
  const { paint } = channel;
  if (!isCoded(error)) {
    return [
      `${paint.red("error")} ${paint.bold("SBP_INTERNAL")}: internal error, please report: ${printable(error.message)}`,
      ...(verbose ? stackOf(error) : ["  --verbose shows where it happened."]),
    ].join("\n");
  }
  // An error that another copy of core made may know less.
  const { diagnostics = [] } = error;
  const { step, plugin } = error;
  const by = plugin && plugin !== step ? `, plugin ${printable(plugin)}` : "";
  const where = step ? paint.dim(` (step ${printable(step)}${by})`) : "";
  const [message, ...more] = printable(error.message).split("\n");
  const lines = [`${paint.red("error")} ${paint.bold(error.code)}: ${message}${where}`, ...more];
  if (diagnostics.length === 0)
    lines.push(...indent(renderPlaceAndHint(error.location, error.hint, channel)));
  // An error for a single finding says what that one says.
  const [only, ...others] = diagnostics;
  if (only && others.length === 0 && only.message === error.message)
    lines.push(...indent(renderPlaceAndHint(only.location, only.hint, channel)));
  else for (const finding of diagnostics) lines.push("", ...indent(renderFinding(finding, error, channel)));
  if (verbose) lines.push(...stackOf(error));
  return lines.join("\n");
}

/** One of several findings of an error: the place comes first, and the code where it is another. */
function renderFinding(finding: Diagnostic, { code }: SbpError, channel: Channel): string[] {
  const { severity, location, message, hint } = finding;
  if (severity !== "error" || finding.code !== code || !location)
    return renderDiagnostic(finding, channel).split("\n");
  const [place, ...below] = renderPlaceAndHint(location, hint, channel, channel.width() - 2);
  return [`${place}: ${printable(message)}`, ...below];
}

/** The stack of an error and of its causes, without the message, which is printed already. */
function stackOf(error: Error): string[] {
  const lines = [...(error.stack ?? "").matchAll(/^\s+at .*$/gm)].map((match) => match[0]);
  for (let cause = error.cause, depth = 0; cause !== undefined && depth < 5; depth++) {
    lines.push(...indent(`caused by: ${cause instanceof Error ? cause.stack : String(cause)}`.split("\n")));
    cause = cause instanceof Error ? cause.cause : undefined;
  }
  return lines.map(printable);
}

/** An error's single findings; the error itself where it has none. */
function findings(error: Error): readonly Diagnostic[] {
  if (!isCoded(error))
    return [{ severity: "error", code: "SBP_INTERNAL", message: `internal error: ${error.message}` }];
  if (error.diagnostics?.length > 0) return error.diagnostics;
  const { code, message, location, hint } = error;
  return [{ severity: "error", code, message, ...(location && { location }), ...(hint && { hint }) }];
}

function isCoded(error: Error): error is SbpError {
  return error.name === "SbpError" && "code" in error;
}
