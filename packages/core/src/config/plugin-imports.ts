import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { isBuiltin } from "node:module";
import { isAbsolute, join, sep } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { Plugin as EsbuildPlugin, PluginBuild } from "esbuild";
import type { PathMarkers } from "./path-markers.ts";

const inNodeModules = `${sep}node_modules${sep}`;
/** Tells our own questions to esbuild's resolver from the code's imports. */
const asking = Symbol("asking");

/** What the resolution of a plugin's imports found out. */
export interface ImportsFound {
  /** Absolute paths of the package.json files that gave a version. */
  readonly packageFiles: Set<string>;
  /** The plugin's own specifier names no installed package. */
  pluginMissing: boolean;
}

/**
 * Leaves installed packages out of the bundle: they are imported by absolute path, as resolved from the file that
 * imports them. A linked package that lies outside node_modules is source like any other, and bundled.
 */
export function pluginImports(markers: PathMarkers, found: ImportsFound): EsbuildPlugin {
  return {
    name: "sbp-plugin-imports",
    setup(build) {
      build.onResolve({ filter: /^[^./]/ }, async ({ path, kind, importer, resolveDir, pluginData }) => {
        if (pluginData === asking || isAbsolute(path)) return undefined;
        if (isBuiltin(path)) return { path, external: true };
        const file =
          path === "@sbp/core" ? coreFile() : await ask(build, path, { kind, importer, resolveDir });
        if (file === undefined) {
          if (importer === "<stdin>") found.pluginMissing = true;
          return undefined;
        }
        if (path !== "@sbp/core" && !file.includes(inNodeModules)) return undefined;
        const id = path === "@sbp/core" ? path : await identify(file, found);
        const isRequire = kind === "require-call" || kind === "require-resolve";
        const external = isRequire
          ? markers.mark(`require/${id}`, file)
          : markers.mark(`import/${id}`, pathToFileURL(file).href);
        return { path: external, external: true };
      });
    },
  };
}

type Question = Pick<Parameters<PluginBuild["resolve"]>[1] & object, "kind" | "importer" | "resolveDir">;

/** Where a specifier leads; undefined for nowhere, which esbuild itself reports best. */
async function ask(build: PluginBuild, path: string, question: Question): Promise<string | undefined> {
  const { errors, path: file, namespace } = await build.resolve(path, { ...question, pluginData: asking });
  return errors.length === 0 && namespace === "file" ? file : undefined;
}

/** The copy of @sbp/core that is running, whether or not the project has one installed. */
function coreFile(): string {
  // Run from source, the condition that leads there may be known to a test runner only, not to Node.
  const isSource = import.meta.url.endsWith(".ts");
  return fileURLToPath(isSource ? new URL("../index.ts", import.meta.url) : import.meta.resolve("@sbp/core"));
}

/** A file of an installed package, by package, version, place in it and content. */
async function identify(file: string, found: ImportsFound): Promise<string> {
  const inside = file.slice(file.lastIndexOf(inNodeModules) + inNodeModules.length).split(sep);
  const name = inside.splice(0, inside[0]?.startsWith("@") ? 2 : 1).join("/");
  const packageDir = file.slice(0, file.length - inside.join(sep).length);
  const packageFile = join(packageDir, "package.json");
  const [manifest, content] = await Promise.all([
    readFile(packageFile, "utf8").catch(() => "{}"),
    readFile(file),
  ]);
  found.packageFiles.add(packageFile);
  const sha256 = createHash("sha256").update(content).digest("hex");
  return `${name}@${versionIn(manifest)}/${inside.join("/")}?${sha256}`;
}

function versionIn(manifest: string): string {
  try {
    return String((JSON.parse(manifest) as { version?: unknown }).version);
  } catch {
    return "";
  }
}
