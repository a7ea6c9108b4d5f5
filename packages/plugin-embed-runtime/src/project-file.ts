import { readFile, stat } from "node:fs/promises";
import { resolve } from "node:path";
import { exitCodes, type RunContext, SbpError } from "@sbp/core";

/** A file that an option names. */
export interface ProjectFile {
  /** As the config has it. */
  readonly path: string;
  readonly bytes: Buffer;
}

/**
 * Reads a file that an option names and declares it as an input. Throws SBP_OPTION_FILE where it is missing, no
 * file, not readable, or has more than so many bytes.
 */
export async function readProjectFile(
  { dependOn, projectDir }: Pick<RunContext, "dependOn" | "projectDir">,
  option: string,
  path: string,
  maxBytes: number,
): Promise<ProjectFile> {
  dependOn({ file: path });
  const problem = (what: string, cause?: unknown) =>
    new SbpError("SBP_OPTION_FILE", `"${path}", which "${option}" names, ${what}`, {
      hint: "The path is relative to the folder of sbp.config.json.",
      exitCode: exitCodes.badUsage,
      cause,
    });
  const file = resolve(projectDir, path);
  try {
    const found = await stat(file);
    if (!found.isFile()) throw problem("is not a file");
    if (found.size > maxBytes) throw problem(`has ${found.size} bytes; at most ${maxBytes} are allowed`);
    return { path, bytes: await readFile(file) };
  } catch (error) {
    if (error instanceof SbpError) throw error;
    const { code } = error as NodeJS.ErrnoException;
    throw problem(
      code === "ENOENT" || code === "ENOTDIR" ? "does not exist" : `cannot be read (${code})`,
      error,
    );
  }
}
