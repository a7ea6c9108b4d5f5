import { type PeDebugLink, readDebug, readDebugLink } from "./debug.ts";
import type { PeMachine, PeSubsystem, PeType } from "./header.ts";
import { readImports } from "./imports.ts";
import type { PeFile } from "./pe-file.ts";
import { type PeResource, resourceType } from "./resource.ts";
import { maxVersionSize, type PeVersionInformation, parseVersion } from "./version.ts";

/** What a PE file is. */
export interface PeDescription {
  readonly machine: PeMachine;
  readonly type: PeType;
  readonly subsystem: PeSubsystem;
  /** Relative address of the first instruction. */
  readonly entry: number;
  /** The libraries that Windows must find, in the file's order; last those that are loaded when they are called first. */
  readonly needed: readonly string[];
  /** Whether there is a signature; not whether it is right. */
  readonly signed: boolean;
  /** Where its debug information is; undefined when it was linked without. */
  readonly debug: PeDebugLink | undefined;
  readonly version: PeVersionInformation | undefined;
  readonly resources: readonly PeResource[];
}

/**
 * Describes a file that `readPe` read, with a few KB more of reading.
 *
 * @throws ExecutableError EXECUTABLE_MALFORMED or EXECUTABLE_UNSUPPORTED.
 */
export async function describePe(pe: PeFile): Promise<PeDescription> {
  const { machine, type, subsystem, entry } = pe.header;
  return {
    machine,
    type,
    subsystem,
    entry,
    needed: await readImports(pe),
    signed: pe.certificates.length > 0,
    debug: await readDebugLink(pe, await readDebug(pe)),
    version: await readVersion(pe),
    resources: pe.resources,
  };
}

async function readVersion({ source, resources }: PeFile): Promise<PeVersionInformation | undefined> {
  const resource = resources.find(({ type }) => type === resourceType.version);
  if (!resource) return undefined;
  const { offset, size } = resource.content;
  // Its own length has 16 bits; linkers may pad it.
  return parseVersion(await source.read(offset, Math.min(size, maxVersionSize)));
}
