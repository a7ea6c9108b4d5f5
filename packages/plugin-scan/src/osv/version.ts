/** A version by SemVer 2.0.0 §2 and §9; build metadata (§10) has no say in an order and is left out. */
export interface Version {
  readonly numbers: readonly [number, number, number];
  /** Empty for a release. Numbers are those identifiers that are compared as such. */
  readonly prerelease: readonly (string | number)[];
}

const shape =
  /^v?(0|[1-9]\d{0,15})\.(0|[1-9]\d{0,15})\.(0|[1-9]\d{0,15})(?:-([0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?(?:\+[0-9A-Za-z.-]+)?$/;
const longest = 256;

/** Undefined for what is no version. */
export function parseVersion(text: string): Version | undefined {
  const match = text.length <= longest ? shape.exec(text.trim()) : null;
  if (!match) return undefined;
  const numbers = [Number(match[1]), Number(match[2]), Number(match[3])] as const;
  const prerelease = match[4]?.split(".").map((one) => (/^(0|[1-9]\d{0,15})$/.test(one) ? Number(one) : one));
  return { numbers, prerelease: prerelease ?? [] };
}

/** Negative, 0 or positive, by SemVer 2.0.0 §11. */
export function compareVersions(a: Version, b: Version): number {
  for (const index of [0, 1, 2] as const) {
    const difference = a.numbers[index] - b.numbers[index];
    if (difference !== 0) return difference;
  }
  if (a.prerelease.length === 0 || b.prerelease.length === 0)
    return (a.prerelease.length === 0 ? 1 : 0) - (b.prerelease.length === 0 ? 1 : 0);
  for (let index = 0; ; index++) {
    const [left, right] = [a.prerelease[index], b.prerelease[index]];
    if (left === undefined || right === undefined)
      return (left === undefined ? 0 : 1) - (right === undefined ? 0 : 1);
    const difference = compareIdentifiers(left, right);
    if (difference !== 0) return difference;
  }
}

function compareIdentifiers(a: string | number, b: string | number): number {
  if (typeof a === "number") return typeof b === "number" ? a - b : -1;
  if (typeof b === "number") return 1;
  return a < b ? -1 : a > b ? 1 : 0;
}
