import { definePlugin } from "@sbp/core";
import { stripOptions } from "./options.ts";

/** Takes out of bundle and runtime what the app does not need. Each is an action of its own. */
export default definePlugin({
  name: "strip",
  options: stripOptions,
  transforms: [
    {
      name: "javascript",
      consumes: ["bundle"],
      produces: ["bundle"],
      scope: "project",
      reads: ["minify", "keepNames", "drop", "define", "sourceMap", "sourcesContent"],
      optional: true,
      run: async (context) => (await import("./javascript.ts")).stripJavascript(context),
    },
    {
      name: "runtime",
      consumes: ["runtime"],
      produces: ["runtime"],
      scope: "target",
      reads: ["symbols", "locales", "encodings", "segmentation"],
      optional: true,
      run: async (context) => (await import("./runtime.ts")).stripRuntime(context),
    },
  ],
});
