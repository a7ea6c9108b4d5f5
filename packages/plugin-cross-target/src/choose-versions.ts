import { exitCodes, isSbpError, type ResolveContext, SbpError, type Target, targets } from "@sbp/core";
import majorOf from "semver/functions/major.js";
import rcompare from "semver/functions/rcompare.js";
import rsort from "semver/functions/rsort.js";
import satisfies from "semver/functions/satisfies.js";
import minVersion from "semver/ranges/min-version.js";
import type { LockedRuntime } from "./lock.ts";
import type { Need } from "./need.ts";
import { loadNpmOptions } from "./npm-options.ts";
import { fetchPackument, type Packument } from "./packument.ts";
import { packageOfTarget } from "./runtime-package.ts";

type Context = Pick<ResolveContext, "projectDir" | "signal" | "progress"> & { readonly host: Target };
type Packuments = ReadonlyMap<Target, Packument>;

/**
 * Chooses for every need the highest version that satisfies it and that all its targets have, and pins the
 * packages of every target that has it, so that the lock does not depend on what is built today.
 * Throws SBP_RUNTIME_VERSION and what asking the registry throws.
 */
export async function chooseVersions(
  needs: readonly Need[],
  context: Context,
): Promise<ReadonlyMap<string, LockedRuntime>> {
  const needed = new Set(needs.flatMap((need) => [...need.targets]));
  const packuments = await fetchPackuments(needed, context);
  const chosen = new Map<string, LockedRuntime>();
  for (const need of needs) {
    const version = commonVersions([...need.targets], need.range, packuments)[0];
    if (version === undefined) throw noCommonVersion(need, context.host, packuments);
    const packages = new Map<string, string>();
    for (const [target, packument] of packuments) {
      const published = packument.get(version);
      if (published) packages.set(packageOfTarget(target), published.integrity);
    }
    chosen.set(need.key, { version, packages });
  }
  return chosen;
}

async function fetchPackuments(needed: ReadonlySet<Target>, context: Context): Promise<Packuments> {
  const { progress } = context;
  const npmOptions = await loadNpmOptions(context.projectDir);
  // Where one fails, the others need not go on.
  const stop = new AbortController();
  const signal = AbortSignal.any([context.signal, stop.signal]);
  let done = 0;
  const packuments = new Map<Target, Packument>();
  await Promise.all(
    targets.map(async (target) => {
      // Also fixes the order, whichever answer comes first.
      packuments.set(target, new Map());
      try {
        packuments.set(
          target,
          await fetchPackument(packageOfTarget(target), { npmOptions, signal, progress }),
        );
      } catch (error) {
        // A mirror need not carry what nobody builds for.
        if (isAbsence(error) && !needed.has(target)) return;
        stop.abort(error);
        throw error;
      }
      done++;
      progress("looking for Node.js versions", { current: done, total: targets.length, unit: "items" });
    }),
  );
  return packuments;
}

function isAbsence(error: unknown): boolean {
  return isSbpError(error) && ["SBP_RUNTIME_NOT_FOUND", "SBP_REGISTRY_REFUSED"].includes(error.code);
}

/** Highest first. */
function commonVersions(of: readonly Target[], range: string, packuments: Packuments): readonly string[] {
  const [first, ...others] = of.map((target) => packuments.get(target)!);
  const common = [...first!.keys()].filter(
    (version) => satisfies(version, range) && others.every((packument) => packument.has(version)),
  );
  return rsort(common);
}

function noCommonVersion(
  { key, range, targets: needed }: Need,
  host: Target,
  packuments: Packuments,
): SbpError {
  const major = minVersion(range)?.major;
  const lines = [...needed].map((target) => {
    const versions = rsort(
      [...packuments.get(target)!.keys()].filter((version) => majorOf(version) === major),
    );
    const newest = versions.slice(0, 5).join(", ") || `none of ${major}`;
    return `  ${target}${target === host ? " (this machine, which prepares the payloads)" : ""}: ${newest}`;
  });
  return new SbpError(
    "SBP_RUNTIME_VERSION",
    `No version of Node.js satisfies "${key}" on every target. The newest of ${major} are:\n${lines.sort().join("\n")}`,
    { hint: cure(key, range, [...needed], host, packuments), exitCode: exitCodes.badUsage },
  );
}

/** Finds the one target that stands in the way of the highest version, and a version for it, where there is one. */
function cure(
  key: string,
  range: string,
  needed: readonly Target[],
  host: Target,
  packuments: Packuments,
): string {
  const others = needed.filter((target) => target !== host);
  const ways = others.flatMap((odd) => {
    const own = commonVersions([odd, host], range, packuments)[0];
    const rest = commonVersions(
      needed.filter((target) => target !== odd),
      range,
      packuments,
    )[0];
    return own === undefined || rest === undefined ? [] : [{ odd, own, rest }];
  });
  const best = ways.sort((a, b) => rcompare(a.rest, b.rest))[0];
  if (best) {
    return `Give ${best.odd} a version of its own: "runtime": { "default": "${key}", "${best.odd}": "node@${best.own}" }, or leave it out of "targets".`;
  }
  const newest = commonVersions([...new Set([...needed, host])], "*", packuments)[0];
  if (newest !== undefined && commonVersions([host], range, packuments).length === 0)
    return `The newest version that all of them have is ${newest}: "runtime": "node@${newest.split(".")[0]}".`;
  return `Take another range, leave targets out, or give one its own: "runtime": { "default": "${key}", "${others[0] ?? host}": "node@…" }.`;
}
