/** True when the first version of Node ("26.10.0") is older than the second; what is behind a hyphen does not count. */
export function isOlder(version: string, than: string): boolean {
  const [left, right] = [numbers(version), numbers(than)];
  const index = left.findIndex((number, place) => number !== (right[place] ?? 0));
  return index >= 0 && left[index]! < (right[index] ?? 0);
}

/** True when this version of Node can mount files and load modules of them (node:vfs). */
export function hasFileSystem(version: string): boolean {
  return !isOlder(version, "26.9.0");
}

function numbers(version: string): readonly number[] {
  return version
    .replace(/[-+].*$/s, "")
    .split(".")
    .map(Number);
}
