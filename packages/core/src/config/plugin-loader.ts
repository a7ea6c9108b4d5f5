import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { isBuiltin } from "node:module";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { exitCodes, SbpError, type SourceLocation } from "../error.ts";
import { installCommand } from "../package-manager.ts";
import { definePlugin, type Plugin } from "../plugin.ts";
import { buildId } from "../version.ts";
import type { Builtins } from "./builtins.ts";
import { isFile } from "./config-file.ts";
import { didYouMean } from "./diagnose.ts";
import { didYouMeanFile } from "./file-guess.ts";
import { cureForMissing } from "./missing-package.ts";
import { placeOfThrow } from "./place-of-throw.ts";
import { checkPeers } from "./plugin-peers.ts";
import { asDefinition, problemsOfPlugin } from "./plugin-shape.ts";
import { bundlePlugin, type PluginSource, PluginSourceError } from "./plugin-source.ts";
import { quote } from "./schema-text.ts";

export interface LoadedPlugin {
  readonly plugin: Plugin;
  /** Version or hash of the code: what fingerprints say of the plugin. */
  readonly digest: string;
  /** Absolute paths of its sources; none for a built-in plugin. */
  readonly files: readonly string[];
}

/** Where plugins come from. */
export interface PluginOrigin {
  /** Absolute: what relative paths and package names start from. */
  readonly dir: string;
  readonly builtins: Builtins;
  /** What other projects have loaded. */
  readonly loaded?: LoadedPlugins | undefined;
}

/** Plugins of several projects: each file is compiled once, wherever it is seen from in the same way. */
export type LoadedPlugins = Map<string, Promise<LoadedPlugin>>;

const packageName = /^(@[\w.~-]+\/)?[\w~-][\w.~-]*(\/[\w~-][\w.~-]*)*$/;

/**
 * Loads what `use` names: a built-in plugin, a file ("./…", "../…") or an installed package. Throws
 * SBP_PLUGIN_UNKNOWN, SBP_PLUGIN_PEER, SBP_PLUGIN_FAILED_TO_LOAD or SBP_PLUGIN_INVALID; `location` is where `use` stands.
 */
export async function loadPlugin(
  use: string,
  origin: PluginOrigin,
  location?: SourceLocation,
): Promise<LoadedPlugin> {
  const { dir, builtins, loaded } = origin;
  if (Object.hasOwn(builtins, use)) {
    const plugin = await builtins[use]!();
    return { plugin, digest: `${use}@${plugin.version ?? buildId}`, files: [] };
  }
  const isPath = /^\.\.?\//.test(use);
  // The digest knows a plugin's place by the path from the project to it.
  const key = isPath ? `${use} ${resolve(dir, use)}` : undefined;
  if (!loaded || key === undefined) return loadForeign(use, isPath, origin, location);
  let loading = loaded.get(key);
  if (!loading) {
    loading = loadForeign(use, isPath, origin, location);
    loaded.set(key, loading);
    // Its message names a place in the config of this project.
    loading.catch(() => loaded.delete(key));
  }
  return loading;
}

async function loadForeign(
  use: string,
  isPath: boolean,
  { dir, builtins }: PluginOrigin,
  location: SourceLocation | undefined,
): Promise<LoadedPlugin> {
  const isKnown = isPath ? isFile(resolve(dir, use)) : packageName.test(use) && !isBuiltin(use);
  if (!isKnown) throw unknownPlugin(use, dir, builtins, location);
  await checkPeers(use, dir, location);
  const { source, value } = await importPlugin(use, dir, builtins, location);

  const problems = problemsOfPlugin(value);
  if (problems.length > 0) {
    const place = isPath ? { file: resolve(dir, use) } : location;
    const code = "SBP_PLUGIN_INVALID";
    throw new SbpError(code, `${quote(use)} is not a plugin`, {
      diagnostics: problems.map((message) => ({
        severity: "error",
        code,
        message: `${quote(use)}: ${message}`,
        ...(place && { location: place }),
      })),
      hint: 'A plugin is the default export of its module: export default definePlugin({ … }), from "@sbp/core".',
      exitCode: exitCodes.badUsage,
    });
  }
  const plugin = definePlugin(asDefinition(value));
  const version = plugin.version === undefined ? "" : `@${plugin.version}`;
  return { plugin, digest: `${plugin.name}${version} sha256:${source.digest}`, files: source.files };
}

async function importPlugin(
  use: string,
  dir: string,
  builtins: Builtins,
  location: SourceLocation | undefined,
): Promise<{ source: PluginSource; value: unknown }> {
  // Fresh and private, so that nobody else can put code there; gone as soon as the module is loaded.
  const folder = await mkdtemp(join(tmpdir(), "sbp-plugin-"));
  let source: PluginSource | undefined;
  try {
    source = await bundlePlugin(dir, use, folder);
    const file = join(folder, "plugin.mjs");
    await writeFile(file, source.code);
    // From here on stack traces name the plugin's own files and lines.
    process.setSourceMapsEnabled(true);
    const { plugin } = (await import(pathToFileURL(file).href)) as { plugin: { default?: unknown } };
    return { source, value: exported(plugin.default) };
  } catch (error) {
    if (error instanceof PluginSourceError && error.missing)
      throw unknownPlugin(use, dir, builtins, location);
    const diagnostics = error instanceof PluginSourceError ? error.diagnostics : [];
    const place = source && placeOfThrow(error, source.files);
    const message = error instanceof Error ? error.message : String(error);
    throw new SbpError("SBP_PLUGIN_FAILED_TO_LOAD", `${quote(use)} failed to load: ${message}`, {
      location: diagnostics.length > 0 ? undefined : (place ?? location),
      diagnostics,
      hint: diagnostics.length > 0 ? undefined : cureForMissing(message, dir),
      exitCode: exitCodes.badUsage,
      cause: error,
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** A default export that a compiler has put into CommonJS arrives one level down. */
function exported(value: unknown): unknown {
  const isWrapped =
    typeof value === "object" && value !== null && "__esModule" in value && "default" in value;
  return isWrapped ? value.default : value;
}

function unknownPlugin(
  use: string,
  dir: string,
  builtins: Builtins,
  location: SourceLocation | undefined,
): SbpError {
  return new SbpError("SBP_PLUGIN_UNKNOWN", `There is no plugin ${quote(use)}`, {
    location,
    hint: cureFor(use, dir, builtins),
    exitCode: exitCodes.badUsage,
  });
}

function cureFor(use: string, dir: string, builtins: Builtins): string {
  const names = Object.keys(builtins);
  const file = resolve(dir, use);
  if (/^\.\.?\//.test(use)) return `${didYouMeanFile(use, file)}There is no file ${file}.`;
  if (isFile(file) && !use.startsWith("/")) return `Did you mean the file ${quote(`./${use}`)}?`;
  const builtIn = `${didYouMean(use, names)}Built-in plugins are ${names.join(", ")}.`;
  if (!packageName.test(use)) return `${builtIn} A file is named by a relative path that starts with "./".`;
  return `${builtIn} A plugin from a package must be installed in the project: ${installCommand(dir, use, "build")}`;
}
