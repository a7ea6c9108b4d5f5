import { isSbpError } from "../error.ts";
import type { PluginFixture } from "./fixture.ts";
import type { PluginResult, PluginRig } from "./plugin-rig.ts";

/** What the contract demands, by the check that looks for it. */
export const contractChecks = [
  "output",
  "determinism",
  "files",
  "environment",
  "writes",
  "cancellation",
  "errors",
] as const;
export type ContractCheck = (typeof contractChecks)[number];

/** A way in which a plugin breaks the contract. */
export interface Finding {
  readonly check: ContractCheck;
  readonly message: string;
}

/** A mistake that a user of the plugin can make: what differs from the fixture, and the error it must end with. */
export interface Mistake {
  readonly change: Partial<
    Pick<PluginFixture, "options" | "files" | "artifacts" | "app" | "targets" | "lock">
  >;
  readonly code: string;
}

/** What the checks of one plugin share. */
export interface Checked {
  readonly fixture: PluginFixture;
  /** Where that was. */
  readonly rig: PluginRig;
  /** The first run: everything is compared with it. */
  readonly first: PluginResult;
  /** The variables that it read one by one. */
  readonly variables: ReadonlySet<string>;
  readonly mistakes: Readonly<Record<string, Mistake>>;
  /** Milliseconds. */
  readonly patience: number;
}

/** Where a run differs from the first one, in a few words; undefined where it does not. */
export function difference(first: PluginResult, other: PluginResult): string | undefined {
  if (other.outcome !== "done") return `it ended with ${errorsOf(other)}`;
  for (const artifact of first.artifacts) {
    const { kind, target } = artifact;
    const twin = other.artifacts.find((one) => one.kind === kind && one.target === target);
    if (!twin) return `there is no "${kind}" artifact`;
    if (twin.digest === artifact.digest) continue;
    const where = target ? ` of ${target}` : "";
    const file = artifact.files.find(
      ({ path, sha256, executable }) =>
        !twin.files.some(
          (one) => one.path === path && one.sha256 === sha256 && one.executable === executable,
        ),
    );
    const more = twin.files.find(({ path }) => !artifact.files.some((one) => one.path === path));
    if (file ?? more) return `"${(file ?? more)!.path}" of the "${kind}" artifact${where} is another`;
    return `the meta of the "${kind}" artifact${where} is ${JSON.stringify(twin.meta)}, not ${JSON.stringify(artifact.meta)}`;
  }
  return undefined;
}

export function errorsOf({ outcome, errors }: PluginResult): string {
  if (errors.length === 0) return `the outcome "${outcome}"`;
  return errors.map((error) => `${isSbpError(error) ? `${error.code}: ` : ""}${error.message}`).join("; ");
}
