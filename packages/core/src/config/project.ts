import { join, resolve } from "node:path";
import type { SourceLocation } from "../error.ts";
import type { Json, JsonObject } from "../json.ts";
import type { AppIdentity, Plugin } from "../plugin.ts";
import { identifyApp } from "./app-identity.ts";
import { type Builtins, defaultPipeline } from "./builtins.ts";
import { giveEntries } from "./bundle-entry.ts";
import { compileValidator } from "./compile-validator.ts";
import { configError, ErrorCollector } from "./config-error.ts";
import { configName, findProject, readConfig } from "./config-file.ts";
import { configSchema } from "./config-schema.ts";
import { diagnose } from "./diagnose.ts";
import type { JsonDocument } from "./json-document.ts";
import { readPackage } from "./package-file.ts";
import { isInside } from "./paths.ts";
import { type LoadedPlugin, type LoadedPlugins, loadPlugin, type PluginOrigin } from "./plugin-loader.ts";
import { quote } from "./schema-text.ts";
import { checkOptions, type GivenStep } from "./step-options.ts";
import { pluginOfStep } from "./step-plugin.ts";
import { strictSchema } from "./strict-schema.ts";
import { typeOf } from "./union.ts";
import type { Validators } from "./validator.ts";

export interface LoadProjectOptions {
  /** Where to look for the project. */
  readonly cwd: string;
  /** The config to use instead of the one that is found; relative to `cwd`. */
  readonly configFile?: string | undefined;
  /** The app's entry instead of the config's (`sbp build src/main.ts`); relative to `cwd`. */
  readonly entry?: string | undefined;
  readonly builtins: Builtins;
  /** What is missing here is compiled when it is needed. */
  readonly validators: Validators;
  /** Share the compiled plugins with other projects of the same command. */
  readonly loaded?: LoadedPlugins | undefined;
}

/** One entry of the pipeline, ready to be planned. */
export interface Step {
  /** "strip"; the second use of the same plugin: "strip-2". */
  readonly id: string;
  readonly use: string;
  readonly plugin: Plugin;
  /** Version or hash of the plugin's code: part of fingerprints. */
  readonly pluginDigest: string;
  /** Absolute paths of the plugin's sources; none for a built-in one. */
  readonly pluginFiles?: readonly string[];
  /** Valid, with defaults. */
  readonly options: JsonObject;
  /** Where `use` stands; undefined for the default pipeline. */
  readonly location?: SourceLocation;
}

/** What is to be built, as config, package.json and defaults say together. */
export interface Project {
  /** Absolute. */
  readonly dir: string;
  /** Absolute; undefined for a project without config. */
  readonly configFile?: string;
  readonly app: AppIdentity;
  /** Absolute. */
  readonly outDir: string;
  readonly steps: readonly Step[];
  /** The effective config: everything that was left out is filled in. */
  readonly config: JsonObject;
  /** How `sbp dev` restarts the app: the URL that answers when it is ready. */
  readonly restart?: { readonly ready?: string };
  /** Absolute paths of what was read: config, package.json, plugin sources. */
  readonly files: readonly string[];
}

/**
 * Finds and reads a project, loads its plugins and checks everything. Throws one SbpError (exit code 2) with all that
 * is wrong: SBP_CONFIG_INVALID, or the error's own code when there is only one (SBP_CONFIG_MISSING,
 * SBP_PACKAGE_INVALID, SBP_NAME_INVALID, SBP_ENTRY_MISSING, SBP_ENTRY_UNUSED, SBP_PLUGIN_UNKNOWN, SBP_PLUGIN_INVALID,
 * SBP_PLUGIN_FAILED_TO_LOAD).
 */
