import { SbpError } from "@sbp/core";
import valid from "semver/functions/valid.js";
import { isIntegrity } from "./lock.ts";
import { askRegistry, type RegistryAccess } from "./registry.ts";

/** One version of a package as the registry lists it. */
export interface PublishedVersion {
  /** A single SHA-512. */
  readonly integrity: string;
  /** Where the registry says that the tarball lies. */
  readonly tarball: string;
}

/** The versions that a package has with a SHA-512, by version. */
export type Packument = ReadonlyMap<string, PublishedVersion>;

/** Bytes. The longest real one has about 1 MB. */
const longestPackument = 64 * 1024 * 1024;

/**
 * The packument of a package: abbreviated, or whole where npm's `before` or `min-release-age` hides what is too new
 * and the days of publication are needed.
 * https://github.com/npm/registry/blob/main/docs/responses/package-metadata.md
 */
export async function fetchPackument(name: string, access: RegistryAccess): Promise<Packument> {
  const { npmOptions } = access;
  const before = npmOptions["before"] instanceof Date ? npmOptions["before"] : undefined;
  const accept = before
    ? "application/json"
    : "application/vnd.npm.install-v1+json; q=1.0, application/json; q=0.8";
  const text = await askRegistry(
    { ...access, url: name.replace("/", "%2f"), subject: name, accept },
    async ({ body }) => {
      const chunks: Uint8Array[] = [];
      let size = 0;
      for await (const chunk of body) {
        size += chunk.length;
        if (size > longestPackument) throw senseless(name, "it is too long");
        chunks.push(chunk);
      }
      return Buffer.concat(chunks).toString("utf8");
    },
  );
  let answer: unknown;
  try {
    answer = JSON.parse(text);
  } catch {
    throw senseless(name, "it is not JSON");
  }
  return readPackument(name, answer, before);
}

function readPackument(name: string, answer: unknown, before: Date | undefined): Packument {
  const { versions, time } = recordOf(answer);
  if (typeof versions !== "object" || versions === null) throw senseless(name, "it lists no versions");
  const times = recordOf(time);
  const packument = new Map<string, PublishedVersion>();
  for (const [version, manifest] of Object.entries(versions)) {
    if (version.length > 100 || valid(version) !== version) continue;
    if (before && !(Date.parse(String(times[version])) <= before.getTime())) continue;
    const { integrity, tarball } = recordOf(recordOf(manifest)["dist"]);
    const sha512 = typeof integrity === "string" ? integrity.split(/\s+/).find(isIntegrity) : undefined;
    if (sha512 && typeof tarball === "string") packument.set(version, { integrity: sha512, tarball });
  }
  return packument;
}

function recordOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}

function senseless(name: string, why: string): SbpError {
  return new SbpError("SBP_REGISTRY_ANSWER", `The registry's answer for ${name} makes no sense: ${why}`, {
    hint: "Check npm's `registry` and proxy settings (`npm config list`); a login page may have answered instead.",
  });
}
