import type { Diagnostic, PlatformFile, PlatformPackage, SbpError, Target } from "@sbp/core";
import type { Lane } from "./choose-packages.ts";
import { nodeOfAbi } from "./module-version.ts";

/** Tells what a lane lacks. An error where the app needs the package; a warning where somebody takes it only where it is there. */
export type AddonProblem = Diagnostic;

const longestList = 8;

export function missingProblem(one: PlatformPackage, target: Target): AddonProblem {
  const targets = [...new Set(one.binaries.flatMap((file) => file.targets ?? []))];
  const names = one.alternatives.map(({ name }) => name).filter((name) => name !== one.name);
  const there = [...targets, ...names];
  const shown = there.slice(0, longestList).join(", ");
  const more = there.length > longestList ? ` and ${there.length - longestList} more` : "";
  const isBuilt = targets.length === 1 && names.length === 0;
  return {
    ...severityOf(one),
    code: "SBP_ADDON_MISSING",
    message: `${subject(one)} has nothing for ${target}${there.length > 0 ? `, only ${shown}${more}` : ""}`,
    hint: (isBuilt ? "It was built or fetched where it was installed. " : "") + cures(one, target),
  };
}

/** A package for the target alone that the registry does not have, of one that somebody takes only where it is there. */
export function unpublishedProblem(
  one: PlatformPackage,
  { message }: SbpError,
  target: Target,
): AddonProblem {
  return {
    ...severityOf(one),
    code: "SBP_PACKAGE_NOT_FOUND",
    message: `${message}: ${subject(one)} is missing for ${target}, and what asks for it does without`,
    hint: `If it should be there, check npm's \`registry\` setting. Where it is not wanted: "exclude": ["${one.name}"] of the step bundle.`,
  };
}

/** The file of a package that says of itself that it is for the target. */
export function formatProblem(one: PlatformPackage, { file, targets }: PlatformFile, target: Target) {
  const what = targets?.length ? `it is for ${targets.join(", ")}` : "it is for none that sbp knows";
  return {
    ...severityOf(one),
    code: "SBP_ADDON_FORMAT",
    message: `${subject(one)} brings ${file}, which cannot be loaded on ${target}: ${what}`,
    hint: `The package or its installation is damaged: install it again. ${cures(one, target)}`,
  } satisfies AddonProblem;
}

export function abiProblem(one: PlatformPackage, { file, abi }: PlatformFile, { target, ...lane }: Lane) {
  return {
    ...severityOf(one),
    code: "SBP_ADDON_ABI",
    message: `${file} of ${subject(one)} is built for ${nodeOfAbi(abi)}, and the runtime for ${target} is ${nodeOfAbi(lane.abi)}`,
    hint: `Build it with the runtime's version of Node on PATH (npm rebuild ${one.name}), name yours as "runtime" of the step cross-target, or take a version that uses Node-API, which fits every Node.`,
  } satisfies AddonProblem;
}

function severityOf({ required }: PlatformPackage): { readonly severity: Diagnostic["severity"] } {
  return { severity: required ? "error" : "warning" };
}

function subject({ name, version }: PlatformPackage): string {
  return version === "" ? `"${name}"` : `"${name}" ${version}`;
}

function cures({ name, version, alternatives }: PlatformPackage, target: Target): string {
  if (version === "")
    return `Put the addon for ${target} beside it, or leave the target out. Where the app works without it: "exclude": ["${name}"] of the step bundle.`;
  const names = alternatives.map((one) => one.name).filter((other) => other !== name);
  const left = names.length > 0 ? `${commonStart(names)}*/**` : `${name}/**/*.node`;
  return `Take a version that has it for ${target}, build on such a machine, or leave the target out. Where the app works without it: "exclude": ["node_modules/${left}"] of the step bundle.`;
}

function commonStart(names: readonly string[]): string {
  const [first = "", ...others] = names;
  let length = first.length;
  while (!others.every((name) => name.startsWith(first.slice(0, length)))) length--;
  return first.slice(0, length);
}
