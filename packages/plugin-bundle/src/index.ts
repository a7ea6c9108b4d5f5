import { definePlugin } from "@sbp/core";
import { bundleOptions } from "./options.ts";

// The command line loads this file on every start: esbuild comes in with the first run only.
let esbuildLoaded = false;

/**
 * One file of JavaScript from the app's entry, with the files that every target carries: `bundle`. What is not the same for
 * every target is in `platform-packages`, for most apps an empty artifact.
 */
export default definePlugin({
  name: "bundle",
  options: bundleOptions,
  produces: ["bundle", "platform-packages"],
  scope: "project",
  usesApp: true,
  async run(context) {
    const { bundle } = await import("./bundle.ts");
    esbuildLoaded = true;
    await bundle(context);
  },
  async explain({ bundle }) {
    const { readDecisions } = await import("./decisions.ts");
    return readDecisions(bundle);
  },
  async dispose() {
    if (esbuildLoaded) await (await import("./contexts.ts")).stopAll();
  },
});
