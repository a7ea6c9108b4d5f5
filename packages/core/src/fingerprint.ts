import type { ArtifactKind } from "./artifact.ts";
import { sha256 } from "./hash.ts";
import { canonicalJson, type JsonObject } from "./json.ts";
import type { Action } from "./plan.ts";
import type { AppIdentity } from "./plugin.ts";
import type { Fields } from "./project-state.ts";
import { formatVersion } from "./version.ts";

export interface Fingerprint {
  readonly digest: string;
  /** In the order in which a difference explains most. */
  readonly fields: Fields;
}

/** Longer values are shown, and kept for explanations, as their hash. */
const shownLength = 80;

/** Everything that can change an action's result and is known before it runs. */
export function fingerprintOf(
  action: Action,
  app: AppIdentity,
  pins: JsonObject | undefined,
  consumed: ReadonlyMap<ArtifactKind, { readonly digest: string }>,
  place: string,
): Fingerprint {
  const { step, transform, target } = action;
  const fields: [string, string][] = [
    ["engine format", `${formatVersion}`],
    ["plugin", `${step.plugin.name} ${step.pluginDigest}`],
    ["transform", transform.name ?? ""],
  ];
  if (startsFromProject(action)) fields.push(["project", place]);
  if (target && !transform.targetless) fields.push(["target", target]);
  if (transform.usesApp) fields.push(["app name", app.name], ["app version", app.version]);
  for (const [key, value] of entriesOf(readOptions(action))) fields.push([`option ${key}`, shown(value)]);
  const pinned = entriesOf(pins ?? {});
  for (const [key, value] of pinned) fields.push([`pinned ${key}`, shown(value)]);
  // Not the same as no pins.
  if (pins && pinned.length === 0) fields.push(["pins", "none"]);
  for (const [kind, { digest }] of [...consumed].sort(byName)) fields.push([`artifact ${kind}`, digest]);
  return { digest: sha256(canonicalJson(fields)), fields };
}

/**
 * True for an action that begins with the project's own files. It is kept apart from those of the other projects of a
 * repository, which may be hundreds with the same options.
 */
export function startsFromProject({ sources, step }: Action): boolean {
  return sources.size === 0 && !step.plugin.resolve;
}

/** The options that the action's transform reads. */
export function readOptions({ step, transform, target }: Action): JsonObject {
  if (!transform.reads) return step.options;
  const reads =
    typeof transform.reads === "function"
      ? transform.reads(transform.targetless ? undefined : target)
      : transform.reads;
  return Object.fromEntries(
    Object.entries(step.options).filter(([key]) => reads.includes(key)),
  ) as JsonObject;
}

/** Sorted by key, values as canonical text. */
function entriesOf(object: JsonObject): [string, string][] {
  return Object.entries(object)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]): [string, string] => [key, canonicalJson(value)])
    .sort(byName);
}

function byName([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : 1;
}

function shown(text: string): string {
  return text.length <= shownLength ? text : `sha256:${sha256(text)}`;
}
