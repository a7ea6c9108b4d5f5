/*
 * Bundles the command with all of our packages into one CommonJS script, dist/command.cjs, for packages/cli/src/bundled-command.ts,
 * which runs it with a code cache:
 *
 *   (function (exports, module, require, sbp) { … })
 *
 * `require` gives Node's own modules. All other ways out lead over the place of the package whose source takes them
 * (`CommandPlaces` of bundled-command.ts), so that each package finds its files and its dependencies as if it ran from its dist/:
 *
 *   import.meta.url                →  sbp.place("core").url
 *   import parse from "spdx-…"     →  sbp.place("plugin-scan").require("spdx-…")
 *   await import("tar")            →  sbp.place("plugin-cross-target").import("tar")
 *   await import("./bundle.ts")    →  what esbuild makes of it in one file, and sbp.wants("plugin-bundle/./bundle.ts")
 *   esbuild, either way            →  sbp.place("plugin-bundle").requireKept("esbuild")
 */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { build, type Metafile, type Plugin, transform } from "esbuild";
import { withLeanBuiltins } from "./lean-builtins.ts";

/**
 * CommonJS in one file, which bundling would break: it looks for a program beside itself. All packages that depend on it
 * want the same version, so it is found from one of them.
 */
const kept = { name: "esbuild", by: "plugin-bundle" };

/** npm may install a copy for each package that depends on it, and each compiles its WebAssembly. */
const lexer = { name: "es-module-lexer", by: "plugin-bundle" };

const packages = join(import.meta.dirname, "../packages");

/** @returns what esbuild knows of the script, and the script's text */
export async function bundleCommand(
  dir: string,
  options: { readonly define: Record<string, string>; readonly external: (name: string) => boolean },
): Promise<{ metafile: Metafile; text: string }> {
  for (const name of [kept.name, lexer.name]) checkVersion(name);
  const { metafile, outputFiles } = await build({
    absWorkingDir: dir,
    entryPoints: ["src/command-line.ts"],
    outfile: "dist/command.cjs",
    write: false,
    bundle: true,
    conditions: ["@sbp/source"],
    mainFields: ["module", "main"],
    plugins: [places(options.external)],
    metafile: true,
    platform: "node",
    format: "cjs",
    target: "node20.19",
    minifySyntax: true,
    define: options.define,
    banner: { js: "(function(exports,module,require,sbp){" },
    footer: { js: "})" },
    logLevel: "warning",
  });
  const outside = Object.values(metafile.outputs).flatMap(({ imports }) =>
    imports.filter(({ path, external }) => external && !path.startsWith("node:")),
  );
  if (outside.length > 0) throw new Error(`the command imports ${outside.map(({ path }) => path)}`);
  // A text of single bytes is read without decoding and takes half of the memory; only literals have others.
  const text = outputFiles[0]!.text.replace(
    /[^\0-\x7f]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
  writeFileSync(join(dir, "dist/command.cjs"), text);
  return { metafile, text };
}

/** One copy of a package does for all of ours that want the same version. */
function checkVersion(name: string): void {
  const versions = readdirSync(packages).flatMap((folder) => {
    const { dependencies } = JSON.parse(readFileSync(join(packages, folder, "package.json"), "utf8"));
    return dependencies?.[name] ?? [];
  });
  if (new Set(versions).size > 1) throw new Error(`packages depend on ${name} ${versions.join(", ")}`);
}

/** Marks our own questions to esbuild. */
const asked = Symbol("asked");

/** The way out of each package's sources; `isExternal` tells the packages that are not bundled. */
function places(isExternal: (name: string) => boolean): Plugin {
  return {
    name: "places",
    setup({ resolve, onResolve, onLoad }) {
      // Its constants for functions that we do not call would be made at each start.
      onResolve({ filter: /jsonc-parser|^\.\/impl\// }, async ({ path, pluginData, ...question }) => {
        if (pluginData === asked || !/jsonc-parser/.test(path + question.importer)) return undefined;
        return { ...(await resolve(path, { ...question, pluginData: asked })), sideEffects: false };
      });
      onResolve({ filter: new RegExp(`^${lexer.name}$`) }, ({ path, pluginData, ...question }) =>
        pluginData === asked
          ? undefined
          : resolve(path, { ...question, resolveDir: join(packages, lexer.by), pluginData: asked }),
      );
      onResolve({ filter: /^[^./]/ }, ({ path, importer }) => {
        if (path.startsWith("node:")) return { path, external: true };
        if (!isExternal(path)) return undefined;
        const name = packageOf(importer);
        return name === undefined ? undefined : { path: `${name}/${path}`, namespace: "outside" };
      });
      onLoad({ filter: /./, namespace: "outside" }, ({ path }) => {
        const [name, ...rest] = path.split("/");
        const to = rest.join("/");
        const asked = to === kept.name ? `"${kept.by}").requireKept` : `"${name}").require`;
        return { contents: `module.exports = sbp.place(${asked}("${to}")`, loader: "js" };
      });
      onLoad({ filter: /\/src\/.*\.ts$/ }, async ({ path }) => {
        const name = packageOf(path);
        if (name === undefined) return undefined;
        const place = `sbp.place("${name}")`;
        const { code } = await transform(withLeanBuiltins(readFileSync(path, "utf8")), {
          loader: "ts",
          format: "esm",
          target: "node20.19",
          define: { "import.meta": "sbp_place" },
          tsconfigRaw: { compilerOptions: { verbatimModuleSyntax: true } },
          sourcefile: path,
        });
        const contents = code
          .replace(/\bsbp_place\b/g, place)
          .replace(/\bimport\(pathToFileURL\(/g, `${place}.import(pathToFileURL(`)
          .replace(/\bimport\("([^"]+)"\)/g, (call, to: string) => {
            if (to.startsWith("node:")) return `Promise.resolve(require("${to}"))`;
            if (isExternal(to) && to !== kept.name) return `${place}.import("${to}")`;
            return `(sbp.wants("${name}/${to}"), ${call})`;
          });
        return { contents, loader: "js" };
      });
    },
  };
}

/** The folder's name of one of our packages that a source belongs to. */
function packageOf(file: string): string | undefined {
  const [name, folder] = relative(packages, file).split(sep);
  return folder === "src" ? name : undefined;
}
