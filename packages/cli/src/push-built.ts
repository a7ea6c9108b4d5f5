import type { BuildResult, JsonObject } from "@sbp/core";
import { interruptible } from "./interrupt.ts";
import { type PushRequest, pushImages } from "./push.ts";
import type { RegistryClients } from "./registry-clients.ts";
import { blobLine, renderPush } from "./render/push.ts";
import type { Terminal } from "./terminal.ts";

export interface PushBuiltRequest extends Pick<PushRequest, "reference" | "dryRun" | "early"> {
  readonly clients: RegistryClients;
}

export interface PushedBuild {
  readonly json: JsonObject;
  readonly text: string;
}

/** Pushes what was built, and tells of it: blob by blob on standard error where `isShown`. Throws as `pushImages`. */
export async function pushBuilt(
  result: BuildResult,
  { clients, ...request }: PushBuiltRequest,
  { terminal, isShown }: { readonly terminal: Terminal; readonly isShown: boolean },
): Promise<PushedBuild> {
  const { dryRun } = request;
  const started = performance.now();
  const pushed = await interruptible(
    (signal) =>
      pushImages(
        result,
        {
          ...request,
          signal,
          onBlob: (blob, outcome) => {
            if (isShown) terminal.err.line(`  ${terminal.err.paint.dim(blobLine(blob, outcome))}`);
          },
        },
        clients,
      ),
    () => isShown && terminal.err.line("  cancelling; once more to stop at once"),
  );
  const ms = Math.round(performance.now() - started);
  return {
    json: JSON.parse(JSON.stringify({ ms, dryRun, ...pushed })),
    text: renderPush(pushed, { ms, dryRun }, terminal.out.paint),
  };
}
