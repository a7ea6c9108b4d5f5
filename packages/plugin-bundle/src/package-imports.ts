import { readPackageJson } from "./entry.ts";
import { upwards } from "./workspace.ts";

/**
 * Where `#name` may lead from a folder, whatever the conditions are (Node: "Subpath imports"): specifiers, as sources in the folder
 * `from` would write them.
 */
export function packageImports(
  folder: string,
  specifier: string,
): { readonly from: string; readonly targets: readonly string[] } {
  for (const from of upwards(folder)) {
    const manifest = readPackageJson(from);
    if (!manifest) continue;
    const targets = Object.entries(Object(manifest["imports"]) as object).flatMap(([pattern, value]) => {
      const [prefix = "", suffix] = pattern.split("*", 2);
      if (suffix === undefined) return pattern === specifier ? leaves(value) : [];
      const rest = between(specifier, prefix, suffix);
      return rest === undefined ? [] : leaves(value).map((target) => target.replaceAll("*", () => rest));
    });
    return { from, targets };
  }
  return { from: folder, targets: [] };
}

/** The texts in nested conditions and lists of alternatives. */
function leaves(value: unknown): string[] {
  if (typeof value === "string") return [value];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(leaves) : [];
}

/** What a specifier has in the place of a pattern's `*`; undefined where it does not match. */
export function between(specifier: string, prefix: string, suffix: string): string | undefined {
  const isMatch =
    specifier.length >= prefix.length + suffix.length &&
    specifier.startsWith(prefix) &&
    specifier.endsWith(suffix);
  return isMatch ? specifier.slice(prefix.length, specifier.length - suffix.length) : undefined;
}
