import { exitCodes, type Json, type JsonObject, SbpError, targets } from "@sbp/core";
import valid from "semver/functions/valid.js";
import { packageOfTarget } from "./runtime-package.ts";

/** One chosen version and the tarballs of every target that has it. */
export interface LockedRuntime {
  readonly version: string;
  /** SHA-512 integrity by package name. */
  readonly packages: ReadonlyMap<string, string>;
}

/** By key: `node@26`. */
export type Lock = ReadonlyMap<string, LockedRuntime>;

const sha512Integrity = /^sha512-[A-Za-z0-9+/]{86}==$/;

/** True for the one form of integrity that pins use: a single SHA-512. */
export function isIntegrity(text: unknown): text is string {
  return typeof text === "string" && sha512Integrity.test(text);
}

/**
 * Checks what sbp.lock.json holds for this plugin. Runtimes and packages of names that are not known here are
 * left out; a known one in another form is an error, because pinning anew would silently drop a pin.
 * Throws SBP_LOCK_INVALID.
 */
export function readLock(value: Json | undefined): Lock {
  const lock = new Map<string, LockedRuntime>();
  if (value === undefined || value === null) return lock;
  for (const [key, entry] of entriesOf(entryOf(value, "the lock", "runtimes"), "runtimes")) {
    if (!key.startsWith("node@")) continue;
    const version = entryOf(entry, key, "version");
    if (typeof version !== "string" || version.length > 100 || valid(version) !== version) {
      throw invalid(`the version of ${JSON.stringify(key)} is not a version`);
    }
    const found = new Map(
      entriesOf(entryOf(entry, key, "packages"), `the packages of ${JSON.stringify(key)}`),
    );
    const packages = new Map<string, string>();
    for (const name of targets.map(packageOfTarget).sort()) {
      if (!found.has(name)) continue;
      const integrity = found.get(name);
      if (!isIntegrity(integrity)) {
        throw invalid(`the integrity of ${name} in ${JSON.stringify(key)} is not a SHA-512`);
      }
      packages.set(name, integrity);
    }
    lock.set(key, { version, packages });
  }
  return lock;
}

/** The lock as JSON, with sorted keys. */
export function writeLock(lock: Lock): JsonObject {
  const sorted = [...lock].sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    runtimes: Object.fromEntries(
      sorted.map(([key, { version, packages }]) => [
        key,
        { version, packages: Object.fromEntries([...packages].sort(([a], [b]) => (a < b ? -1 : 1))) },
      ]),
    ),
  };
}

function entryOf(value: Json | undefined, of: string, key: string): Json | undefined {
  return new Map(entriesOf(value, of)).get(key);
}

function entriesOf(value: Json | undefined, what: string): [string, Json | undefined][] {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw invalid(`${what} is not an object`);
  }
  return Object.entries(value);
}

function invalid(what: string): SbpError {
  return new SbpError("SBP_LOCK_INVALID", `sbp.lock.json is damaged in the part of cross-target: ${what}`, {
    hint: "Restore it from version control, or delete that part to pin the runtimes anew.",
    exitCode: exitCodes.badUsage,
  });
}
