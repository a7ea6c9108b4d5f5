import { Script } from "node:vm";
import { type Artifact, exitCodes, type RunContext, SbpError, type Target } from "@sbp/core";
import { ExecutableError } from "@sbp/executable";
import { lengthSize, ownFolder } from "@sbp/manifest";
import { frameBlob } from "./blob.ts";
import type { BuildFacts, CodeCacheOption } from "./build-facts.ts";
import { type Builtins, missingBuiltins } from "./builtins.ts";
import { carriedPath, checkFileSystem, readCarried, usesOf, withScripts } from "./carried.ts";
import type { NamedScript } from "./code-cache.ts";
import { compile, scriptSources } from "./compilers.ts";
import { EmulatedCodeCache } from "./emulated-code-cache.ts";
import { formatOf } from "./format/format.ts";
import { HostNodeError, hostNodeFailed } from "./host-node.ts";
import { locationAt } from "./location.ts";
import { executableManifest } from "./manifest.ts";
import { ModuleError, moduleScript } from "./module-script.ts";
import { makePack, type PackedSourceMap, type PackFile, type PackInfo, type PackScript } from "./pack.ts";
import { packedFormat, readPackedBundle } from "./packed-bundle.ts";
import { bootstrapParts, partFiles } from "./parts.ts";
import { platformFacts } from "./platform-facts.ts";
import {
  type AppNames,
  type PlatformOptions,
  platformProperties,
  signatureMeta,
} from "./platform-properties.ts";
import { commonJsScript, mappedFoot, type ScriptText } from "./script.ts";
import {
  type BundleSourceMap,
  packScriptMaps,
  packSourceMap,
  readScriptMaps,
  readSourceMap,
  standingBeside,
} from "./source-map.ts";
import { strippedOf } from "./stripped.ts";
import { invalidTemplate, readTemplate, templateFiles } from "./template-meta.ts";
import { isOlder } from "./version.ts";

export interface ExecutableOptions extends PlatformOptions {
  readonly codeCache: CodeCacheOption;
  readonly name?: string | undefined;
  readonly inspect?: boolean | undefined;
}

/** Where the app's files appear to lie; the same in the bootstrap. */
const root = "/sys/sbp/0/";

/** Loads what `runExecutable` takes long to load, and lets V8 compile it. */
export async function warmUp(): Promise<void> {
  await moduleScript("export {}");
}

/**
 * Makes the executable of one target: the template, and behind it the pack with the app. The bundle's source map is in
 * the pack, or stands beside the executable, as the bundle says.
 */
