import { createReadStream } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  definePlugin,
  isSbpError,
  type LoadProjectOptions,
  loadProject,
  type Plugin,
  type Project,
  SbpError,
  type Store,
} from "@sbp/core";
import type { PackedApp, PackedOptions } from "@sbp/plugin-embed-runtime";
import { builtins } from "./builtins.ts";
import { validators } from "./generated/validators.js";
import { resolveAnew } from "./rebase-lock.ts";
import type { RebaseRuntime } from "./rebase-runtime.ts";

export interface RebaseProjectOptions {
  readonly app: PackedApp;
  /** The executable that it is in. */
  readonly file: string;
  /** How its last step is configured. */
  readonly embed: PackedOptions;
  readonly runtime: RebaseRuntime;
  /** Where the user stands: npm's configuration is looked for here. */
  readonly cwd: string;
  /** A fresh folder, for the config and the outputs. */
  readonly work: string;
  readonly store: Store;
}

/**
 * The project that builds the app of an executable on another runtime:
 *
 *     cross-target ─► runtime ─► strip, as the old one was ─► runtime ─┐
 *     unpack ───────► bundle, out of the executable ───────────────────┴─► embed-runtime ─► executable
 *
 * The steps are the usual ones, so that runtimes and templates are shared with builds.
 */
export async function rebaseProject(options: RebaseProjectOptions): Promise<Project> {
  const { app, file, embed, runtime, cwd, work, store } = options;
  const { build } = app;
  const config = {
    name: build.app.name,
    version: build.app.version,
    pipeline: [
      { use: "cross-target", targets: [build.target], runtime: runtime.option },
      ...build.strip.map((strip) => ({ use: "strip", ...strip })),
      { use: "unpack", sha256: app.sha256 },
      { use: "embed-runtime", ...embed.options },
    ],
  };
  for (const [name, bytes] of Object.entries(embed.files)) await writeFile(join(work, name), bytes);
  const configFile = join(work, "sbp.config.json");
  await writeFile(configFile, JSON.stringify(config));
  const crossTarget = await builtins["cross-target"]();
  const { packedApps } = await import("@sbp/plugin-embed-runtime");
  const { packedManifestFile } = await packedApps();
  const project = await load(app, {
    cwd: work,
    configFile,
    builtins: {
      ...builtins,
      "cross-target": async () => inFolder(resolveAnew(crossTarget, { app, runtime, store }), cwd),
      unpack: async () => unpack(app, file, packedManifestFile),
    },
    validators,
  });
  // Nobody has written this config: no place in it helps.
  return { ...project, steps: project.steps.map(({ location: _, ...step }) => step) };
}

/** The facts may name what only another version of sbp knows. */
async function load({ build }: PackedApp, options: LoadProjectOptions): Promise<Project> {
  try {
    return await loadProject(options);
  } catch (error) {
    if (!isSbpError(error)) throw error;
    const finding = error.diagnostics[0]?.message ?? error.message;
    throw new SbpError("SBP_REBASE_FORMAT", `How "${build.name}" was made cannot be repeated: ${finding}`, {
      hint: "Use the sbp that built it, or a newer one; or build it again.",
      cause: error,
    });
  }
}

/** Gives the bundle that an executable carries. */
function unpack({ files, meta, manifest }: PackedApp, executable: string, manifestFile: string): Plugin {
  return definePlugin({
    name: "unpack",
    options: { type: "object", properties: { sha256: { type: "string" } }, required: ["sha256"] },
    produces: ["bundle"],
    scope: "project",
    async run({ write }) {
      await write("bundle", { ...meta }, async (out) => {
        for (const { path, executable: isProgram, offset: start, size } of files) {
          const content = size > 0 ? createReadStream(executable, { start, end: start + size - 1 }) : "";
          await out.file(path, content, { executable: isProgram });
        }
        if (manifest) await out.file(manifestFile, JSON.stringify(manifest));
      });
    },
  });
}

/** The plugin, working in this folder instead of the project's. */
function inFolder(plugin: Plugin, projectDir: string): Plugin {
  const { resolve } = plugin;
  return {
    ...plugin,
    ...(resolve && { resolve: (context) => resolve({ ...context, projectDir }) }),
    transforms: plugin.transforms.map((transform) => ({
      ...transform,
      run: (context) => transform.run({ ...context, projectDir }),
    })),
  };
}
