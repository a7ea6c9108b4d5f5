import { existsSync, realpathSync } from "node:fs";
import path from "node:path";
import {
  canonicalJson,
  type Dependency,
  type JsonObject,
  type RunContext,
  SbpError,
  strictError,
} from "@sbp/core";
import type { BundleManifest } from "@sbp/manifest";
import type { Metafile } from "esbuild";
import { Attempts } from "./attempts.ts";
import { finish } from "./build.ts";
import type { CarriedFile, CarriedFiles } from "./carried-files.ts";
import { packageName } from "./carried-packages.ts";
import { beginBuild, endBuild } from "./contexts.ts";
import { decide, decisionsFile, decisionsText } from "./decisions.ts";
import { toWarnings } from "./diagnostic.ts";
import { findEntry, forgetPackageJson, slashes } from "./entry.ts";
import type { Excluded } from "./exclude.ts";
import { leftImports } from "./external.ts";
import { gather } from "./gather.ts";
import { declaredInputs } from "./inputs.ts";
import { bundleManifestFile, gatherManifest, type ManifestRequest } from "./manifest.ts";
import type { BundleOptions } from "./options.ts";
import { listedPackages, packageFolder } from "./packages.ts";
import { Places } from "./places.ts";
import type { PlatformFiles, PlatformRequest } from "./platform-packages.ts";
import { checkNoPlugnplay } from "./plug-n-play.ts";
import { type RemovedExportsRequest, removedExports } from "./removed-exports.ts";
import { type Repository, readRepository } from "./revision.ts";

/** The run of the plugin: builds, declares what was read, and writes the artifact. */
export async function bundle(context: RunContext<BundleOptions>): Promise<void> {
  // esbuild names files by their real paths: seen from a symlink, relative paths would tell where it lies.
  const projectDir = realpathSync(context.projectDir);
  forgetPackageJson();
  const attempts = new Attempts();
  const owner = `${projectDir}\0${JSON.stringify(context.options)}`;
  beginBuild(owner);
  try {
    await bundleOnce(context, { projectDir, attempts, owner });
  } catch (error) {
    // What would mend it is waited for.
    for (const { entry, metafile } of attempts.all)
      context.dependOn(...inputsOf(context, projectDir, entry, metafile));
    throw error;
  } finally {
    endBuild(owner);
  }
}

async function bundleOnce(
  context: RunContext<BundleOptions>,
  { projectDir, attempts, owner }: { projectDir: string; attempts: Attempts; owner: string },
): Promise<void> {
  const { options } = context;
  checkNoPlugnplay(projectDir);
  const entry = await findEntry(projectDir, options.entry);
  const name = fileName(context.app?.name ?? "app");

  context.progress(`bundling ${entry.path}`);
  const places = new Places(projectDir);
  const isStamped = options.revision ?? existsSync(path.join(projectDir, ".git"));
  const repository = isStamped ? readRepository(projectDir, context.signal) : undefined;
  // Whoever fails first tells; this one never does but for a cancelled build.
  repository?.catch(() => {});
  const {
    built,
    scripts,
    carried,
    packages: outside,
    excluded,
    given,
    found: foundNevertheless,
    missing,
  } = await gather({ projectDir, entry, name, options, attempts, owner }, places, context);
  const { format, main, metafile } = built;
  const bundles = [built, ...scripts.values()];
  const { code, map } = await finish(built, places, options);
  for (const [file, script] of scripts) {
    const { code, map } = await finish(script, places, options);
    carried.addScript(file, code, map);
  }
  const hasNamed = [options.assets, options.include, options.external].some((named) => named?.length);
  const found = [
    ...bundles
      .flatMap(({ warnings }) => toWarnings(warnings, hasNamed))
      .filter(
        ({ code, location }) =>
          code !== "SBP_BUNDLE_DYNAMIC" || !foundNevertheless.has(`${location?.file}:${location?.line}`),
      ),
    ...missing,
  ];
  const outsideNames = new Set(outside.map(({ name }) => name));
  const isCarried = (source: string, specifier: string) => {
    const folder = path.resolve(projectDir, path.dirname(source));
    const name = packageName(specifier);
    if (name !== undefined) return outsideNames.has(name);
    // Imports of carried packages are written from the main file's place.
    return [folder, path.resolve(projectDir, path.dirname(entry.path))].some((from) =>
      ["", ".js", ".json", ".node", "/index.js"].some((end) =>
        carried.has(path.resolve(from, specifier) + end),
      ),
    );
  };
  const left = leftImports({
    projectDir,
    metafile,
    main,
    external: options.external ?? [],
    excluded,
    isCarried,
  });
  found.push(...left.map(({ diagnostic }) => diagnostic));
  const refused = found.filter(({ severity }) => severity === "error");
  if (refused[0])
    throw new SbpError(refused[0].code, refused[0].message, { ...refused[0], diagnostics: refused });
  const strict = options.strict && strictError(found, '"strict"');
  if (strict) throw strict;
  for (const diagnostic of found) context.report(diagnostic);

  // To itself and to others, the main file is its source.
  const mainPlace = places.of(path.resolve(projectDir, entry.path)) ?? main;
  const { files: all, links, place } = carried.list(mainPlace);
  const bundled = bundles.flatMap(({ metafile }) => Object.keys(metafile.inputs));
  const platform = await perPlatform(all, {
    places,
    packages: outside,
    given,
    bundled: bundled.flatMap((input) => packageFolder(input) ?? []).map((of) => path.resolve(projectDir, of)),
    exclude: options.exclude ?? [],
    excluded,
  });
  const { manifest, inputs } = await manifestOf({ places, bundles, files: all, repository });
  for (const file of [...platform.lockFiles, ...inputs]) carried.depend({ file });
  const files = platform.others;

  const packages = listedPackages(projectDir, bundles, outside);
  context.log.debug(
    `${main}: ${code.byteLength} bytes, ${format}, ${Object.keys(metafile.inputs).length} files, ${packages.length} packages`,
  );

  for (const { name, because, files } of outside)
    context.log.debug(`${name} is carried, ${files.length} files: ${because}`);
  const decisions = decide({ packages, files, bundles, left, excluded });

  const meta = {
    format,
    main,
    place,
    ...(files.length > 0 && { carried: files.length }),
    ...(Object.keys(links).length > 0 && { links }),
    ...(platform.packages.length > 0 && { platformPackages: platform.packages.length }),
    entry: entry.path,
    packages: packages.length,
    bytes: code.byteLength,
    // Names are pinned in the code: a later minification need not do it again.
    keepNames: options.keepNames,
  };
  await context.write("bundle", meta, async (out) => {
    await Promise.all([
      // First: it is the largest by far, and written while the others are made.
      map && out.file(`${main}.map`, map),
      out.file(main, code),
      out.file("metafile.json", canonicalJson(metafile as unknown as JsonObject)),
      out.file(decisionsFile, decisionsText(decisions)),
      out.file(bundleManifestFile, JSON.stringify(manifest)),
      out.file("packages.json", `${JSON.stringify(packages, null, 2)}\n`),
    ]);
    for (const { path, content, executable, map } of files) {
      await out.file(`files/${path}`, content, { executable });
      if (map) await out.file(`maps/${path}.map`, map);
    }
  });
  // After the bundle: who watches has it already, and looks for inputs while the app starts.
  context.dependOn(
    ...bundles.flatMap((each) => inputsOf(context, projectDir, each.entry.path, each.metafile)),
    ...carriedInputs(carried, projectDir, context.projectDir),
  );
  const known = {
    packages: platform.packages,
    ...(options.strict && platform.packages.length > 0 && { strict: true }),
  };
  await context.write("platform-packages", known, async (out) => {
    for (const { path, content, executable } of platform.files) await out.file(path, content, { executable });
  });
}