export async function runExecutable(context: RunContext<ExecutableOptions>): Promise<void> {
  const { app, artifacts, options, write } = context;
  const bundle = artifacts["bundle"]!;
  const template = artifacts["template"]!;
  const { target, nodeVersion, template: plan, ...ofRuntime } = await readTemplate(template);
  const format = formatOf(target);
  const emulated =
    options.codeCache !== false && typeof ofRuntime.codeCache === "string"
      ? new EmulatedCodeCache(context, { always: options.codeCache === true })
      : undefined;
  await emulated?.prepare(bundle.files.find(({ path }) => path === bundle.meta["main"])?.size ?? 0);
  // Before the work, so that a mistake in the options is told of at once.
  const names = namesOf(context, target);
  const properties = await platformProperties(context, target, names);
  const { main, script, files, carried, sourceMap, scriptMaps, external } = await readApp(
    bundle,
    artifacts["target-packages"],
  );
  checkFileSystem(carried, nodeVersion, target);

  checkBuiltins(script, nodeVersion, JSON.parse((await template.read(templateFiles.builtins)).toString()));
  // Compiled for foreign targets too: it is the target's version that says whether the bundle is valid.
  const isHost = ofRuntime.codeCache === true;
  const hasCodeCache = (options.codeCache !== false && isHost) || emulated !== undefined;
  const mayBeScripts = hasCodeCache ? withScripts(carried) : carried;
  const scripts = mayBeScripts.filter((file) => !(file.content instanceof Uint8Array));
  const toCompile = namedScripts([{ path: main, content: script }, ...scripts]);
  const isWanted = options.codeCache === true || scripts.length > 0 || !isSmallAndValid(script, nodeVersion);
  const build: BuildFacts = {
    target,
    app: { name: app!.name, version: app!.version },
    name: names.name,
    node: { version: nodeVersion, ...(ofRuntime.ownRuntime && { own: true }) },
    codeCache: options.codeCache,
    ...(options.inspect && { inspect: true }),
    strip: ofRuntime.strip,
    ...(ofRuntime.selfContained && { selfContained: true }),
    ...platformFacts(target, options, properties),
  };
  const [made, emulatedCaches, manifest] = await Promise.all([
    isWanted ? compiled(toCompile, main, nodeVersion, context) : [],
    emulated?.make(toCompile) ?? [],
    executableManifest(artifacts, { build, script, carried, ...ofRuntime }),
  ]);
  const [codeCache, ...cachesOfScripts] = !hasCodeCache ? [] : isHost ? made : emulatedCaches;
  const caches = new Map(scripts.map(({ path }, index) => [path, cachesOfScripts[index]]));

  const links = carried.filter(({ isLink }) => isLink).length;
  const uses = usesOf([...carried, { path: main, content: script }]).filter(
    // Without files there is nothing to hand to other programs.
    (use) => carried.length > 0 || use === "workers",
  );
  const loadsLibraries = uses.includes("addons") || uses.includes("extensions");
  const frame = carried.length > 0 ? ofRuntime.filesFrame : ofRuntime.frame;
  if (!frame) throw invalidTemplate();
  const address = (await ofTemplate(() => format.payloadAddress(plan))) + frame.prefix.length + lengthSize;
  const packed = [
    { path: main, content: script, codeCache },
    // What Node cannot compile as CommonJS is something else, or wrong: Node says so when it is loaded.
    ...carried.map((file, index) => {
      const cache = caches.get(file.path);
      return cache ? { ...mayBeScripts[index]!, codeCache: cache } : file;
    }),
    ...files,
    ...partFiles([
      ...bootstrapParts.always,
      ...(sourceMap || scriptMaps ? bootstrapParts.sourceMap : []),
      ...(carried.length > 0 ? bootstrapParts.files : []),
      ...(uses.includes("plugins") ? bootstrapParts.plugins : []),
      ...(loadsLibraries ? bootstrapParts.addons : []),
      ...(options.inspect ? bootstrapParts.inspect : []),
      ...(uses.includes("workers") ? bootstrapParts.workers : []),
    ]),
  ];
  const info = {
    main,
    build,
    ...(carried.length > 0 && { carried: carried.length - links }),
    ...(links > 0 && { links }),
    ...(uses.length > 0 && { uses }),
    // From there the dynamic loader takes addons.
    ...(ofRuntime.selfContained && loadsLibraries && { address }),
    ...(sourceMap && { sourceMap }),
    ...(scriptMaps && { scriptMaps }),
  };
  const pack = packOf(packed, info, address, manifest.documents);
  const payload = frameBlob(frame, pack);
  const stripped = { javascript: strippedOf(bundle.meta), runtime: ofRuntime.stripped };
  const meta = {
    target,
    nodeVersion,
    main,
    codeCache: codeCache !== undefined,
    sourceMap: sourceMap ? "embedded" : external.length > 0 ? "external" : "none",
    ...(carried.length > 0 && { carried: carried.length - links }),
    ...((stripped.javascript || stripped.runtime) && { stripped }),
    payloadBytes: payload.reduce((sum, part) => sum + part.length, 0),
    ...signatureMeta(properties),
  };
  await write("executable", meta, async (out) => {
    const base = { artifact: template, file: templateFiles.node };
    const file = (path: string) => template.read(path);
    const templatePath = () => template.path(templateFiles.node);
    const { patches, tail } = await ofTemplate(() =>
      format.tail(plan, payload, { metadata: manifest.metadata, properties, templatePath, file }),
    );
    await out.compose(names.fileName, { base, patches, tail }, { executable: true });
  });
  await write("source-map", {}, async (out) => {
    for (const { name, bytes } of external) await out.file(name, bytes);
  });
}

