import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { isSbpError, SbpError } from "@sbp/core";
import { ArchiveError } from "./extract-entry.ts";
import { extractPackage, type PackageFile } from "./extract-package.ts";
import { fetchTarball } from "./fetch-tarball.ts";
import type { RegistryAccess } from "./registry.ts";

export interface PackageFetch extends RegistryAccess {
  readonly package: string;
  readonly version: string;
  /** SHA-512 of the tarball, as a lock has it; undefined for one that is pinned now. */
  readonly integrity: string | undefined;
  /** An empty folder. */
  readonly folder: string;
}

export interface FetchedPackage {
  readonly files: readonly PackageFile[];
  readonly integrity: string;
}

/**
 * Fetches a package through npm's registry. No byte of the tarball has been interpreted unless the whole tarball has the
 * expected digest.
 *
 * Throws SBP_PACKAGE_NOT_FOUND, SBP_PACKAGE_INTEGRITY, SBP_PACKAGE_MALFORMED, SBP_REGISTRY_*, SBP_OFFLINE (npm's own), and
 * the signal's reason.
 */
export async function fetchPackage(wanted: PackageFetch): Promise<FetchedPackage> {
  const { folder, signal } = wanted;
  const subject = `${wanted.package}@${wanted.version}`;
  const tarball = join(folder, "package.tgz");
  const unpacked = join(folder, "files");
  await mkdir(unpacked);
  try {
    const integrity = await fetchTarball({ ...wanted, destination: tarball, errors });
    return { files: await extractPackage(tarball, unpacked, signal), integrity };
  } catch (error) {
    if (error instanceof ArchiveError) throw malformed(subject, error.message);
    if (isSbpError(error) && error.code === "SBP_RUNTIME_NOT_FOUND") throw missing(subject, error);
    throw error;
  } finally {
    await rm(tarball, { force: true });
  }
}

const errors = { missing, integrity: integrityError, malformed };

function missing(subject: string, cause?: Error): SbpError {
  return new SbpError("SBP_PACKAGE_NOT_FOUND", cause?.message ?? `The registry has no ${subject}`, {
    hint: "Check npm's `registry` setting; a mirror may have to be told to carry that package. Or install it for the target: npm install --os=… --cpu=….",
    cause,
  });
}

function integrityError(subject: string, expected: string, got: string): SbpError {
  return new SbpError(
    "SBP_PACKAGE_INTEGRITY",
    `${subject} is not what the lock file has: expected ${expected}, got ${got}`,
    {
      hint: "Nothing of it was kept. Something between the registry and this machine, or the registry itself, gives out other bytes: find out what before you change the lock file.",
    },
  );
}

function malformed(subject: string, why: string): SbpError {
  return new SbpError("SBP_PACKAGE_MALFORMED", `${subject} is no package as npm packs them: ${why}`, {
    hint: "Nothing of it was kept. Check npm's `registry` setting and where that registry has the package from.",
  });
}
