import { compareDebianVersions } from "./debian-version.ts";
import { compareVersions, parseVersion } from "./version.ts";

/** How versions of an ecosystem are ordered. */
export interface Ordering {
  isVersion(text: string): boolean;
  /** Negative, 0 or positive; of two versions. */
  compare(a: string, b: string): number;
}

const semver: Ordering = {
  isVersion: (text) => parseVersion(text) !== undefined,
  compare: (a, b) => compareVersions(parseVersion(a)!, parseVersion(b)!),
};

const debian: Ordering = {
  isVersion: (text) => /^[0-9][A-Za-z0-9.+:~-]{0,200}$/.test(text),
  compare: compareDebianVersions,
};

/** Undefined for ecosystems that are none of ours: `npm`, `Go`, and `Debian:12` with whatever release. */
export function orderingOf(ecosystem: string): Ordering | undefined {
  // Go's pseudo-versions are prereleases by SemVer, and "+incompatible" is build metadata (go.dev/ref/mod#versions).
  if (ecosystem === "npm" || ecosystem === "Go") return semver;
  return /^Debian:\d{1,3}$/.test(ecosystem) ? debian : undefined;
}
