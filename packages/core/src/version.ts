import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { sha256 } from "./hash.ts";

/** Part of every fingerprint and of the store's folder name: raise it when the meaning of stored data changes. */
export const formatVersion = 1;

/** Set by the build of the package (tools/build-package.ts). */
declare const SBP_BUILD_ID: string | undefined;

/**
 * Stands for the code of the built-in plugins in fingerprints. While sbp runs from its sources, whose version stays the
 * same between edits, it is a hash over them.
 */
export const buildId: string = typeof SBP_BUILD_ID === "undefined" ? hashOfSources() : SBP_BUILD_ID;

/** The version of @sbp/core, which is that of all packages of a release. */
export const version: string = buildId.slice(0, buildId.lastIndexOf("+"));

/** The version and a hash over the sources of all packages of the repository. */
export function hashOfSources(): string {
  const packages = fileURLToPath(new URL("../../", import.meta.url));
  const { version } = JSON.parse(readFileSync(`${packages}core/package.json`, "utf8"));
  const files = readdirSync(packages, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .flatMap(({ name }) => {
      const src = `${packages}${name}/src/`;
      if (!existsSync(src)) return [];
      const sources = readdirSync(src, { withFileTypes: true, recursive: true }).filter((entry) =>
        entry.isFile(),
      );
      return sources.map((entry) => `${entry.parentPath}/${entry.name}`);
    });
  const contents = files.sort().map((file) => sha256(readFileSync(file)));
  return `${version}+${sha256(contents.join()).slice(0, 16)}`;
}
