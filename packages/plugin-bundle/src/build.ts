import path from "node:path";
import type * as esbuild from "esbuild";
import type { Attempts } from "./attempts.ts";
import { rebuild } from "./contexts.ts";
import { failure, isTopLevelAwait } from "./diagnostic.ts";
import { type Entry, slashes } from "./entry.ts";
import { exactly } from "./exactly.ts";
import { folderImports } from "./folder-imports.ts";
import { refuseBareJson } from "./import-attributes.ts";
import { type InputOfSource, inputsOfSources } from "./input-of-source.ts";
import { minified } from "./minify.ts";
import { commonJsShim, correctHelpers, namespaceShim } from "./module-helpers.ts";
import { withoutCommonJs } from "./module-scope.ts";
import type { BundleOptions } from "./options.ts";
import { ownPlaces, type PlaceUse, placeUses } from "./own-place.ts";
import { packageFolder } from "./packages.ts";
import type { Places } from "./places.ts";
import { keepReexports, lostReexports } from "./reexports.ts";
import { isDependency } from "./run-time-files.ts";
import { fillShim, shimOptions } from "./shim.ts";
import { parsedSourceMap, portableSources } from "./source-map.ts";

export interface BuildRequest {
  /** Names the bundle among those that keep contexts of esbuild (contexts.ts). */
  readonly owner: string;
  /** Takes down what is read. */
  readonly attempts: Attempts;
  /** Absolute and real. */
  readonly projectDir: string;
  readonly entry: Entry;
  /** Of the main file, without extension. */
  readonly name: string;
  readonly options: BundleOptions;
  /** Packages that are not installed and that dependencies ask for only when they need them. */
  readonly absent?: readonly string[];
  /** Leaves static imports of them as well: to see what leads there. */
  readonly leavesStatic?: boolean;
  /** Packages that esbuild cannot bundle, by folder relative to the project, and why. */
  readonly refused?: ReadonlyMap<string, string>;
  /** Imports that lead to carried packages: what to write instead, by importer, kind and specifier (outsideKey). */
  readonly outside?: ReadonlyMap<string, string>;
  /** Sources that must not be left out (reexports.ts), relative to the project, with where these were found. */
  readonly kept?: Kept;
}

interface Kept {
  readonly sources: ReadonlySet<string>;
  readonly metafile: esbuild.Metafile;
}

/** How `outside` names an import. The importer is relative to the project. */
export function outsideKey(importer: string, kind: string, specifier: string): string {
  return `${importer}\0${kind}\0${specifier}`;
}

export interface Built {
  readonly format: "esm" | "cjs";
  /** Name of the main file. */
  readonly main: string;
  readonly entry: Entry;
  /** As in the request, with what was found. */
  readonly refused: ReadonlyMap<string, string>;
  readonly kept?: Kept | undefined;
  /** As esbuild made it. */
  readonly text: string;
  readonly map: Uint8Array;
  /** What of the map tells where code is from, parsed when it is asked for the first time. */
  parsedMap(): { readonly sources: readonly string[]; readonly mappings: string };
  readonly inputOf: InputOfSource;
  /** Where sources speak of their own place. */
  readonly uses: readonly PlaceUse[];
  /** Paths in it are relative to the project, with forward slashes. */
  readonly metafile: esbuild.Metafile;
  readonly warnings: readonly esbuild.Message[];
}

/** The files of a bundle. */
export interface Finished {
  readonly code: Uint8Array;
  /** Undefined where the option sourcemap wants none. */
  readonly map: Uint8Array | undefined;
}

/** Bundles. Throws SBP_BUNDLE_… for mistakes in the sources, and the signal's reason when cancelled. */
export async function build(request: BuildRequest, signal: AbortSignal): Promise<Built> {
  const wanted = request.options.format;
  const format = wanted === "auto" ? request.entry.format : wanted;
  try {
    const built = await buildAs(format, request, signal);
    const lost = request.kept ? undefined : lostReexports(built.metafile, built.main, request.projectDir);
    if (!lost?.size) return built;
    return await build({ ...request, kept: { sources: lost, metafile: built.metafile } }, signal);
  } catch (error) {
    const errors = buildErrors(error);
    if (wanted === "auto" && format === "cjs" && errors?.every(isTopLevelAwait))
      return build({ ...request, options: { ...request.options, format: "esm" } }, signal);
    if (!errors) throw error;
    const absent = absentInDependencies(errors);
    const isNew = absent.some((name) => !request.absent?.includes(name));
    if (isNew) return build({ ...request, absent: [...(request.absent ?? []), ...absent] }, signal);
    const refused = new Map([...(request.refused ?? []), ...refusedPackages(errors)]);
    const isNewRefusal = refused.size > (request.refused?.size ?? 0);
    const areDependencies = errors.every(({ location }) => isDependency(location?.file ?? ""));
    if (isNewRefusal && areDependencies && !(await failsAtOnce(errors, format, request, signal)))
      return build({ ...request, refused }, signal);
    const main = mainName(format, request);
    await request.attempts.addFailed(request.entry.path, esbuildOptions(format, main, request));
    throw await failure(errors, request.projectDir);
  }
}

