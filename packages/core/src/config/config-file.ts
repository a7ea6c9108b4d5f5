import { statSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { exitCodes, SbpError } from "../error.ts";
import { configError } from "./config-error.ts";
import { type JsonDocument, parseJson } from "./json-document.ts";
import { readText } from "./read-text.ts";

export const configName = "sbp.config.json";

/** Where a project is: the folder of its config, else of its package.json. */
export interface ProjectPlace {
  readonly dir: string;
  readonly configFile?: string;
}

/**
 * Looks for sbp.config.json in `cwd` and upwards, no further than the nearest package.json. A `configFile` that is
 * named must be there (SBP_CONFIG_MISSING).
 */
export function findProject(cwd: string, configFile?: string): ProjectPlace {
  if (configFile !== undefined) {
    const file = resolve(cwd, configFile);
    if (isFile(file)) return { dir: dirname(file), configFile: file };
    throw new SbpError("SBP_CONFIG_MISSING", `There is no config file ${file}`, {
      hint: `Write one with "sbp init", or leave the option out to use the ${configName} of this folder.`,
      exitCode: exitCodes.badUsage,
    });
  }
  const start = resolve(cwd);
  for (let dir = start; ; dir = dirname(dir)) {
    const file = join(dir, configName);
    // Whatever has this name is meant as the config: what is wrong with it is told when it is read.
    if (statSync(file, { throwIfNoEntry: false })) return { dir, configFile: file };
    if (isFile(join(dir, "package.json"))) return { dir };
    if (dirname(dir) === dir) return { dir: start };
  }
}

export function isFile(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
  } catch {
    // Not to be reached (no permission, a loop of links, a NUL in the name): for the caller it is not there.
    return false;
  }
}

/** Reads a config (comments and trailing commas accepted). Throws SBP_CONFIG_INVALID with all syntax errors. */
export function readConfig(file: string): JsonDocument {
  const code = "SBP_CONFIG_INVALID";
  const text = readText(file, code);
  if (text === undefined) {
    throw new SbpError("SBP_CONFIG_MISSING", `${basename(file)} is gone`, {
      location: { file },
      exitCode: exitCodes.badUsage,
    });
  }
  const parsed = parseJson(file, text, { dialect: "jsonc", code });
  if ("problems" in parsed) throw configError(file, parsed.problems);
  return parsed.document;
}
