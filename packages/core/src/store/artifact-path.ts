/** True for a relative path with forward slashes that stays within its folder, in the one form that it has. */
export function isArtifactPath(path: unknown): path is string {
  return (
    typeof path === "string" &&
    !/[\\\0]/.test(path) &&
    path.split("/").every((name) => name !== "" && name !== "." && name !== "..")
  );
}

/** The folders that a path lies in, the nearest first: `a/b`, `a` for `a/b/c`. */
export function foldersOf(path: string): string[] {
  const folders: string[] = [];
  for (let end = path.lastIndexOf("/"); end > 0; end = path.lastIndexOf("/", end - 1)) {
    folders.push(path.slice(0, end));
  }
  return folders;
}
