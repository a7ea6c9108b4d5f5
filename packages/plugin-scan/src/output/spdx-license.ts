import parse from "spdx-expression-parse";

/** What a package.json says of its licence, where that is an SPDX expression; else undefined. */
export function spdxLicense(license: string | undefined): string | undefined {
  // "UNLICENSED" and "SEE LICENSE IN …" are npm's words, and no identifiers.
  if (license === undefined || license.length > 500) return undefined;
  try {
    parse(license);
    return license;
  } catch {
    return undefined;
  }
}
