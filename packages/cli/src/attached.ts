import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import type { Output } from "@sbp/core";
import type { Image, ImageIndex } from "@sbp/oci";

/** By the ends of names: an SBOM says what it is by its name alone. */
const types: readonly (readonly [end: string, type: string])[] = [
  [".cdx.json", "application/vnd.cyclonedx+json"],
  [".spdx.json", "application/spdx+json"],
  [".intoto.jsonl", "application/vnd.in-toto+json"],
];

/** Kinds of artifacts that say something about what a lane has made. */
const kinds: readonly string[] = ["sbom", "provenance"];

/** What of a build's outputs belongs to the image of their lane, as artifacts that registries list as its referrers. */
export async function attachedTo(
  subject: Image | ImageIndex,
  target: string,
  outputs: readonly Output[],
  { blobOf, createArtifact }: typeof import("@sbp/oci"),
): Promise<Image[]> {
  const found: Image[] = [];
  for (const output of outputs) {
    if (output.target !== target || !kinds.includes(output.kind)) continue;
    const artifactType = types.find(([end]) => output.path.endsWith(end))?.[1];
    if (artifactType === undefined) continue;
    const title = { "org.opencontainers.image.title": basename(output.path) };
    const blob = blobOf(artifactType, await readFile(output.path), title);
    found.push(createArtifact({ artifactType, blobs: [blob], subject }));
  }
  return found;
}
