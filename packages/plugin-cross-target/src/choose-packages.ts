/*
 * Which files of the packages that differ per target a lane takes, of what the bundle has found and what it knows of.
 */
import path from "node:path";
import type {
  Diagnostic,
  JsonObject,
  PlatformAlternative,
  PlatformFile,
  PlatformPackage,
  Target,
} from "@sbp/core";
import { type AddonProblem, abiProblem, formatProblem, missingProblem } from "./addon-problem.ts";

export interface ChosenPackages {
  /** In the artifact, and at the same place among the app's files. */
  readonly files: readonly string[];
  /** Those that are not installed, with who asks for them. */
  readonly fetch: readonly WantedPackage[];
  readonly problems: readonly Diagnostic[];
}

export interface WantedPackage {
  readonly alternative: PlatformAlternative;
  readonly of: PlatformPackage;
  /** Nothing else that it needs for the target is there. */
  readonly isOnly: boolean;
}

export interface Lane {
  readonly target: Target;
  /** NODE_MODULE_VERSION of its runtime, where it is known. */
  readonly abi: number | undefined;
}

/** Chooses for a lane. Of what the other targets take nothing is among the files. */
export function choosePackages(packages: readonly PlatformPackage[], lane: Lane): ChosenPackages {
  const files: string[] = [];
  const fetch: WantedPackage[] = [];
  const problems: Diagnostic[] = [];
  for (const one of packages) {
    const own = choosePlatformFiles(one.binaries, lane);
    files.push(...own.files);
    const alternatives = withoutSecondToolchain(one.alternatives.filter((each) => fits(each, lane.target)));
    let problem: AddonProblem | undefined;
    for (const alternative of alternatives) {
      if (!alternative.files) {
        fetch.push({
          alternative,
          of: one,
          isOnly: !own.hasAddon && alternatives.every(({ files }) => !files),
        });
        continue;
      }
      const chosen = choosePlatformFiles(alternative.files, lane);
      files.push(...chosen.files);
      problem ??= problemOf(chosen, { ...one, name: alternative.name }, lane, alternative);
    }
    if (alternatives.length === 0) problem = problemOf(own, one, lane);
    if (problem) problems.push(problem);
  }
  return { files: [...new Set(files)].sort(), fetch, problems };
}

/** What a lane takes of files, some of them native. */
export interface ChosenFiles {
  readonly files: readonly string[];
  /** Addons among all. */
  readonly addons: readonly PlatformFile[];
  /** One for another version of Node than the runtime, of which there is no other form. */
  readonly otherAbi: PlatformFile | undefined;
  /** Some of these fit the runtime. */
  readonly hasAddon: boolean;
}

export function choosePlatformFiles(all: readonly PlatformFile[], { target, abi }: Lane): ChosenFiles {
  const forTarget = all.filter(({ targets }) => targets === undefined || targets.includes(target));
  const isOther = (file: PlatformFile) => file.abi !== undefined && abi !== undefined && file.abi !== abi;
  const isAddon = ({ file, targets }: PlatformFile) => targets !== undefined && file.endsWith(".node");
  const taken = forTarget.filter((file) => !isOther(file));
  const served = new Set(taken.filter(isAddon).map(({ file }) => stem(file)));
  return {
    files: taken.map(({ file }) => file),
    addons: all.filter(isAddon),
    otherAbi: forTarget.find((file) => isAddon(file) && isOther(file) && !served.has(stem(file.file))),
    hasAddon: taken.some(isAddon),
  };
}

/** What several files are forms of: of a folder of prebuilds one is loaded, elsewhere the same name means the same addon. */
function stem(file: string): string {
  const { dir, base } = path.posix.parse(file);
  return dir.includes("/prebuilds/") ? dir : base.split(".", 1)[0]!;
}

/** What is wrong with a package's files for a lane. `alternative`: it says itself for whom it is. */
export function problemOf(
  { addons, otherAbi, hasAddon }: ChosenFiles,
  one: PlatformPackage,
  lane: Lane,
  alternative?: PlatformAlternative,
): AddonProblem | undefined {
  // Whatever else is there: a package may bring what only looks like an addon, such as an extension of SQLite's.
  if (otherAbi) return abiProblem(one, otherAbi, lane);
  if (hasAddon) return undefined;
  if (alternative) return addons.length > 0 ? formatProblem(one, addons[0]!, lane.target) : undefined;
  if (addons.length > 0) return missingProblem(one, lane.target);
  const isFamily = one.alternatives.length > 1 || one.alternatives[0]?.name === one.name;
  if (isFamily) return missingProblem(one, lane.target);
  // A program for one target alone was fetched for the machine that installed it.
  const targets = new Set(one.binaries.flatMap((file) => file.targets ?? []));
  const isMissing = targets.size === 1 && !targets.has(lane.target);
  // The author of one that came with its package has it for one system, and does without on others.
  const isForOthers = one.shipped && ![...targets].some((of) => systemOf(of) === systemOf(lane.target));
  if (isForOthers) return undefined;
  return isMissing ? missingProblem({ ...one, required: false }, lane.target) : undefined;
}

function systemOf(target: Target): string {
  return target.split("-", 1)[0]!;
}

/** As npm decides it; by the name alone where nothing else is known. */
export function fits({ name, os, cpu, libc }: PlatformAlternative, target: Target): boolean {
  const [system, processor] = target.split("-") as [string, string];
  if (!os && !cpu) return mayFit(name, system, processor);
  const hasLibc = system !== "linux" || isListed(libc, "glibc");
  return isListed(os, system) && isListed(cpu, processor) && hasLibc;
}

/** Lists of package.json: some names, or all but "!some". */
function isListed(list: readonly string[] | undefined, name: string): boolean {
  if (!list || list.length === 0 || (list.length === 1 && list[0] === "any")) return true;
  if (list.includes(`!${name}`)) return false;
  return list.includes(name) || list.every((one) => one.startsWith("!"));
}

const systemWords: Readonly<Record<string, readonly string[]>> = {
  linux: ["linux"],
  darwin: ["darwin", "macos", "osx"],
  win32: ["win32", "windows", "win"],
};
const processorWords: Readonly<Record<string, readonly string[]>> = {
  x64: ["x64", "amd64", "64", "universal"],
  arm64: ["arm64", "aarch64", "universal"],
};

function mayFit(name: string, system: string, processor: string): boolean {
  const words = name.toLowerCase().split(/[^a-z0-9]+/);
  const has = (wanted: readonly string[] | undefined) => wanted?.some((word) => words.includes(word));
  return Boolean(has(systemWords[system]) && has(processorWords[processor]) && !words.includes("musl"));
}

/** Windows has two: official Node is made with Microsoft's. */
function withoutSecondToolchain(
  alternatives: readonly PlatformAlternative[],
): readonly PlatformAlternative[] {
  const names = new Set(alternatives.map(({ name }) => name));
  return alternatives.filter(({ name }) => {
    const other = name.replace(/-gnu(?:llvm)?$/, "-msvc");
    return other === name || !names.has(other);
  });
}

/** Reads what the meta of `platform-packages` holds: this engine's own, of a bundler that may be anybody's. */
export function readPlatformPackages(meta: JsonObject): readonly PlatformPackage[] {
  const { packages } = meta;
  return Array.isArray(packages) ? (packages as unknown as readonly PlatformPackage[]) : [];
}
