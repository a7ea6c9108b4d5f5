import { definePlugin, type JsonObject } from "@sbp/core";
import { lanes } from "./lanes.ts";
import { abiPin } from "./module-version.ts";
import { options } from "./options.ts";
import { resolveRuntimes } from "./resolve.ts";

/**
 * Opens the lanes and gives each its runtime. The CLI imports this module at every start, and every build
 * resolves; what fetches is imported when it is needed.
 *
 * `packages` gives the lane its own of what is not the same for every target (target-packages.ts). The others write one file, `node` or `node.exe`, with `{ version, target, package }` as meta, or
 * `{ version, target, source: "path" }` for a runtime of the user's own.
 */
export default definePlugin({
  name: "cross-target",
  // Its own, so that a new release of sbp does not fetch 50 MB per runtime again.
  version: "3",
  options,
  lanes,
  resolve: resolveRuntimes,
  transforms: [
    {
      name: "runtime",
      produces: ["runtime"],
      scope: "target",
      reads: [],
      pins: (pins) => pins["runtime"] as JsonObject,
      async run(context) {
        const { provideRuntime } = await import("./network.ts");
        await provideRuntime("runtime", context);
      },
    },
    {
      name: "host-runtime",
      produces: ["host-runtime"],
      scope: "target",
      targetless: true,
      reads: [],
      pins: (pins) => pins["host"] as JsonObject,
      async run(context) {
        const { provideRuntime } = await import("./network.ts");
        await provideRuntime("host-runtime", context);
      },
    },
    {
      name: "packages",
      consumes: ["platform-packages"],
      produces: ["target-packages"],
      scope: "target",
      // A bundler of the user's own may know nothing of them.
      optional: true,
      reads: [],
      pins: abiPin,
      async run(context) {
        const { packages } = context.artifacts["platform-packages"]!.meta;
        if (Array.isArray(packages) && packages.length === 0) {
          await context.write("target-packages", {}, () => {});
          return;
        }
        const { provideTargetPackages } = await import("./network.ts");
        await provideTargetPackages(context);
      },
    },
  ],
});

/** npm's own configuration, for whoever else asks the registry. */
export const npmConfiguration = () => import("./npm-options.ts");
