import { readFileSync, statSync } from "node:fs";
import { exitCodes, SbpError } from "../error.ts";

/** Larger configs are mistakes. Bytes. */
const maximumSize = 1024 * 1024;

/**
 * The text of a small UTF-8 file, without its byte order mark; undefined when there is no such file. Throws an
 * SbpError with `code` for what is not a regular file, over 1 MiB, not UTF-8 or not readable.
 */
export function readText(file: string, code: string): string | undefined {
  const refuse = (message: string, cause?: unknown): never => {
    throw new SbpError(code, message, { location: { file }, exitCode: exitCodes.badUsage, cause });
  };
  let bytes: Buffer;
  try {
    const stat = statSync(file, { throwIfNoEntry: false });
    if (!stat) return undefined;
    if (!stat.isFile()) return refuse("This is not a file");
    if (stat.size > maximumSize) return refuse("The file is larger than 1 MiB");
    bytes = readFileSync(file);
  } catch (error) {
    if (error instanceof SbpError) throw error;
    return refuse(`The file cannot be read: ${(error as Error).message}`, error);
  }
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return refuse("The file is not valid UTF-8");
  }
}
