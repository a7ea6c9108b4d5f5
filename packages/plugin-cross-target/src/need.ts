import type { Target } from "@sbp/core";

/** A range that the lock or the registry has to turn into one version. */
export interface Need {
  readonly key: string;
  readonly range: string;
  /** Those that have to have the version: the lanes with this range, and the host, which prepares their payloads. */
  readonly targets: ReadonlySet<Target>;
}
