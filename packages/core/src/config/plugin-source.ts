import { createHash } from "node:crypto";
import { realpathSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { dirname, extname, join, relative, resolve, sep } from "node:path";
import { pathToFileURL } from "node:url";
import type { Plugin as EsbuildPlugin, Loader, Message } from "esbuild";
import type { Diagnostic } from "../error.ts";
import { cureForMissing } from "./missing-package.ts";
import { PathMarkers } from "./path-markers.ts";
import { type ImportsFound, pluginImports } from "./plugin-imports.ts";
import { printable } from "./source-text.ts";

// A plugin's file may be TypeScript, which Node 20 does not run, and its code is part of fingerprints. So the file
// and what it imports by path become one module:
//
//   tools/licenses.ts ──┐                  ┌─► installed packages: left where they are, imported by file URL
//   tools/spdx.ts ──────┴─► one module ────┼─► @sbp/core: the copy that is running
//                                          └─► node:…
//
// Inside it absolute paths are markers until the digest is taken: two clones of a project get the same one.

/** A plugin's code as one module. */
export interface PluginSource {
  /** An ES module that exports the namespace of the plugin's own module as `plugin`. */
  readonly code: string;
  /** SHA-256 of the code, in hex. It covers the names, versions and contents of the imported packages' files. */
  readonly digest: string;
  /** Absolute paths of what was read. */
  readonly files: readonly string[];
}

/** Code that does not compile, or a package that is not there (`missing`). */
export class PluginSourceError extends Error {
  readonly missing: boolean;
  readonly diagnostics: readonly Diagnostic[];

  constructor(missing: boolean, diagnostics: readonly Diagnostic[]) {
    super("the plugin's code does not compile");
    this.missing = missing;
    this.diagnostics = diagnostics;
  }
}

/**
 * Bundles the plugin that `specifier` ("./tools/licenses.ts", "@acme/sbp-licenses") names, seen from the project's
 * folder, for a file in `outDir`. Throws a PluginSourceError.
 */
export async function bundlePlugin(dir: string, specifier: string, outDir: string): Promise<PluginSource> {
  const { build } = await import("esbuild");
  const root = realpathSync(dir);
  const markers = new PathMarkers();
  const found: ImportsFound = { packageFiles: new Set(), pluginMissing: false };
  const result = await build({
    stdin: { contents: `export * as plugin from ${JSON.stringify(specifier)};`, resolveDir: root },
    absWorkingDir: root,
    outfile: join(outDir, "plugin.mjs"),
    bundle: true,
    write: false,
    metafile: true,
    format: "esm",
    platform: "node",
    target: `node${process.versions.node}`,
    // Node's own: esbuild would add "module".
    conditions: [],
    banner: { js: requireOf(markers.mark("root", join(root, "package.json"))) },
    define: placeConstants,
    sourcemap: "external",
    sourcesContent: false,
    legalComments: "none",
    charset: "utf8",
    tsconfigRaw: {},
    logLevel: "silent",
    plugins: [pluginImports(markers, found), ownPlaces(root, markers)],
  }).catch((error: { errors?: readonly Message[] }) => {
    if (!error.errors) throw error;
    const diagnostics = error.errors.map((message) => diagnosticOf(root, message));
    throw new PluginSourceError(found.pluginMissing, diagnostics);
  });

  const text = (extension: string): string =>
    result.outputFiles.find(({ path }) => extname(path) === extension)?.text ?? "";
  const map = Buffer.from(text(".map")).toString("base64");
  const inputs = Object.keys(result.metafile.inputs).filter((input) => input !== "<stdin>");
  return {
    code: `${markers.restore(text(".mjs"))}//# sourceMappingURL=data:application/json;base64,${map}\n`,
    digest: createHash("sha256").update(text(".mjs")).digest("hex"),
    files: [...inputs.map((input) => resolve(root, input)), ...found.packageFiles].sort(),
  };
}

/** CommonJS inside an ES module finds its `require` here. */
function requireOf(marker: string): string {
  return `import { createRequire as __sbp_createRequire } from "node:module"; const require = __sbp_createRequire("${marker}");`;
}

/** What a module may ask about its own place, and the constant that answers. */
const placeConstants = {
  "import.meta.url": "__sbp_url",
  "import.meta.filename": "__sbp_filename",
  "import.meta.dirname": "__sbp_dirname",
  __filename: "__sbp_filename",
  __dirname: "__sbp_dirname",
};

/** Gives modules that ask for their place the one of their source, as if they were not bundled. */
function ownPlaces(root: string, markers: PathMarkers): EsbuildPlugin {
  return {
    name: "sbp-own-places",
    setup(build) {
      build.onLoad({ filter: /\.[cm]?[jt]sx?$/ }, async ({ path }) => {
        const text = await readFile(path, "utf8");
        if (!/\bimport\.meta\b|\b__(file|dir)name\b/.test(text)) return undefined;
        const id = relative(root, path).split(sep).join("/");
        const constants = [
          `__sbp_url = ${JSON.stringify(markers.mark(`url/${id}`, pathToFileURL(path).href))}`,
          `__sbp_filename = ${JSON.stringify(markers.mark(`filename/${id}`, path))}`,
          `__sbp_dirname = ${JSON.stringify(markers.mark(`dirname/${id}`, dirname(path)))}`,
        ];
        // On the first line, which keeps the numbers of the others.
        const contents = `const ${constants.join(", ")}; ${text.replace(/^\ufeff?(#!.*)?/, "")}`;
        return { contents, loader: extname(path).slice(1).replace(/^[cm]/, "") as Loader };
      });
    },
  };
}

function diagnosticOf(root: string, { text, location }: Message): Diagnostic {
  // esbuild counts columns and lengths in bytes of UTF-8, from 0.
  const units = (start: number, end: number): number =>
    Buffer.from(location?.lineText ?? "").toString("utf8", start, end).length;
  const hint = cureForMissing(text, root);
  return {
    severity: "error",
    code: "SBP_PLUGIN_FAILED_TO_LOAD",
    message: text,
    ...(hint !== undefined && { hint }),
    ...(location && {
      location: {
        file: resolve(root, location.file),
        line: location.line,
        column: units(0, location.column) + 1,
        length: Math.max(1, units(location.column, location.column + location.length)),
        lineText: printable(location.lineText),
      },
    }),
  };
}
