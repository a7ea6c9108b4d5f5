import type { ByteSource } from "@sbp/executable";
import type { IdentifiedPkg } from "../identified.ts";
import { packagesOf } from "./packages.ts";
import type { Snapshot } from "./snapshot.ts";

/** What a snapshot tells. Throws ManifestError for one that is too large, and ExecutableError for contents that are not in the file. */
export async function describeSnapshot(
  source: ByteSource,
  snapshot: Snapshot,
): Promise<Pick<IdentifiedPkg, "app" | "packages" | "facts" | "unknown">> {
  const { version, entry, files, compression } = snapshot;
  const { app, packages } = await packagesOf(source, snapshot);
  const { count, withoutSource, addons } = files;
  const unread = packages.filter((one) => one.version === undefined).length;
  return {
    ...(app && { app }),
    packages,
    facts: [
      ...(version === undefined ? [] : [`made by pkg ${version}`]),
      `it starts ${entry}`,
      `${count} files${compression === "none" ? "" : `, compressed (${compression})`}`,
      ...(withoutSource > 0 ? [`${withoutSource} scripts are there as bytecode, without their source`] : []),
      ...(addons > 0 ? [`${addons} native addons`] : []),
    ],
    unknown: [
      "which packages were bundled into its own scripts, and whether files of packages are as they were published",
      ...(unread > 0
        ? [`in which versions ${unread} of its packages are: their package.json cannot be read`]
        : []),
    ],
  };
}
