import path from "node:path";
import * as esbuild from "esbuild";
import { slashes } from "./entry.ts";

/** One build: its entry, relative to the project, and what it has read. */
export interface Attempt {
  readonly entry: string;
  /** Of a build that failed only inputs and what they import, everywhere left open. */
  readonly metafile: esbuild.Metafile;
}

/**
 * What the builds of a bundle have read, those that failed included: a change of any of it may mend them. esbuild tells
 * nothing of a failed build, so it is made once more, slowly, with somebody listening.
 */
export class Attempts {
  readonly all: Attempt[] = [];

  add(entry: string, metafile: esbuild.Metafile): void {
    this.all.push({ entry, metafile });
  }

  async addFailed(entry: string, options: esbuild.BuildOptions): Promise<void> {
    const projectDir = options.absWorkingDir!;
    const inputs: esbuild.Metafile["inputs"] = {};
    const listener: esbuild.Plugin = {
      name: "listener",
      setup(setup) {
        const nameOf = (file: string) => slashes(path.relative(projectDir, file));
        const input = (name: string) => (inputs[name] ??= { bytes: 0, imports: [] });
        setup.onResolve({ filter: /./ }, ({ path: original, importer, namespace, kind }) => {
          if (namespace !== "file" || kind === "entry-point") return undefined;
          // Where it leads is not known, nor whether it leads anywhere.
          input(nameOf(importer)).imports.push({ path: original, original, kind, external: true });
          return undefined;
        });
        setup.onLoad({ filter: /./, namespace: "file" }, ({ path: file }) => {
          input(nameOf(file));
          return undefined;
        });
      },
    };
    const plugins = [listener, ...(options.plugins ?? [])];
    await esbuild.build({ ...options, plugins, metafile: false, sourcemap: false }).catch(() => {});
    this.add(entry, { inputs, outputs: {} });
  }
}
