/**
 * The version of Go's standard library by which advisories (`stdlib`, ecosystem Go) know what a compiler calls itself: `1.21rc2` →
 * `1.21.0-rc.2`, `1.24.4 X:nocoverageredesign` → `1.24.4`. Undefined for what is no release: `devel …`.
 */
export function stdlibVersion(goVersion: string): string | undefined {
  const match = /^(\d{1,4})\.(\d{1,4})(?:\.(\d{1,4}))?(?:(beta|rc)(\d{1,4}))?(?:[ -].*)?$/s.exec(goVersion);
  if (!match) return undefined;
  const [, major, minor, patch = "0", stage, number] = match;
  return `${major}.${minor}.${patch}${stage === undefined ? "" : `-${stage}.${number}`}`;
}
