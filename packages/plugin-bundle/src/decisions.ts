import { statSync } from "node:fs";
import { type Artifact, canonicalJson, type Decision, type JsonObject } from "@sbp/core";
import type { Metafile } from "esbuild";
import type { CarriedFile } from "./carried-files.ts";
import type { Excluded } from "./exclude.ts";
import type { LeftImport } from "./external.ts";
import { type BundledPackage, packageFolder } from "./packages.ts";

/** The file of the artifact that holds the decisions. */
export const decisionsFile = "decisions.json";

export interface DecisionsRequest {
  readonly packages: readonly BundledPackage[];
  /** All that the executable carries beside the main file. */
  readonly files: readonly CarriedFile[];
  readonly bundles: readonly { readonly metafile: Metafile; readonly main: string }[];
  readonly left: readonly LeftImport[];
  readonly excluded: Excluded;
}

/** What becomes of the app and each of its packages: first what is carried, then what is bundled, then what is left out. */
export function decide({ packages, files, bundles, left, excluded }: DecisionsRequest): Decision[] {
  const carried = packages.flatMap(({ name, version, carried }): Decision[] =>
    carried
      ? [
          {
            subject: `${name} ${version}`,
            decision: "carried",
            because: carried.because,
            bytes: carried.bytes,
            files: carried.files,
          },
        ]
      : [],
  );
  const own = files.filter(({ path }) => packageFolder(path) === undefined);
  if (own.length > 0)
    carried.push({
      subject: "the app's own files",
      decision: "carried",
      bytes: own.reduce((sum, { content }) => sum + sizeOf(content), 0),
      files: own.length,
    });
  const bundled = packages
    .filter(({ bytes }) => bytes > 0)
    .map(({ name, version, bytes }) => ({ subject: `${name} ${version}`, decision: "bundled", bytes }));
  bundled.push({ subject: "the app's own code", decision: "bundled", bytes: ownBytes(bundles) });
  return [...carried.sort(bySize), ...bundled.sort(bySize), ...leftOut(left, excluded)];
}

/** One for each name: where it is asked for first. */
function leftOut(left: readonly LeftImport[], excluded: Excluded): Decision[] {
  const decisions = new Map<string, Decision>();
  for (const { name, because, diagnostic } of left)
    if (!decisions.has(name))
      decisions.set(name, {
        subject: name,
        decision: "left out",
        because,
        ...(diagnostic.location && { location: diagnostic.location }),
      });
  for (const name of excluded.left())
    if (!decisions.has(name))
      decisions.set(name, { subject: name, decision: "left out", because: '"exclude" names it' });
  return [...decisions.values()].sort((a, b) => (a.subject < b.subject ? -1 : 1));
}

function ownBytes(bundles: DecisionsRequest["bundles"]): number {
  const inputs = bundles.flatMap(({ metafile, main }) =>
    Object.entries(metafile.outputs[main]?.inputs ?? {}),
  );
  return inputs
    .filter(([input]) => packageFolder(input) === undefined)
    .reduce((sum, [, { bytesInOutput }]) => sum + bytesInOutput, 0);
}

function sizeOf(content: CarriedFile["content"]): number {
  return "copyOf" in content ? statSync(content.copyOf).size : content.byteLength;
}

function bySize(a: Decision, b: Decision): number {
  return (b.bytes ?? 0) - (a.bytes ?? 0) || (a.subject < b.subject ? -1 : 1);
}

export function decisionsText(decisions: readonly Decision[]): string {
  return canonicalJson({ decisions } as unknown as JsonObject);
}

export async function readDecisions(bundle: Artifact | undefined): Promise<readonly Decision[]> {
  if (!bundle) return [];
  const { decisions } = JSON.parse((await bundle.read(decisionsFile)).toString()) as {
    decisions: readonly Decision[];
  };
  return decisions;
}
