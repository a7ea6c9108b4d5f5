import { dirname, join } from "node:path";
import { loadProject } from "@sbp/cli";
import { isSbpError, type LoadedPlugins } from "@sbp/core";
import type { CreateNodes, CreateNodesResultArray } from "nx/src/project-graph/plugins/public-api";
import { buildTarget, inferTargets, type SbpPluginOptions } from "./targets.ts";

export type { SbpPluginOptions } from "./targets.ts";

export const name = "@sbp/nx-plugin";

/** Gives each project with an sbp.config.json its targets: see `inferTargets`. */
export const createNodes: CreateNodes<SbpPluginOptions> = [
  "**/sbp.config.json",
  async (configFiles, options = {}, { workspaceRoot }) => {
    // Plugins of the workspace are compiled once for all projects that use them.
    const loaded: LoadedPlugins = new Map();
    const nodes: CreateNodesResultArray = await Promise.all(
      configFiles.map(async (configFile) => {
        const root = dirname(configFile);
        const targets = await targetsOf(join(workspaceRoot, root), workspaceRoot, options, loaded);
        return [configFile, { projects: { [root]: { root, targets } } }] as const;
      }),
    );
    return nodes;
  },
];

/** Nx before 23 asks for this name. */
export const createNodesV2 = createNodes;

async function targetsOf(
  cwd: string,
  workspaceRoot: string,
  options: SbpPluginOptions,
  loaded: LoadedPlugins,
) {
  try {
    return inferTargets(await loadProject({ cwd, loaded }), workspaceRoot, options);
  } catch (error) {
    if (!isSbpError(error)) throw error;
    // A mistake in one config is no reason to leave the whole workspace without a graph: the build tells of it.
    return { [`${options.prefix ?? "sbp:"}build`]: buildTarget([], []) };
  }
}
