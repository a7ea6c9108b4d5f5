/*
 * How much of what an advisory is about is really there. From the file alone nothing is known of what runs: a level says where the
 * fault's code is, and what is ambiguous is called so.
 */
import type { Component } from "./inventory/inventory.ts";

export const levels = [
  /** In the lock file only. */
  "lockfile",
  /** The package was read, and the code with the fault was left out as nothing uses it. */
  "removed",
  /** In the executable, but nothing that the entry reaches depends on it. */
  "unreachable",
  /** The package is in; which code has the fault is named, and whether it is in cannot be told. */
  "undetermined",
  /** The package is in; nothing names the code with the fault. */
  "package",
  /** The code with the fault is in. */
  "code",
] as const;
export type Level = (typeof levels)[number];

export interface Evidence {
  readonly level: Level;
  /** One sentence, for people. */
  readonly because: string;
}

/** Files of a package that hold a fault, as its fix or the advisory names them; any of them is enough. */
export type FaultyFiles = readonly string[];

/**
 * @param functions the functions that the advisory names: `(lodash).template`
 * @param faulty the files with the fault, where they are known
 * @param reached whether the app's own code depends on the component, over others; undefined where that is not known
 * @param isProject a lock file is all that is known: there is no executable to look into
 */
export function evidenceOf(
  component: Component,
  functions: readonly string[],
  faulty: FaultyFiles | undefined,
  reached: boolean | undefined,
  isProject: boolean,
): Evidence {
  const { place } = component;
  if (place === "lockfile") return lockFileEvidence(component, isProject);
  if (place === "removed")
    return { level: "removed", because: "the bundler left out the whole package: nothing uses it" };
  const code = codeEvidence(component, functions, faulty);
  if (code.level === "removed" || reached !== false) return code;
  return {
    level: "unreachable",
    because: "it is in the executable, but nothing that the app's entry imports depends on it",
  };
}

function lockFileEvidence({ dev }: Component, isProject: boolean): Evidence {
  if (!isProject)
    return { level: "lockfile", because: "only the lock file has it: nothing of it is in the executable" };
  if (dev) return { level: "lockfile", because: "only development asks for it, by the lock file" };
  return {
    level: "undetermined",
    because: "the lock file has it; a scan of the executable tells whether that has it, too",
  };
}

function codeEvidence(
  component: Component,
  functions: readonly string[],
  faulty: FaultyFiles | undefined,
): Evidence {
  const { files, removedExports = [] } = component;
  if (faulty) {
    if (!files)
      return { level: "undetermined", because: `which files of it are there is not known (${faulty[0]})` };
    const there = faulty.filter((file) => files.includes(file));
    if (there.length > 0) return { level: "code", because: `${there.join(", ")} is in it` };
    return { level: "removed", because: `none of its files with the fault is in (${listed(faulty)})` };
  }
  const names = functions.map(functionName);
  // A function without a name of its own is the whole package.
  if (names.length === 0 || names.includes(undefined))
    return names.length === 0
      ? { level: "package", because: "the package is in; the advisory names no function or file" }
      : { level: "code", because: "the advisory is on all that the package does" };
  const named = names as string[];
  const own = files?.filter((file) => named.includes(stem(file))) ?? [];
  if (own.length > 0) return { level: "code", because: `${listed(own)} is in it` };
  // With one file left, no other can have a function of the same name.
  if (files?.length === 1 && named.every((name) => removedExports.includes(name)))
    return { level: "removed", because: `the bundler left out ${listed(named)}: nothing uses it` };
  return { level: "undetermined", because: `whether ${listed(named)} is in cannot be told` };
}

/** `(tar).Unpack` → `Unpack`, `(mongoose).Model.find` → `find`, `(word-wrap)` → undefined. */
function functionName(text: string): string | undefined {
  return /^\(?[^()]*\)?\.(?:.*\.)?([^.]+)$/.exec(text.replace(/^\([^)]*\)$/, ""))?.[1];
}

/** `lib/pick.js` → `pick`. */
function stem(file: string): string {
  return file.slice(file.lastIndexOf("/") + 1).replace(/\.[cm]?[jt]sx?$/, "");
}

function listed(names: readonly string[]): string {
  return names.length > 4 ? `${names.slice(0, 4).join(", ")} and ${names.length - 4} more` : names.join(", ");
}

/** How the app's own code comes to depend on a component. */
export interface Reach {
  /** Undefined where the edges are not known, and for what is no package of npm. */
  readonly reached: boolean | undefined;
  /** The index of what the app itself imports and that needs it, over others; undefined for what the app imports itself. */
  readonly via: number | undefined;
}

/** Of each component. Only packages of npm are told of: the runtime is always reached. */
export function reachOf(
  components: readonly Component[],
  direct: readonly number[] | undefined,
): readonly Reach[] {
  if (!direct) return components.map(() => ({ reached: undefined, via: undefined }));
  const roots = new Map<number, number>(direct.map((index) => [index, index]));
  const open = [...direct];
  for (let at = 0; at < open.length; at++)
    for (const index of components[open[at]!]?.dependencies ?? []) {
      if (roots.has(index)) continue;
      roots.set(index, roots.get(open[at]!)!);
      open.push(index);
    }
  return components.map(({ kind }, index) => {
    if (kind !== "npm") return { reached: undefined, via: undefined };
    const root = roots.get(index);
    return { reached: root !== undefined, via: root === index ? undefined : root };
  });
}
