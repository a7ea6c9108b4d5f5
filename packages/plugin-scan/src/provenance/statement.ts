/*
 * How something was made: an in-toto statement (v1) with SLSA provenance (v1).
 * https://github.com/in-toto/attestation/blob/main/spec/v1/statement.md and https://slsa.dev/spec/v1.0/provenance
 */
import { canonicalJson, type JsonObject } from "@sbp/core";
import type { Inventory } from "../inventory/inventory.ts";
import { integrityHash, presentComponents } from "../output/purl.ts";

export interface ProvenanceSubject {
  /** The file's name, or the image's. */
  readonly name: string;
  /** 64 lower-case hex digits. */
  readonly sha256: string;
}

/** The statement as canonical JSON: without times, so that the same build says the same. */
export function provenanceStatement(
  subjects: readonly ProvenanceSubject[],
  { subject, components }: Inventory,
  build: { readonly tool: string; readonly options: Readonly<Record<string, unknown>> },
): string {
  const builder = `pkg:npm/%40sbp/cli@${encodeURIComponent(build.tool)}`;
  const { source } = subject;
  const statement = {
    _type: "https://in-toto.io/Statement/v1",
    subject: subjects.map(({ name, sha256 }) => ({ name, digest: { sha256 } })),
    predicateType: "https://slsa.dev/provenance/v1",
    predicate: {
      buildDefinition: {
        buildType: "pkg:npm/%40sbp/cli#build/v1",
        externalParameters: {
          app: { name: subject.name, version: subject.version },
          ...(subject.target !== undefined && { target: subject.target }),
          options: build.options,
        },
        internalParameters: {},
        resolvedDependencies: [
          // What has no address that is known is named by what it is.
          ...(source
            ? [
                {
                  name: "source",
                  digest: { gitCommit: source.revision },
                  ...(source.dirty && { annotations: { dirty: true } }),
                },
              ]
            : []),
          ...presentComponents(components).flatMap(({ place, purl, integrity }) => {
            const hash = integrityHash(integrity);
            if (place === "lockfile" || purl === undefined) return [];
            return [
              {
                uri: purl,
                ...(hash && { digest: { [hash.algorithm.replace("-", "").toLowerCase()]: hash.hex } }),
              },
            ];
          }),
        ],
      },
      runDetails: { builder: { id: builder, version: { sbp: build.tool } } },
    },
  };
  return canonicalJson(JSON.parse(JSON.stringify(statement)) as JsonObject);
}
