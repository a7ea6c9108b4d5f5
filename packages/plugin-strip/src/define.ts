import { type Diagnostic, exitCodes, SbpError } from "@sbp/core";
import * as esbuild from "esbuild";

/** What is wrong with the names and values of the option `define`; undefined for nothing. */
export async function defineMistakes(
  define: Readonly<Record<string, string>>,
): Promise<SbpError | undefined> {
  const diagnostics: Diagnostic[] = [];
  for (const [name, value] of Object.entries(define)) {
    // Each alone: what esbuild says of several does not tell which it means.
    const isNameRight = await isAccepted(name, "0");
    if (isNameRight && (await isAccepted(name, value))) continue;
    diagnostics.push({
      severity: "error",
      code: "SBP_STRIP_DEFINE",
      ...(isNameRight
        ? {
            message: `\`define\` of the step strip gives ${JSON.stringify(name)} the value ${value}, which is no constant`,
            hint: `Write JSON or the name of a variable; text needs quotes of its own: ${JSON.stringify(JSON.stringify(value))}.`,
          }
        : {
            message: `\`define\` of the step strip replaces ${JSON.stringify(name)}, which is no name`,
            hint: 'Write names as in the code, with dots between: "process.env.NODE_ENV".',
          }),
    });
  }
  const [first] = diagnostics;
  if (!first) return undefined;
  return new SbpError("SBP_STRIP_DEFINE", first.message, {
    ...first,
    diagnostics,
    exitCode: exitCodes.badUsage,
  });
}

async function isAccepted(name: string, value: string): Promise<boolean> {
  try {
    await esbuild.transform("", { define: { [name]: value }, logLevel: "silent" });
    return true;
  } catch {
    return false;
  }
}
