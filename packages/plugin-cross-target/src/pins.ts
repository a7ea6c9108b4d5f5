import type { Target } from "@sbp/core";

/** An official runtime: exactly one tarball, whatever the registry. */
export type PackagePin = {
  readonly target: Target;
  readonly version: string;
  readonly package: string;
  /** SHA-512 of the tarball, in the notation of Subresource Integrity. */
  readonly integrity: string;
};

/** A runtime of the user's own. */
export type PathPin = {
  readonly target: Target;
  readonly version: string;
  /** As the config has it. */
  readonly path: string;
};

export type RuntimePin = PackagePin | PathPin;

/** What `resolve` pins for a lane. */
export type Pins = {
  /** The runtime that is embedded. */
  readonly runtime: RuntimePin;
  /** The same version for the machine that builds: it prepares the payloads. */
  readonly host: RuntimePin;
};
