import { createHash } from "node:crypto";
import { chmod, open, rename, rm } from "node:fs/promises";
import { SbpError } from "@sbp/core";
import { assertExecutableFormat } from "./executable-format.ts";
import { ArchiveError, extractEntries } from "./extract-entry.ts";
import { fetchPackument } from "./packument.ts";
import { askRegistry, type RegistryAccess, type RegistryAnswer } from "./registry.ts";
import { executableName, targetOfPackage } from "./runtime-package.ts";
import { tarballUrl } from "./tarball-url.ts";

/** Bytes of a tarball. */
const largestTarball = 400 * 1024 * 1024;
/** Bytes between two notes of progress. */
const progressStep = 1024 * 1024;

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
 * The tarball goes to the disk first because npm's library does not slow a connection down to the pace of its
 * reader: unpacking at once would gather the tarball in memory.
 *
 * Throws SBP_RUNTIME_NOT_FOUND, SBP_RUNTIME_INTEGRITY, SBP_RUNTIME_MALFORMED, SBP_REGISTRY_UNREACHABLE,
 * SBP_REGISTRY_REFUSED, SBP_REGISTRY_ANSWER, SBP_OFFLINE (npm's own), and the signal's reason.
 */
export async function fetchRuntime(wanted: RuntimeFetch): Promise<void> {
  const { package: name, version, integrity, destination, signal } = wanted;
  const subject = `${name}@${version}`;
  const target = targetOfPackage(name);
  if (!target) throw new Error(`${name} is no package of a runtime`);
  const published = (await fetchPackument(name, wanted)).get(version);
  if (!published) {
    throw new SbpError("SBP_RUNTIME_NOT_FOUND", `The registry no longer has ${subject}`, {
      hint: "Remove its entry from sbp.lock.json to pin another version, or have the registry carry it.",
    });
  }
  if (published.integrity !== integrity) throw integrityError(subject, integrity, published.integrity);
  const tarball = `${destination}.tgz`;
  const partial = `${destination}.partial`;
  try {
    const url = tarballUrl(published.tarball, wanted.npmOptions);
    const digest = await askRegistry({ ...wanted, url, subject, accept: "*/*" }, (answer) =>
      store(answer, tarball, wanted, subject),
    );
    if (digest !== integrity) throw integrityError(subject, integrity, digest);
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

/** Writes the answer to a file and returns its integrity. */
async function store(
  { length, body }: RegistryAnswer,
  path: string,
  { progress }: RegistryAccess,
  subject: string,
): Promise<string> {
  const refuse = () => malformed(subject, "the tarball is larger than any runtime's");
  if (length !== undefined && length > largestTarball) throw refuse();
  const hash = createHash("sha512");
  const file = await open(path, "w");
  let size = 0;
  let noted = 0;
  const note = () => {
    noted = size;
    progress(subject, { current: size, ...(length === undefined ? {} : { total: length }), unit: "bytes" });
  };
  try {
    note();
    for await (const chunk of body) {
      size += chunk.length;
      if (size > largestTarball) throw refuse();
      hash.update(chunk);
      await file.writeFile(chunk);
      if (size - noted >= progressStep) note();
    }
    note();
  } finally {
    await file.close();
  }
  return `sha512-${hash.digest("base64")}`;
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
