/*
 * The packages of one lane: of those that are installed the files that its target can load, and from the registry those
 * that are not installed, in the version and with the digest that the project's lock file has.
 *
 *   platform-packages ─► choose for the target ─┬─► files that are there ─────────────────┬─► target-packages
 *                                               └─► registry ─► verified ─► their files ──┘
 */
import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import {
  type Diagnostic,
  exitCodes,
  isSbpError,
  type PlatformAlternative,
  type PlatformFile,
  type PlatformPackage,
  type RunContext,
  SbpError,
  type Target,
} from "@sbp/core";
import { nativeFacts } from "@sbp/executable";
import { missingProblem, unpublishedProblem } from "./addon-problem.ts";
import {
  choosePackages,
  choosePlatformFiles,
  fits,
  type Lane,
  problemOf,
  readPlatformPackages,
  type WantedPackage,
} from "./choose-packages.ts";
import type { PackageFile } from "./extract-package.ts";
import { type FetchedPackage, fetchPackage } from "./fetch-package.ts";
import { isIntegrity } from "./lock.ts";
import { loadNpmOptions } from "./npm-options.ts";
import type { Options } from "./options.ts";
import type { RegistryAccess } from "./registry.ts";

type Context = RunContext<Options>;

/** Downloads at once. */
const most = 4;

/** No code looks for these at run time. */
const documentation = /\.(?:d\.[cm]?ts|md|markdown|map)$/i;

interface LanePackage {
  readonly name: string;
  readonly version: string;
  /** Of its archive, a SHA-512. */
  readonly integrity: string;
  /** Where its files go, and what they are. */
  readonly place: string;
  readonly files: readonly PackageFile[];
}

/**
 * Makes the artifact of a lane's packages, for most apps an empty one.
 * Throws SBP_ADDON_*, SBP_PACKAGE_*, SBP_REGISTRY_*, SBP_OFFLINE, SBP_NPM_CONFIG.
 */
export async function provideTargetPackages(context: Context): Promise<void> {
  const { target, artifacts, pins } = context;
  const installed = artifacts["platform-packages"]!;
  const lane: Lane = { target: target!, abi: pins?.["abi"] as number | undefined };
  const chosen = choosePackages(readPlatformPackages(installed.meta), lane);
  const problems = [...chosen.problems];
  tell(problems, installed.meta["strict"] === true, context);
  const fetched: LanePackage[] = [];
  if (chosen.fetch.length > 0) {
    const found = await fetchAll(chosen.fetch, lane, context);
    tell(found.problems, installed.meta["strict"] === true, context);
    fetched.push(...found.packages);
  }
  const meta = {
    ...(fetched.length > 0 && {
      fetched: fetched.map(({ name, version, place, integrity }) => ({ name, version, place, integrity })),
    }),
  };
  await context.write("target-packages", meta, async (out) => {
    const executable = new Map(installed.files.map((file) => [file.path, file.executable]));
    for (const file of chosen.files)
      await out.file(file, { artifact: installed, file }, { executable: executable.get(file) === true });
    for (const { place, files } of fetched)
      for (const { path, file, executable } of files)
        await out.file(`${place}/${path}`, { copyOf: file }, { executable });
  });
}

/** Ends with the errors, or reports what is none. */
function tell(problems: readonly Diagnostic[], strict: boolean, context: Context): void {
  const errors = problems.filter(({ severity }) => strict || severity === "error");
  const [first] = errors;
  if (first) throw new SbpError(first.code, first.message, { ...first, diagnostics: errors });
  for (const problem of problems) context.report(problem);
}

interface Fetched {
  readonly package?: LanePackage;
  readonly problem?: Diagnostic | undefined;
}

async function fetchAll(wanted: readonly WantedPackage[], lane: Lane, context: Context) {
  if (context.offline) throw offlineError(wanted, lane.target);
  const npmOptions = await loadNpmOptions(context.projectDir);
  const folder = await context.tmp();
  const stop = new AbortController();
  const signal = AbortSignal.any([context.signal, stop.signal]);
  const progress: Context["progress"] = (message, state) => context.progress(message, state);
  const results: Fetched[] = [];
  const failures: unknown[] = [];
  const waiting = wanted.entries();
  const worker = async () => {
    for (const [index, one] of waiting) {
      const own = join(folder, `${index}`);
      try {
        await mkdir(own);
        results[index] = await fetchOne(one, lane, { context, npmOptions, signal, progress, folder: own });
      } catch (error) {
        failures.push(error);
        // Nobody writes any more when this is told.
        stop.abort();
        return;
      }
    }
  };
  await Promise.all(Array.from({ length: most }, worker));
  if (failures.length > 0) throw failures[0];
  const ofPackages = [...new Set(wanted.filter(({ isOnly }) => isOnly).map((one) => one.of))];
  // Or was told to be absent.
  const isThere = (of: PlatformPackage) =>
    wanted.some((one, index) => one.of === of && (results[index]!.package || isUnpublished(results[index]!)));
  return {
    packages: results.flatMap((result) => result.package ?? []),
    problems: [
      ...results.flatMap(({ problem }) => problem ?? []),
      ...ofPackages.filter((of) => !isThere(of)).map((of) => missingProblem(of, lane.target)),
    ],
  };
}