/** What the executables will say of the bundle, with the files that this depends on. */
async function manifestOf({
  repository,
  ...request
}: Omit<ManifestRequest, "removedExports" | "bundles"> & {
  readonly bundles: ManifestRequest["bundles"] & RemovedExportsRequest["bundles"];
  readonly repository: Promise<Repository> | undefined;
}): Promise<{ readonly manifest: BundleManifest; readonly inputs: readonly string[] }> {
  const removed = await removedExports({ projectDir: request.places.projectDir, bundles: request.bundles });
  const { manifest, lockFiles } = gatherManifest({ ...request, removedExports: removed });
  const found = await repository;
  const sources = request.bundles
    .flatMap(({ metafile }) => Object.keys(metafile.inputs))
    .filter((input) => packageFolder(input) === undefined);
  const carried = request.files.flatMap(({ content }) => ("copyOf" in content ? content.copyOf : []));
  const source = found?.revision([
    ...sources.map((input) => path.resolve(request.places.projectDir, input)),
    ...carried.filter((file) => packageFolder(slashes(file)) === undefined),
  ]);
  return {
    manifest: { ...manifest, ...(source && { source }) },
    // Without one: whether there is a repository now.
    inputs: [...lockFiles, ...(found?.inputs ?? [path.join(request.places.projectDir, ".git/HEAD")])],
  };
}

function inputsOf(
  { projectDir: givenDir, options: { tsconfig } }: RunContext<BundleOptions>,
  projectDir: string,
  entry: string,
  metafile: Metafile,
): Dependency[] {
  return declaredInputs({ projectDir, givenDir, entry, metafile, ...(tsconfig && { tsconfig }) });
}

/** The carried files, those apart that depend on the target. */
async function perPlatform(
  files: readonly CarriedFile[],
  {
    exclude,
    excluded,
    ...request
  }: Omit<PlatformRequest, "files" | "isExcluded"> & {
    readonly exclude: readonly string[];
    readonly excluded: Excluded;
  },
): Promise<PlatformFiles> {
  const { projectDir } = request.places;
  if (request.packages.length === 0 && !files.some(({ path }) => path.endsWith(".node")))
    return { packages: [], files: [], others: files, lockFiles: [] };
  const { platformPackages } = await import("./platform-packages.ts");
  // As for files that are there: a folder's name stands for all in it.
  const patterns = exclude.flatMap((pattern) => [pattern, `${pattern}/**`]);
  const matches =
    exclude.length > 0 ? (await import("picomatch")).default(patterns, { dot: true }) : () => false;
  const isExcluded = (file: string) =>
    excluded.hasFile(file) || matches(slashes(path.relative(projectDir, file)));
  return await platformPackages({ ...request, files, isExcluded });
}

/** What decided the carried files, as the engine names files: relative to the project where they are in it. */
function carriedInputs(carried: CarriedFiles, projectDir: string, givenDir: string): Dependency[] {
  const name = (file: string) => {
    const relative = path.relative(projectDir, file);
    const isAbove = relative.startsWith("..") || path.isAbsolute(relative);
    return slashes(isAbove && projectDir !== givenDir ? file : relative || ".");
  };
  return carried.inputs().map((input) => {
    if ("file" in input) return { file: name(input.file) };
    if ("link" in input) return { link: name(input.link) };
    return "directory" in input ? { directory: name(input.directory) } : input;
  });
}

/** A file name from the app's name: without the scope, and without what file systems take amiss. */
function fileName(appName: string): string {
  const plain = appName.replace(/^@[^/]*\//, "").replace(/[^A-Za-z0-9._-]+/g, "-");
  return plain.replace(/^[.-]+/, "") || "app";
}
