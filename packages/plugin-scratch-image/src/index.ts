import { definePlugin, type Target } from "@sbp/core";
import { imageOptions } from "./options.ts";

const isLinux = (target: Target | undefined) => target?.startsWith("linux-") === true;

/**
 * `scratch-image`: a container image per lane of Linux.
 *
 *     template ───► runtime ─► image-runtime ─┐   compressed; certificates
 *        └────────────────────────────────────┤
 *     executable ─► file ────► image-file ────┴─► start ─► image-start ─┐   the layer up to where the app begins
 *        └──────────────────────────────────────────────────────────────┴─► image
 *
 * `image-file` says no more than the executable's name and size, rounded up, so that `start` runs again for another
 * template or a much larger app alone, and `runtime` for another template alone. Without a template (an executable of another
 * plugin) there is the last step alone.
 */
export default definePlugin({
  name: "scratch-image",
  options: imageOptions,
  transforms: [
    {
      name: "runtime",
      consumes: ["template"],
      produces: ["image-runtime"],
      scope: "target",
      optional: true,
      reads: (target) => (isLinux(target) ? ["compression"] : []),
      run: async (context) => (await import("./runtime.ts")).runRuntime(context),
    },
    {
      name: "file",
      consumes: ["executable"],
      produces: ["image-file"],
      scope: "target",
      reads: [],
      run: async (context) => (await import("./file.ts")).runFile(context),
    },
    {
      name: "start",
      consumes: ["template", "image-runtime", "image-file"],
      produces: ["image-start"],
      scope: "target",
      optional: true,
      reads: (target) => (isLinux(target) ? ["compression"] : []),
      run: async (context) => (await import("./start.ts")).runStart(context),
    },
    {
      name: "image",
      consumes: ["executable"],
      consumesOptional: ["template", "image-runtime", "image-start"],
      produces: ["image"],
      scope: "target",
      usesApp: true,
      reads: (target) =>
        isLinux(target)
          ? (Object.keys(imageOptions.properties) as (keyof typeof imageOptions.properties)[])
          : [],
      run: async (context) => (await import("./image.ts")).runImage(context),
    },
  ],
});
