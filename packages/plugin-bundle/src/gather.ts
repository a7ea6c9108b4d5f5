/*
 * From the entry to all that an executable needs: the bundle, and the files that it will look for at run time.
 *
 *   build ─► places of sources ─► files they name ─► carried
 *
 * An app that names none pays for looking only.
 */
import path from "node:path";
import type { Diagnostic } from "@sbp/core";
import { carryGlobs } from "./assets.ts";
import { type BuildRequest, type Built, build } from "./build.ts";
import { CarriedFiles } from "./carried-files.ts";
import { lostDecoratorTypes } from "./decorators.ts";
import { slashes } from "./entry.ts";
import { type NamedPath, namedPaths } from "./named-paths.ts";
import { nativePackages } from "./native.ts";
import { unknown } from "./path-value.ts";
import type { Places } from "./places.ts";
import { isDependency, locationOf, runTimeFiles } from "./run-time-files.ts";

export interface Gathered {
  readonly built: Built;
  readonly carried: CarriedFiles;
  /** What the app will miss at run time. */
  readonly missing: readonly Diagnostic[];
}

/** Throws what `build` throws. */
export async function gather(request: BuildRequest, places: Places, signal: AbortSignal): Promise<Gathered> {
  const { projectDir, options } = request;
  const built = await build(request, signal);
  const exclude = options.exclude ?? [];
  const carried = new CarriedFiles(places, await excluded(exclude, projectDir));
  const assets = await carryGlobs("assets", options.assets, exclude, carried);
  const include = await carryGlobs("include", options.include, exclude, carried);
  const missing = [...assets.diagnostics, ...include.diagnostics, ...carryNamed(built, projectDir, carried)];
  carried.addManifests();
  return {
    built,
    carried,
    missing: [
      ...missing,
      ...nativePackages(projectDir, built.metafile, built.main),
      ...lostDecoratorTypes(projectDir, built.metafile, options.tsconfig),
    ],
  };
}

/** Carries what the code names by its own place; tells of what cannot be. */
function carryNamed(built: Built, projectDir: string, carried: CarriedFiles): Diagnostic[] {
  const { text: code, uses, metafile, parsedMap: map } = built;
  const named = uses.length === 0 ? [] : namedPaths({ projectDir, code, map: map(), uses });
  /** Lines that need no other finding, and those that have one. */
  const told = new Set<string>();
  const complained = new Set<string>();
  const found = named.flatMap((path): Diagnostic[] => {
    const { position } = path;
    if (!(position.source in metafile.inputs)) return [];
    const key = `${position.source}:${position.line}`;
    const diagnostic = carryOne(path, projectDir, carried);
    if (path.role === "worker" || path.role === "child") told.add(key);
    if (!diagnostic || complained.has(key)) return [];
    complained.add(key);
    told.add(key);
    return [{ ...diagnostic, location: locationOf(projectDir, position) }];
  });
  const others = runTimeFiles({ projectDir, code, map, metafile }).filter(
    ({ location }) => !told.has(`${location?.file}:${location?.line}`),
  );
  return [...found, ...others].sort(inOrder(metafile.inputs));
}

function carryOne(
  named: NamedPath,
  projectDir: string,
  carried: CarriedFiles,
): Omit<Diagnostic, "location"> | undefined {
  const source = slashes(path.resolve(projectDir, named.position.source));
  const severity = isDependency(named.position.source) ? "info" : "warning";
  if (named.role === "package")
    return {
      severity,
      code: "SBP_BUNDLE_DYNAMIC",
      message: `"${named.path}" is looked up at run time and is not in the bundle`,
      hint: "Import it instead.",
    };
  if (severity === "info")
    return {
      severity,
      code: "SBP_BUNDLE_FILE",
      message: "This path leads to files beside the source, which are not in the executable",
    };
  if (named.path === source) return undefined;
  const module = named.role === "module" ? carried.module(named.path) : undefined;
  const files = module === undefined ? carried.named(named.path, source) : [module];
  if (files === undefined)
    return {
      severity,
      code: "SBP_BUNDLE_FILE",
      message: "Which files this path leads to only shows at run time",
      hint: 'Name them in "assets" of the step bundle.',
    };
  const outside = files.filter((file) => !carried.add(file) && carried.places.of(file) === undefined);
  if (outside.length > 0)
    return {
      severity,
      code: "SBP_BUNDLE_FILE",
      message: `"${shown(named.path, projectDir)}" lies outside of the workspace and is not in the executable`,
      hint: "Executables mirror the tree of the sources: move it below the project or its workspace.",
    };
  if (files.length > 0) return undefined;
  return {
    severity,
    code: "SBP_BUNDLE_FILE",
    message: `"${shown(named.path, projectDir)}" is not there, and so not in the executable`,
    hint: 'If it is made later, make it before the build; other files can be named in "assets" of the step bundle.',
  };
}

function shown(file: string, projectDir: string): string {
  return slashes(path.relative(projectDir, file)).replaceAll(unknown, "…");
}

/** By source as the bundle has them, then by line. */
function inOrder(inputs: Readonly<Record<string, unknown>>) {
  const order = new Map(Object.keys(inputs).map((source, index) => [source, index]));
  const key = ({ location }: Diagnostic) => order.get(location?.file ?? "") ?? 0;
  return (a: Diagnostic, b: Diagnostic) =>
    key(a) - key(b) || (a.location?.line ?? 0) - (b.location?.line ?? 0);
}

async function excluded(patterns: readonly string[], projectDir: string): Promise<(file: string) => boolean> {
  if (patterns.length === 0) return () => false;
  const { glob } = await import("tinyglobby");
  const found = await glob([...patterns], { cwd: projectDir, absolute: true, dot: true });
  const files = new Set(found.map((file) => path.normalize(file)));
  return (file) => files.has(file);
}