function mainName(format: "esm" | "cjs", { name }: BuildRequest): string {
  return `${name}.${format === "esm" ? "mjs" : "cjs"}`;
}

async function buildAs(format: "esm" | "cjs", request: BuildRequest, signal: AbortSignal): Promise<Built> {
  const main = mainName(format, request);
  const result = await rebuild(
    request.owner,
    contextKey(format, request),
    () => esbuildOptions(format, main, request),
    signal,
  );
  const metafile = result.metafile!;
  request.attempts.add(request.entry.path, metafile);
  const output = (file: string) =>
    result.outputFiles?.find((candidate) => path.basename(candidate.path) === file)?.contents;
  const map = output(`${main}.map`)!;
  const text = decode(output(main)!);
  let parsed: ReturnType<Built["parsedMap"]> | undefined;
  const parsedMap = () => (parsed ??= parsedSourceMap(map));
  const inputOf = inputsOfSources(request.projectDir, metafile, main);
  const uses = placeUses(text, parsedMap, inputOf);
  const { warnings } = result;
  return {
    format,
    main,
    entry: request.entry,
    refused: request.refused ?? new Map(),
    kept: request.kept,
    text,
    map,
    parsedMap,
    inputOf,
    uses,
    metafile,
    warnings,
  };
}

/** Gives every source its own place, declares what the code needs, minifies it and keeps the map where these are wanted. */
export async function finish(
  built: Built,
  places: Places,
  { minify, sourcemap }: Pick<BundleOptions, "minify" | "sourcemap">,
): Promise<Finished> {
  const { format, main, entry, text, map: fullMap, uses, metafile } = built;
  const own = ownPlaces({ format, code: text, uses, places, entry: entry.path, metafile });
  const scoped = await withoutCommonJs(own.code, built, places.projectDir);
  const place = places.of(path.resolve(places.projectDir, entry.path)) ?? main;
  const toProject = path.posix.relative(path.posix.dirname(place), places.of(places.projectDir)!);
  const code = fillShim(format, Buffer.from(correctHelpers(scoped)), own.declarations, [
    namespaceShim,
    commonJsShim(format, toProject),
  ]);
  const map = sourcemap ? portableSources(fullMap, places.projectDir, metafile) : undefined;
  const finished = minify ? await minified({ code, map }, format, main) : { code, map };
  metafile.outputs[main]!.bytes = finished.code.byteLength;
  if (finished.map) metafile.outputs[`${main}.map`]!.bytes = finished.map.byteLength;
  else delete metafile.outputs[`${main}.map`];
  return finished;
}

function decode(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8");
}

function esbuildOptions(format: "esm" | "cjs", main: string, request: BuildRequest): esbuild.BuildOptions {
  const { options, projectDir } = request;
  const shim = shimOptions();
  return {
    absWorkingDir: projectDir,
    entryPoints: [`./${request.entry.path}`],
    // Never written: only source maps and the metafile name files relative to it.
    outfile: path.join(projectDir, main),
    allowOverwrite: true,
    write: false,
    bundle: true,
    platform: "node",
    target: "node22",
    format,
    keepNames: options.keepNames,
    legalComments: "eof",
    // Made in any case: it tells where what will be missing was written (run-time-files.ts).
    sourcemap: options.sourcemap ? "linked" : "external",
    sourcesContent: options.sourcemap,
    metafile: true,
    ...shim,
    define: { ...shim.define, ...options.define },
    external: ["*.node", ...(options.loader?.[".wasm"] ? [] : ["*.wasm"]), ...(options.external ?? [])],
    // Set in any case, or esbuild adds "module", a condition that Node does not know.
    conditions: [...(options.conditions ?? [])],
    ...(options.tsconfig && { tsconfig: path.resolve(projectDir, options.tsconfig) }),
    // Whoever has one is carried (reasons.ts), and then outside of the bundle.
    loader: { ".node": "empty", ...options.loader },
    plugins: [
      ...(request.outside ? [leaveOutside(request.outside, projectDir)] : []),
      ...(request.refused ? [leaveRefused(request.refused, projectDir)] : []),
      ...(request.kept ? [keepReexports(request.kept.sources, request.kept.metafile, projectDir)] : []),
      folderImports(),
      ...(options.loader?.[".json"] ? [] : [refuseBareJson(projectDir)]),
      ...(request.absent ? [leaveAbsent(request.absent, request.leavesStatic === true)] : []),
    ],
    logLevel: "silent",
    logLimit: 0,
    logOverride: {
      "unsupported-require-call": "warning",
      "unsupported-dynamic-import": "warning",
      "indirect-require": "warning",
    },
  };
}

/**
 * What dependencies fail to resolve. Frameworks ask for optional packages in functions that run when the feature
 * is used (`loadPackage("class-validator", () => require("class-validator"))`); esbuild only sees that something
 * is missing. Whether it was a static import, which fails at once, shows when the build is tried again.
 */