function isUnpublished({ problem }: Fetched): boolean {
  return problem?.code === "SBP_PACKAGE_NOT_FOUND";
}

/** Without a package for one that is for another target, as it turns out. */
async function fetchOne(
  { alternative, of }: WantedPackage,
  lane: Lane,
  { context, ...access }: RegistryAccess & { readonly context: Context; readonly folder: string },
): Promise<Fetched> {
  const { name, place } = alternative;
  const { version, integrity, keep } = pinned(alternative, lane.target, context);
  let fetched: FetchedPackage;
  try {
    fetched = await fetchPackage({ package: name, version, integrity, ...access });
  } catch (error) {
    // What is optional and was perhaps never published is to npm as if nobody had asked. A lock file with a digest knows better.
    const isAbsent = isSbpError(error) && error.code === "SBP_PACKAGE_NOT_FOUND";
    if (!isAbsent || of.required || integrity !== undefined) throw error;
    return { problem: unpublishedProblem(of, error, lane.target) };
  }
  keep(fetched.integrity);
  const { files } = fetched;
  if (!(await isForTarget(files, alternative, lane.target))) return {};
  const known: PlatformFile[] = [];
  for (const { path, file } of files)
    known.push({ file: path, ...(await nativeFacts(file, path.endsWith(".node"))) });
  const chosen = choosePlatformFiles(known, lane);
  const taken = new Set(chosen.files);
  const left = files.filter(({ path }) => taken.has(path) && !documentation.test(path));
  return {
    package: { name, version, integrity: fetched.integrity, place, files: left },
    problem: problemOf(chosen, { ...of, name, version }, lane, alternative),
  };
}

/** The version and the digest, from the project's lock file, or the digest from sbp.lock.json; else it is pinned now. */
function pinned({ name, version, integrity }: PlatformAlternative, target: Target, context: Context) {
  if (version === undefined)
    throw new SbpError(
      "SBP_PACKAGE_VERSION",
      `${name} is needed for ${target}, and no lock file of the project tells its version`,
      {
        hint: "Lock the project's packages (npm install --package-lock-only), or install it for the target: npm install --os=… --cpu=….",
        exitCode: exitCodes.badUsage,
      },
    );
  if (isIntegrity(integrity)) return { version, integrity, keep: () => {} };
  const key = `${name}@${version}`;
  const kept = context.pinned(key);
  if (kept !== undefined && !isIntegrity(kept))
    throw new SbpError(
      "SBP_LOCK_INVALID",
      `sbp.lock.json is damaged: the integrity of ${key} is not a SHA-512`,
      {
        hint: "Restore it from version control, or delete that line to pin the package anew.",
        exitCode: exitCodes.badUsage,
      },
    );
  return { version, integrity: kept, keep: (found: string) => context.pin(key, found) };
}

/** Where only its name was known, the package itself says for whom it is. */
async function isForTarget(
  files: readonly PackageFile[],
  alternative: PlatformAlternative,
  target: Target,
): Promise<boolean> {
  if (alternative.os || alternative.cpu) return true;
  const manifest = files.find(({ path }) => path === "package.json");
  try {
    const { os, cpu, libc } = JSON.parse(await readFile(manifest!.file, "utf8")) as Record<string, unknown>;
    const [systems, processors, libcs] = [os, cpu, libc].map(listOf);
    if (!systems && !processors) return true;
    const limits = {
      ...(systems && { os: systems }),
      ...(processors && { cpu: processors }),
      ...(libcs && { libc: libcs }),
    };
    return fits({ ...alternative, ...limits }, target);
  } catch {
    return false;
  }
}

function listOf(value: unknown): readonly string[] | undefined {
  return Array.isArray(value) && value.every((one) => typeof one === "string") ? value : undefined;
}

function offlineError(wanted: readonly WantedPackage[], target: Target): SbpError {
  const names = wanted.map(({ alternative: { name, version } }) => `${name}@${version ?? "?"}`);
  return new SbpError(
    "SBP_OFFLINE",
    `The packages for ${target} are not in the store, and the network may not be used: ${names.join(", ")}`,
    {
      hint: "Build once without --offline: the store then keeps them. Or install them for the target: npm install --os=… --cpu=….",
    },
  );
}