export async function loadProject(options: LoadProjectOptions): Promise<Project> {
  const { cwd, builtins, validators } = options;
  const { dir, configFile } = findProject(cwd, options.configFile);
  const document = configFile === undefined ? emptyConfig(dir) : readConfig(configFile);
  const packageFile = readPackage(dir);
  const errors = new ErrorCollector();

  await errors.attempt(() => checkShape(document, validators));
  const config = typeOf(document.value) === "object" ? (document.value as JsonObject) : {};
  const app = await errors.attempt(() => identifyApp(dir, config, document, packageFile));
  const outDir = await errors.attempt(() => outputFolder(dir, config, document));
  const restart = await errors.attempt(() => restartOf(config, document));
  const given = await giveEntries(
    givenSteps(config),
    { dir, cwd, entry: options.entry, document, packageFile },
    errors,
  );

  const plugins = await loadPlugins(given, { dir, builtins, loaded: options.loaded }, document, errors);
  const drafts: { given: GivenStep; loaded: LoadedPlugin; options: JsonObject }[] = [];
  for (const step of given) {
    const loaded = plugins.get(step.use);
    if (!loaded) continue;
    const validator = Object.hasOwn(builtins, step.use) ? validators[step.use] : undefined;
    const checked = await errors.attempt(() => checkOptions(loaded.plugin, validator, step, document));
    if (checked) drafts.push({ given: step, loaded, options: checked });
  }
  errors.throwAny(document.file);

  const takenIds = new Set<string>();
  const steps = drafts.map(({ given: { use, path }, loaded: { plugin, digest, files }, options }): Step => {
    const location = path.length > 0 ? { location: document.locate([...path, "use"]) } : {};
    const id = freeId(
      typeof options.name === "string" && plugin.transformsFor ? options.name : plugin.name,
      takenIds,
    );
    return {
      id,
      use,
      plugin: pluginOfStep(plugin, options, location),
      pluginDigest: digest,
      pluginFiles: files,
      options,
      ...location,
    };
  });
  const read = [configFile, packageFile?.file, ...[...plugins.values()].flatMap(({ files }) => files)];
  return {
    dir,
    ...(configFile !== undefined && { configFile }),
    app: app!,
    outDir: outDir!,
    steps,
    ...(restart && { restart }),
    config: {
      ...app!,
      outDir: (config.outDir as string | undefined) ?? configSchema.properties.outDir.default,
      pipeline: steps.map(({ use, options }) => ({ use, ...options })),
    },
    files: [...new Set(read.filter((file) => file !== undefined))],
  };
}

/** Stands for the config of a project without one, and for its place in messages. */
function emptyConfig(dir: string): JsonDocument {
  const file = join(dir, configName);
  return { file, value: {}, locate: () => ({ file }) };
}

async function checkShape(document: JsonDocument, validators: Validators): Promise<void> {
  const schema = strictSchema(configSchema);
  const validator = validators.config ?? (await compileValidator(schema));
  const problems = diagnose(validator, { value: document.value, schema, document, path: [] });
  if (problems.length > 0) throw configError(document.file, problems);
}

/** The steps that are one, in spite of what else may be wrong with the config. */
function givenSteps(config: JsonObject): readonly GivenStep[] {
  if (config.pipeline === undefined) return defaultPipeline.map((use) => ({ use, options: {}, path: [] }));
  if (!Array.isArray(config.pipeline)) return [];
  return (config.pipeline as readonly Json[]).flatMap((step, index) => {
    if (typeOf(step) !== "object") return [];
    const { use, ...options } = step as JsonObject;
    return typeof use === "string" && use !== "" ? [{ use, options, path: ["pipeline", index] }] : [];
  });
}

/** The output folder, absolute. Builds replace what they find there: the project must not lie in it. */
function outputFolder(dir: string, config: JsonObject, document: JsonDocument): string {
  const name = typeof config.outDir === "string" ? config.outDir : configSchema.properties.outDir.default;
  const outDir = resolve(dir, name);
  const message = name.includes("\0")
    ? '"outDir" must not contain a NUL character'
    : isInside(dir, outDir)
      ? '"outDir" must be a folder of its own: the project lies in this one'
      : undefined;
  if (message === undefined) return outDir;
  throw configError(document.file, [
    { severity: "error", code: "SBP_CONFIG_INVALID", message, location: document.locate(["outDir"]) },
  ]);
}

function restartOf(config: JsonObject, document: JsonDocument): { ready?: string } | undefined {
  const { ready } = (typeOf(config.restart) === "object" ? config.restart : {}) as JsonObject;
  // Of a wrong type: the schema's affair.
  if (typeof ready !== "string") return undefined;
  if (URL.canParse(ready) && /^https?:$/.test(new URL(ready).protocol)) return { ready };
  const message = `"restart.ready" must be a URL of http or https, not ${quote(ready)}`;
  const location = document.locate(["restart", "ready"]);
  throw configError(document.file, [{ severity: "error", code: "SBP_CONFIG_INVALID", message, location }]);
}

async function loadPlugins(
  steps: readonly GivenStep[],
  origin: PluginOrigin,
  document: JsonDocument,
  errors: ErrorCollector,
): Promise<ReadonlyMap<string, LoadedPlugin>> {
  const first = new Map(steps.map((step) => [step.use, step] as const).reverse());
  const plugins = new Map<string, LoadedPlugin>();
  await Promise.all(
    [...first].map(async ([use, { path }]) => {
      const location = path.length > 0 ? document.locate([...path, "use"]) : undefined;
      const loaded = await errors.attempt(() => loadPlugin(use, origin, location));
      if (loaded) plugins.set(use, loaded);
    }),
  );
  return plugins;
}

/** A plugin's name without its scope; a number behind it when an earlier step has the name. */
function freeId(pluginName: string, taken: Set<string>): string {
  const name = pluginName.replace(/^@[^/]*\//, "");
  let id = name;
  for (let count = 2; taken.has(id); count++) id = `${name}-${count}`;
  taken.add(id);
  return id;
}