function absentInDependencies(errors: readonly esbuild.Message[]): string[] {
  return errors.flatMap((error) => {
    const name = missingPackage.exec(error.text)?.[1];
    return name && !/^[./#]/.test(name) && isDependency(error.location?.file ?? "") ? [name] : [];
  });
}

/** Leaves `require` and `import()` of absent packages in dependencies as they are: node fails there, too, and so late. */
function leaveAbsent(names: readonly string[], isStaticToo: boolean): esbuild.Plugin {
  const filter = exactly(names);
  return {
    name: "absent",
    setup(setup) {
      setup.onResolve({ filter }, ({ path: name, kind, importer }) => {
        const isLate =
          isStaticToo || kind === "require-call" || kind === "require-resolve" || kind === "dynamic-import";
        return isLate && isDependency(slashes(importer)) ? { path: name, external: true } : undefined;
      });
    },
  };
}

/** Leaves the imports of carried packages to node. */
function leaveOutside(outside: ReadonlyMap<string, string>, projectDir: string): esbuild.Plugin {
  const specifiers = new Set([...outside.keys()].map((key) => key.slice(key.lastIndexOf("\0") + 1)));
  return {
    name: "outside",
    setup(setup) {
      setup.onResolve({ filter: exactly(specifiers) }, ({ path: specifier, kind, importer }) => {
        const source = slashes(path.relative(projectDir, importer));
        const written = outside.get(outsideKey(source, kind, specifier));
        return written === undefined ? undefined : { path: written, external: true };
      });
    },
  };
}

/** Whether node would run into a missing package as soon as the app starts: its importer is imported statically. */
async function failsAtOnce(
  errors: readonly esbuild.Message[],
  format: "esm" | "cjs",
  request: BuildRequest,
  signal: AbortSignal,
): Promise<boolean> {
  const missing = errors.filter(({ text }) => missingPackage.test(text));
  if (missing.length === 0) return false;
  const absent = [...(request.absent ?? []), ...missing.map(({ text }) => missingPackage.exec(text)![1]!)];
  const probe = await buildAs(format, { ...request, absent, leavesStatic: true }, signal).catch((error) => {
    if (buildErrors(error)) return undefined;
    throw error;
  });
  if (!probe) return false;
  const reached = new Set([request.entry.path]);
  for (const file of reached)
    for (const { path: target, kind, external } of probe.metafile.inputs[file]?.imports ?? [])
      if (!external && kind === "import-statement") reached.add(target);
  return missing.some(({ location }) => location && reached.has(location.file));
}

const missingPackage = /^Could not resolve "([^"]+)"$/;

/** Packages with mistakes that only matter where node runs into them. */
function refusedPackages(errors: readonly esbuild.Message[]): [string, string][] {
  return errors.flatMap(({ location, text }): [string, string][] => {
    const folder = location && packageFolder(location.file);
    return folder ? [[folder, `it cannot be bundled: ${text}`]] : [];
  });
}

/** The namespace of what stands for a file of a package that is carried. */
const carriedNamespace = "carried";

/** The file of the metafile that an import leads to, also where that is left to node. */
export function targetOf(input: string): string {
  return input.startsWith(`${carriedNamespace}:`) ? input.slice(carriedNamespace.length + 1) : input;
}

/** Puts an empty module in the place of each file of these packages that others import. */
function leaveRefused(refused: ReadonlyMap<string, string>, projectDir: string): esbuild.Plugin {
  const names = [...refused.keys()].map((folder) => folder.slice(folder.lastIndexOf("node_modules/") + 13));
  return {
    name: "refused",
    setup(setup) {
      const filter = new RegExp(
        `^(?:${names.map((name) => name.replace(/[^\w@/-]/g, "\\$&")).join("|")})(?:/|$)`,
      );
      setup.onResolve({ filter }, async ({ path: specifier, pluginData, ...rest }) => {
        if (pluginData === carriedNamespace) return undefined;
        const found = await setup.resolve(specifier, { ...rest, pluginData: carriedNamespace });
        const file = slashes(path.relative(projectDir, found.path));
        if (found.errors.length > 0 || !refused.has(packageFolder(file) ?? "")) return undefined;
        return { path: file, namespace: carriedNamespace };
      });
      setup.onLoad({ filter: /./, namespace: carriedNamespace }, () => ({
        contents: "module.exports = {};",
      }));
    },
  };
}

/** Everything that esbuild's options are made of. */
function contextKey(format: string, request: BuildRequest): string {
  const { entry, name, options, absent, leavesStatic, refused, outside, kept } = request;
  return JSON.stringify([
    format,
    entry,
    name,
    options,
    absent,
    leavesStatic,
    [...(refused ?? [])],
    [...(outside ?? [])],
    [...(kept?.sources ?? [])],
  ]);
}

function buildErrors(error: unknown): readonly esbuild.Message[] | undefined {
  const errors = error instanceof Error && "errors" in error ? error.errors : undefined;
  return Array.isArray(errors) && errors.length > 0 ? (errors as esbuild.Message[]) : undefined;
}
