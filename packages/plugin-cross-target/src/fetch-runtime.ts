import { chmod, rename, rm } from "node:fs/promises";
import { SbpError } from "@sbp/core";
import { assertExecutableFormat } from "./executable-format.ts";
import { ArchiveError, extractEntries } from "./extract-entry.ts";
import { fetchTarball } from "./fetch-tarball.ts";
import type { RegistryAccess } from "./registry.ts";
import { executableName, targetOfPackage } from "./runtime-package.ts";

export interface RuntimeFetch extends RegistryAccess {
  /** One of the packages that carry a runtime. */
  readonly package: string;
  readonly version: string;
  /** SHA-512 of the tarball, as the lock has it. */
  readonly integrity: string;
  /** The new file; its folder is there and is written to by nobody else under names that start with this one. */
  readonly destination: string;
  /** Where the runtime's licence goes, a new file; empty for a package without one. */
  readonly licence: string;
}

/**
 * Fetches an official runtime through npm's registry to `destination`, executable. Nothing is there, and no
 * byte of the tarball has been interpreted, unless the whole tarball has the digest of the lock:
 *
 *     registry ─► destination.tgz + SHA-512 ─► same digest? ─► gunzip ─► tar ─► destination.partial ─► destination
 *
 * Throws SBP_RUNTIME_NOT_FOUND, SBP_RUNTIME_INTEGRITY, SBP_RUNTIME_MALFORMED, SBP_REGISTRY_UNREACHABLE,
 * SBP_REGISTRY_REFUSED, SBP_REGISTRY_ANSWER, SBP_OFFLINE (npm's own), and the signal's reason.
 */
export async function fetchRuntime(wanted: RuntimeFetch): Promise<void> {
  const { package: name, version, destination, signal } = wanted;
  const subject = `${name}@${version}`;
  const target = targetOfPackage(name);
  if (!target) throw new Error(`${name} is no package of a runtime`);
  const tarball = `${destination}.tgz`;
  const partial = `${destination}.partial`;
  try {
    await fetchTarball({ ...wanted, destination: tarball, errors });
    const entries = [
      { name: `package/bin/${executableName(target)}`, destination: partial },
      { name: "package/LICENSE", destination: wanted.licence, optional: true },
    ];
    await extractEntries(tarball, entries, signal).catch((error) => {
      throw error instanceof ArchiveError ? malformed(subject, error.message) : error;
    });
    await assertExecutableFormat(partial, target, subject);
    await chmod(partial, 0o755);
    await rename(partial, destination);
  } finally {
    await Promise.all([rm(tarball, { force: true }), rm(partial, { force: true })]);
  }
}

const errors = { missing, integrity: integrityError, malformed };

function missing(subject: string): SbpError {
  return new SbpError("SBP_RUNTIME_NOT_FOUND", `The registry no longer has ${subject}`, {
    hint: "Remove its entry from sbp.lock.json to pin another version, or have the registry carry it.",
  });
}

function integrityError(subject: string, expected: string, got: string): SbpError {
  return new SbpError(
    "SBP_RUNTIME_INTEGRITY",
    `${subject} is not what sbp.lock.json pins: expected ${expected}, got ${got}`,
    {
      hint: "Nothing of it was kept. Something between the registry and this machine, or the registry itself, gives out other bytes: find out what, and only pin anew (by removing the entry from sbp.lock.json) if the change is rightful.",
    },
  );
}

function malformed(subject: string, why: string): SbpError {
  return new SbpError("SBP_RUNTIME_MALFORMED", `${subject} is not the package of a Node.js runtime: ${why}`, {
    hint: "Nothing of it was kept. Check npm's `registry` setting and where that registry has the package from.",
  });
}
