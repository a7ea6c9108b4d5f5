import { minVersion, satisfies, validRange } from "semver";
import type { CoreEntry } from "./core-index.ts";

/** Versions before a release ("26.0.0-nightly…") count as inside of the range that has the release. */
const options = { includePrerelease: true } as const;

/** Whether a version of Node.js on a platform (`linux`, `win32`) is affected. */
export function coreAffects(entry: CoreEntry, version: string, platform: string | undefined): boolean {
  const { vulnerable, patched, platforms } = entry;
  const here = platforms.includes("all") || platform === undefined || platforms.includes(platform);
  if (!here) return false;
  if (!satisfies(version, vulnerable, options)) return false;
  // A patched line's prereleases came before its fix.
  return patched.trim() === "" || !satisfies(version, patched);
}

/** The version that mends it within the line of `version`; else the lowest of a later line; undefined for none. */
export function coreFixedIn({ patched }: CoreEntry, version: string): string | undefined {
  const major = Number(version.split(".", 1)[0]);
  const fixes = patched
    .split("||")
    .map((range) => range.trim())
    .filter((range) => range !== "" && validRange(range) !== null)
    .flatMap((range) => minVersion(range) ?? [])
    .sort((a, b) => a.compare(b));
  return (fixes.find((fix) => fix.major === major) ?? fixes.find((fix) => fix.major > major))?.version;
}
