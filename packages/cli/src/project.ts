import { type LoadedPlugins, loadProject, type Project } from "@sbp/core";
import { builtins } from "./builtins.ts";
import { validators } from "./generated/validators.js";

export interface ProjectOptions {
  /** Absolute. The config is looked for here and in the folders above. */
  readonly cwd: string;
  /** Relative to `cwd`, or absolute. */
  readonly configFile?: string | undefined;
  /** The entry of the app, in place of the config's. */
  readonly entry?: string | undefined;
  readonly loaded?: LoadedPlugins | undefined;
}

/** Loads the project of a folder with the built-in plugins. Throws SbpError for an invalid config. */
export async function openProject({ cwd, configFile, entry, loaded }: ProjectOptions): Promise<Project> {
  return loadProject({
    cwd,
    builtins,
    validators,
    loaded,
    ...(configFile !== undefined && { configFile }),
    ...(entry !== undefined && { entry }),
  });
}
