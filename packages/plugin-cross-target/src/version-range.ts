/*
 * Ranges of versions, by semver's rules. Most requests are as plain as "26" or "26.10.0": they are answered here, for
 * semver takes longer to load than everything else that a build with nothing to do does in this package.
 */

/** Up to three numbers: a version, or the beginning of one. */
const plain = /^(?:0|[1-9]\d{0,5})(?:\.(?:0|[1-9]\d{0,5})){0,2}$/;

export async function isRange(text: string): Promise<boolean> {
  if (plain.test(text)) return true;
  const { default: validRange } = await import("semver/ranges/valid.js");
  return validRange(text) !== null;
}

/** The version that a text is, without a leading "v"; undefined for what is none. */
export async function exactVersionOf(text: string): Promise<string | undefined> {
  const { default: valid } = await import("semver/functions/valid.js");
  return valid(text) ?? undefined;
}

/** True for an exact version that lies in a range. */
export async function isInRange(version: string, range: string): Promise<boolean> {
  const isRelease = /^\d+\.\d+\.\d+$/.test(version);
  if (isRelease && plain.test(range)) return version === range || version.startsWith(`${range}.`);
  const { default: satisfies } = await import("semver/functions/satisfies.js");
  return satisfies(version, range);
}