/** Throws SBP_BUNDLE_INVALID for files that cannot lie beside each other. */
function packOf(...args: Parameters<typeof makePack>): Uint8Array[] {
  try {
    return makePack(...args);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new SbpError("SBP_BUNDLE_INVALID", `the bundle's files do not fit together: ${error.message}`, {
      cause: error,
    });
  }
}

function namesOf({ options, app }: RunContext<ExecutableOptions>, target: Target): AppNames {
  // A scope is part of a package's name, not of a file's.
  const appName = app!.name.replace(/^@[^/]*\//, "");
  const name = options.name ?? appName;
  const fileName = target.startsWith("win32-") && !name.endsWith(".exe") ? `${name}.exe` : name;
  return { app: appName, version: app!.version, name, fileName };
}

/** What a format says of a template that it does not understand, or of a payload that is too large, told as ours. */
async function ofTemplate<T>(use: () => T | Promise<T>): Promise<T> {
  try {
    return await use();
  } catch (error) {
    if (!(error instanceof ExecutableError)) throw error;
    if (error.code !== "EXECUTABLE_PAYLOAD_TOO_LARGE") throw invalidTemplate(error);
    throw new SbpError("SBP_PAYLOAD_TOO_LARGE", error.message, {
      hint: "Ship large data beside the executable.",
      cause: error,
    });
  }
}

/** What an app's bundle puts into the pack. */
interface App {
  readonly main: string;
  readonly script: ScriptText;
  /** What belongs to the source map. */
  readonly files: readonly PackFile[];
  /** What the app finds in the embedded file system. */
  readonly carried: readonly PackFile[];
  /** The source map among them. */
  readonly sourceMap: PackedSourceMap | undefined;
  /** As in the pack's info. */
  readonly scriptMaps: PackInfo["scriptMaps"];
  /** Source maps that stand beside the executable. */
  readonly external: readonly BundleSourceMap[];
}

async function readApp(bundle: Artifact, packages: Artifact | undefined): Promise<App> {
  const { format, main, platformPackages } = bundle.meta;
  if (platformPackages !== undefined && !packages)
    throw new SbpError("SBP_BUNDLE_PLATFORM", "the app has files for each platform, and nobody chose them", {
      hint: 'Put the step "cross-target" behind "bundle" in the pipeline.',
      exitCode: exitCodes.badUsage,
    });
  if (typeof main !== "string" || !bundle.files.some(({ path }) => path === main))
    throw new SbpError("SBP_BUNDLE_INVALID", "the bundle does not name its main file");
  if (main.startsWith(ownFolder))
    throw new SbpError(
      "SBP_BUNDLE_INVALID",
      `the bundle's main file lies in ${ownFolder}, which is not for apps`,
    );
  if (format === packedFormat) {
    const { files, sourceMap, scriptMaps } = await readPackedBundle(bundle);
    const script = files.find(({ path }) => path === main)?.content;
    if (!script || script instanceof Uint8Array || typeof script.body !== "string")
      throw new SbpError("SBP_BUNDLE_INVALID", "the bundle's main file is no script");
    const [own, carried] = [true, false].map((isOwn) =>
      files.filter(({ path }) => path !== main && path.startsWith(ownFolder) === isOwn),
    );
    return {
      main,
      script: { ...script, body: script.body },
      files: own!,
      carried: carried!.map(withoutScript),
      sourceMap,
      scriptMaps,
      external: [],
    };
  }
  const carried = await readCarried(bundle, packages);
  return { ...(await readSources(bundle, main, carried.length > 0)), carried };
}

/** As it was carried: whether it can be a script with the new runtime is not known yet. */
function withoutScript({ content, ...file }: PackFile): PackFile {
  return { ...file, content: "body" in content ? Buffer.from(content.body) : content };
}

async function readSources(bundle: Artifact, main: string, carries: boolean): Promise<Omit<App, "carried">> {
  const script = await readMain(bundle, { main, carries });
  const { place } = bundle.meta;
  const path = typeof place === "string" ? carriedPath(place) : main;
  const map = await readSourceMap(bundle, main);
  const scriptMaps = await readScriptMaps(bundle);
  if (map.place !== "embedded") {
    const external = map.place === "external" ? [map, ...standingBeside(scriptMaps)] : [];
    return { main: path, script, files: [], sourceMap: undefined, scriptMaps: undefined, external };
  }
  const packed = await packSourceMap(map.bytes, bundle.meta);
  const ofScripts = await packScriptMaps(scriptMaps, bundle.meta);
  return {
    main: path,
    script: { ...script, foot: mappedFoot },
    files: [...packed.files, ...ofScripts.files],
    sourceMap: packed.info,
    scriptMaps: ofScripts.info,
    external: [],
  };
}

async function readMain(
  bundle: Artifact,
  { main, carries }: { main: string; carries: boolean },
): Promise<ScriptText> {
  const { format } = bundle.meta;
  const source = (await bundle.read(main)).toString("utf8").replace(/^\uFEFF/, "");
  if (format === "cjs") return commonJsScript(source);
  if (format !== "esm")
    throw new SbpError(
      "SBP_BUNDLE_INVALID",
      `the bundle's format is ${JSON.stringify(format)}, not esm or cjs`,
    );
  try {
    return await moduleScript(source, { files: carries });
  } catch (error) {
    if (!(error instanceof ModuleError)) throw error;
    const location = locationAt(main, source, error.offset);
    if (error.kind === "syntax")
      throw new SbpError("SBP_BUNDLE_SYNTAX", `the bundle cannot be read: ${error.message}`, { location });
    throw new SbpError("SBP_BUNDLE_IMPORT", `the bundle is not complete: ${error.message}`, {
      location,
      hint: "Let the bundler include it: an executable has no node_modules to look in.",
    });
  }
}

/** Throws SBP_BUNDLE_BUILTIN. */
function checkBuiltins({ head }: ScriptText, nodeVersion: string, builtins: Builtins): void {
  const missing = missingBuiltins(head, builtins);
  if (missing.length > 0)
    throw new SbpError(
      "SBP_BUNDLE_BUILTIN",
      `Node ${nodeVersion} does not have what the app imports: ${missing.join(", ")}`,
      { hint: "Take a runtime that has it, or do without." },
    );
}

/**
 * Characters. What is shorter compiles in a fraction of a millisecond: a code cache would not make it start earlier,
 * and the Node that makes one takes a fifth of the time of a build.
 */
const smallScript = 16 * 1024;

/** False where only the target's version of Node can tell whether a script is valid: this one may know newer syntax. */
function isSmallAndValid({ head, body, foot }: ScriptText, nodeVersion: string): boolean {
  if (body.length >= smallScript || isOlder(nodeVersion, process.versions.node)) return false;
  try {
    new Script(head + body + foot);
    return true;
  } catch {
    return false;
  }
}

function namedScripts(files: readonly PackFile[]): readonly NamedScript[] {
  return files.map(({ path, content }) => ({ filename: root + path, script: content as PackScript }));
}

/** The code caches of scripts, the main file's first. */
async function compiled(
  scripts: readonly NamedScript[],
  main: string,
  nodeVersion: string,
  { artifacts, signal }: RunContext<ExecutableOptions>,
): Promise<readonly (Buffer | undefined)[]> {
  const runner = { runtime: artifacts["host-runtime"]! };
  try {
    return await compile(scripts, { sources: scriptSources(artifacts), runner, signal });
  } catch (error) {
    if (!(error instanceof HostNodeError)) throw error;
    const reason = /^SyntaxError: .*$/m.exec(error.stderr)?.[0];
    if (reason === undefined) throw hostNodeFailed(nodeVersion, error);
    // The first line of node's message is "<file>:<line>".
    const [place] = error.stderr.split("\n", 1);
    const line = place?.startsWith(`${root}${main}:`)
      ? Number(place.slice(root.length + main.length + 1))
      : Number.NaN;
    throw new SbpError("SBP_BUNDLE_SYNTAX", `Node ${nodeVersion} cannot compile the bundle: ${reason}`, {
      location: { file: String(artifacts["bundle"]!.meta["main"]), ...(Number.isInteger(line) && { line }) },
      hint: "Bundle for the runtime's version (the target in tsconfig.json or of the bundler).",
      cause: error,
    });
  }
}
