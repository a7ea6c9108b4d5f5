import type { ArtifactKind } from "./artifact.ts";

interface KindFacts {
  /** The built-in plugin that makes it: named when a pipeline lacks it. */
  readonly madeBy: string;
  /** Whether it goes to the output folder; `unconsumed`: only when no later step takes it. */
  readonly publish: "always" | "unconsumed" | "never";
}

const kinds: Readonly<Record<string, KindFacts>> = {
  bundle: { madeBy: "bundle", publish: "unconsumed" },
  "platform-packages": { madeBy: "bundle", publish: "never" },
  "target-packages": { madeBy: "cross-target", publish: "never" },
  runtime: { madeBy: "cross-target", publish: "never" },
  "host-runtime": { madeBy: "cross-target", publish: "never" },
  template: { madeBy: "embed-runtime", publish: "never" },
  executable: { madeBy: "embed-runtime", publish: "always" },
  "image-runtime": { madeBy: "scratch-image", publish: "never" },
  "image-file": { madeBy: "scratch-image", publish: "never" },
  "image-start": { madeBy: "scratch-image", publish: "never" },
  "image-system": { madeBy: "scratch-image", publish: "never" },
  "image-timezones": { madeBy: "scratch-image", publish: "never" },
  smoke: { madeBy: "embed-runtime", publish: "never" },
  image: { madeBy: "scratch-image", publish: "unconsumed" },
  "image-index": { madeBy: "scratch-image", publish: "always" },
  sbom: { madeBy: "scan", publish: "always" },
  report: { madeBy: "scan", publish: "always" },
  provenance: { madeBy: "scan", publish: "always" },
};

/** The built-in plugin that makes a kind, or undefined for a kind of other plugins. */
export function builtinMaker(kind: ArtifactKind): string | undefined {
  return kinds[kind]?.madeBy;
}

/** Kinds of other plugins are always published. */
export function isPublished(kind: ArtifactKind, consumed: boolean): boolean {
  const rule = kinds[kind]?.publish ?? "always";
  return rule === "always" || (rule === "unconsumed" && !consumed);
}
