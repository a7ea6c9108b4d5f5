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
  type PlatformAlternative,
  type PlatformFile,
  type RunContext,
  SbpError,
  type Target,
} from "@sbp/core";
import { nativeFacts } from "@sbp/executable";
import { missingProblem } from "./addon-problem.ts";
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
import { fetchPackage } from "./fetch-package.ts";
import { isIntegrity } from "./lock.ts";
import { loadNpmOptions } from "./npm-options.ts";
import type { Options } from "./options.ts";

type Context = RunContext<Options>;

/** Downloads at once. */
const most = 4;

/** No code looks for these at run time. */
const documentation = /\.(?:d\.[cm]?ts|md|markdown|map)$/i;

interface LanePackage {
  readonly name: string;
  readonly version: string;
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
    ...(fetched.length > 0 && { fetched: fetched.map(({ name, version }) => ({ name, version })) }),
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

async function fetchAll(wanted: readonly WantedPackage[], lane: Lane, context: Context) {
  const { projectDir, signal, offline } = context;
  if (offline) throw offlineError(wanted, lane.target);
  const npmOptions = await loadNpmOptions(projectDir);
  const progress: Context["progress"] = (message, state) => context.progress(message, state);
  const problems: Diagnostic[] = [];
  const packages: (LanePackage | undefined)[] = [];
  const folder = await context.tmp();
  const waiting = wanted.entries();
  const worker = async () => {
    for (const [index, { alternative, of }] of waiting) {
      const { name, place } = alternative;
      const { version, integrity, keep } = pinned(alternative, lane.target, context);
      const own = join(folder, `${index}`);
      await mkdir(own);
      const { files, integrity: found } = await fetchPackage({
        package: name,
        version,
        integrity,
        folder: own,
        npmOptions,
        signal,
        progress,
      });
      keep(found);
      if (!(await isForTarget(files, alternative, lane.target))) continue;
      const native = await Promise.all(
        files.map(
          async ({ path, file }): Promise<PlatformFile> => ({
            file: path,
            ...(await nativeFacts(file, path.endsWith(".node"))),
          }),
        ),
      );
      const chosen = choosePlatformFiles(native, lane);
      const problem = problemOf(chosen, { ...of, name, version }, lane, alternative);
      if (problem) problems.push(problem);
      const taken = new Set(chosen.files);
      const left = files.filter(({ path }) => taken.has(path) && !documentation.test(path));
      packages[index] = { name, version, place, files: left };
    }
  };
  await Promise.all(Array.from({ length: most }, worker));
  for (const of of new Set(wanted.map((one) => one.of)))
    if (!wanted.some((one, index) => one.of === of && packages[index]))
      problems.push(missingProblem(of, lane.target));
  return { packages: packages.filter((one) => one !== undefined), problems };
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
