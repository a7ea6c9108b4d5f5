import type { Artifact, ArtifactKind } from "./artifact.ts";
import { parseSource, type SourceName } from "./plan.ts";
import type { Target } from "./target.ts";

type ByKind = Readonly<Record<ArtifactKind, Artifact>>;

/** Of what an action consumes: its own lane's and the project's, by kind. */
export function ownArtifacts(consumed: ReadonlyMap<SourceName, Artifact>): ByKind {
  return byKind([...consumed].filter(([name]) => parseSource(name).lane === undefined));
}

/** The others, by lane, in the order of the plan's sources. */
export function laneArtifacts(consumed: ReadonlyMap<SourceName, Artifact>): ReadonlyMap<Target, ByKind> {
  const names = [...consumed.keys()].flatMap((name) => parseSource(name).lane ?? []);
  return new Map(
    [...new Set(names)].map((lane) => [
      lane,
      byKind([...consumed].filter(([name]) => parseSource(name).lane === lane)),
    ]),
  );
}

function byKind(consumed: readonly (readonly [SourceName, Artifact])[]): ByKind {
  return Object.fromEntries(consumed.map(([name, artifact]) => [parseSource(name).kind, artifact])) as ByKind;
}
