import { basename } from "node:path";
import { type Diagnostic, exitCodes, SbpError } from "../error.ts";

/** More would help nobody. */
const maximumShown = 50;

/** One error for everything that is wrong with a file, in the order of the file. */
export function configError(
  file: string,
  problems: readonly Diagnostic[],
  code = "SBP_CONFIG_INVALID",
): SbpError {
  const sorted = [...problems].sort(byPlace);
  const shown = sorted.slice(0, maximumShown);
  const count = problems.length === 1 ? "an error" : `${problems.length} errors`;
  const cut = shown.length < sorted.length ? `; these are the first ${shown.length}` : "";
  return new SbpError(code, `${basename(file)} has ${count}${cut}`, {
    diagnostics: shown,
    exitCode: exitCodes.badUsage,
  });
}

/** Keeps the errors of several checks of a config, so that all can be told at once. */
export class ErrorCollector {
  readonly #errors: SbpError[] = [];

  /** What the task gives; undefined when it throws an SbpError, which is kept. */
  async attempt<T>(task: () => T | Promise<T>): Promise<T | undefined> {
    try {
      return await task();
    } catch (error) {
      if (!(error instanceof SbpError)) throw error;
      this.#errors.push(error);
      return undefined;
    }
  }

  /** Throws the only error as it is, several as one of `file`. */
  throwAny(file: string): void {
    if (this.#errors.length === 1) throw this.#errors[0];
    if (this.#errors.length > 1) throw configError(file, this.#errors.flatMap(diagnosticsOf));
  }
}

function diagnosticsOf(error: SbpError): readonly Diagnostic[] {
  if (error.diagnostics.length > 0) return error.diagnostics;
  const { code, message, location, hint } = error;
  return [{ severity: "error", code, message, ...(location && { location }), ...(hint && { hint }) }];
}

function byPlace({ location: a }: Diagnostic, { location: b }: Diagnostic): number {
  if (a?.file !== b?.file) return (a?.file ?? "") < (b?.file ?? "") ? -1 : 1;
  return (a?.line ?? 0) - (b?.line ?? 0) || (a?.column ?? 0) - (b?.column ?? 0);
}
