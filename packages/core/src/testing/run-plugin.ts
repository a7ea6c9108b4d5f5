import type { ArtifactKind } from "../artifact.ts";
import { SbpError } from "../error.ts";
import type { Target } from "../target.ts";
import type { PluginFixture } from "./fixture.ts";
import { type MadeArtifact, type PluginResult, PluginRig } from "./plugin-rig.ts";

/** A run that went well. Its files lie in a temporary folder, until `remove` or the end of the process. */
export interface PluginRun extends PluginResult {
  /** The artifact of a kind, in a lane where there are several. Throws where there is none. */
  artifact(kind: ArtifactKind, target?: Target): MadeArtifact;
  remove(): void;
}

/** Runs a plugin alone on a fixture. Throws the plugin's error where it fails, and what refuses its options. */
export async function runPlugin(
  fixture: PluginFixture,
  options: { readonly signal?: AbortSignal } = {},
): Promise<PluginRun> {
  const rig = await PluginRig.create(fixture);
  try {
    const result = await rig.run(options);
    if (result.outcome !== "done") throw result.errors[0] ?? options.signal?.reason;
    const artifact = (kind: ArtifactKind, target?: Target): MadeArtifact => {
      const found = result.artifacts.find(
        (one) => one.kind === kind && (target === undefined || one.target === target),
      );
      if (found) return found;
      const made = result.artifacts.map((one) => (one.target ? `${one.target}/${one.kind}` : one.kind));
      throw new SbpError(
        "SBP_PLUGIN_OUTPUT",
        `The plugin made no "${kind}", only ${made.join(", ") || "nothing"}`,
      );
    };
    return { ...result, artifact, remove: () => rig.remove() };
  } catch (error) {
    rig.remove();
    throw error;
  }
}
