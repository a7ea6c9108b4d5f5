import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { parseEnv } from "node:util";
import { usageError } from "../usage-error.ts";

/** Files of `NAME=value` lines for the app's environment, as Node's --env-file reads them. */
export class EnvFiles {
  /** Absolute. */
  readonly files: readonly string[];

  /** Throws SBP_USAGE where one is not there. */
  constructor(names: readonly string[], cwd: string) {
    this.files = names.map((name) => resolve(cwd, name));
    for (const file of this.files) this.#read(file, true);
  }

  /** The environment that the app starts with now: what is set already is not replaced. */
  environment(): NodeJS.ProcessEnv {
    return Object.assign({}, ...this.files.map((file) => this.#read(file, false)), process.env);
  }

  #read(file: string, mustExist: boolean): NodeJS.Dict<string> {
    try {
      return parseEnv(readFileSync(file, "utf8"));
    } catch (error) {
      // While an editor puts a new one in its place there is none.
      if (!mustExist) return {};
      throw usageError(`--env-file ${file} cannot be read: ${(error as Error).message}`);
    }
  }
}
