import { createHash } from "node:crypto";
import { open } from "node:fs/promises";
import type { SbpError } from "@sbp/core";
import { fetchPackument } from "./packument.ts";
import { askRegistry, type RegistryAccess, type RegistryAnswer } from "./registry.ts";
import { tarballUrl } from "./tarball-url.ts";

/** Bytes of a tarball. */
const largestTarball = 400 * 1024 * 1024;
/** Bytes between two notes of progress. */
const progressStep = 1024 * 1024;

/** What is told of a tarball that is not what it has to be. `subject` is its package with the version. */
export interface TarballErrors {
  missing(subject: string): SbpError;
  integrity(subject: string, expected: string, got: string): SbpError;
  malformed(subject: string, why: string): SbpError;
}

export interface TarballFetch extends RegistryAccess {
  readonly package: string;
  readonly version: string;
  /** SHA-512 of the tarball. Undefined: what the registry says, for whoever keeps the answer. */
  readonly integrity: string | undefined;
  /** The new file; incomplete where this fails. */
  readonly destination: string;
  readonly errors: TarballErrors;
}

/**
 * Fetches the tarball of a package through npm's registry and returns its integrity, which is the expected one.
 *
 * It goes to the disk because npm's library does not slow a connection down to the pace of its reader: unpacking at once
 * would gather the tarball in memory.
 *
 * Throws those of `errors`, what askRegistry throws, and the signal's reason.
 */
export async function fetchTarball(wanted: TarballFetch): Promise<string> {
  const { package: name, version, destination, errors } = wanted;
  const access = { ...wanted, npmOptions: forScope(name, wanted.npmOptions) };
  const subject = `${name}@${version}`;
  const published = (await fetchPackument(name, access)).get(version);
  if (!published) throw errors.missing(subject);
  const integrity = wanted.integrity ?? published.integrity;
  if (published.integrity !== integrity) throw errors.integrity(subject, integrity, published.integrity);
  const url = tarballUrl(published.tarball, access.npmOptions);
  const digest = await askRegistry({ ...access, url, subject, accept: "*/*" }, (answer) =>
    store(answer, destination, access, () =>
      errors.malformed(subject, "the tarball is larger than any that is expected"),
    ),
  );
  if (digest !== integrity) throw errors.integrity(subject, integrity, digest);
  return digest;
}

/** A scope may have a registry of its own: "@scope:registry". */
function forScope(name: string, npmOptions: RegistryAccess["npmOptions"]): RegistryAccess["npmOptions"] {
  const own = name.startsWith("@") ? npmOptions[`${name.split("/", 1)[0]}:registry`] : undefined;
  return typeof own === "string" ? { ...npmOptions, registry: own } : npmOptions;
}

/** Writes the answer to a file and returns its integrity. */
async function store(
  { length, body }: RegistryAnswer,
  path: string,
  { progress, ...access }: RegistryAccess & Pick<TarballFetch, "package" | "version">,
  refusal: () => SbpError,
): Promise<string> {
  if (length !== undefined && length > largestTarball) throw refusal();
  const subject = `${access.package}@${access.version}`;
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
      if (size > largestTarball) throw refusal();
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
