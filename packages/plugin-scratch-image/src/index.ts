import { definePlugin, type Target } from "@sbp/core";
import { imageOptions } from "./options.ts";

const optionNames = Object.keys(imageOptions.properties) as (keyof typeof imageOptions.properties)[];
/** What concerns all images at once, or the system's files alone, is not here. */
const ofImage = optionNames.filter(
  (name) => !["archive", "push", "certificates", "timezones"].includes(name),
);

const isLinux = (target: Target | undefined) => target?.startsWith("linux-") === true;

/**
 * `scratch-image`: a container image per lane of Linux, and all of them under one index.
 *
 *     template ───► runtime ─► image-runtime ─┐   compressed; certificates
 *        └────────────────────────────────────┤
 *     executable ─► file ────► image-file ────┴─► start ─► image-start ─┐   the layer up to where the app begins
 *        └──────────────────────────────────────────────────────────────┴─► image ─┐
 *                   timezones ─► image-timezones ────────────────────────────┤     │
 *     image-runtime ─► system ─► image-system ───────────────────────────────┘     │
 *                                                     of all lanes ────────────────┴─► index ─► image-index
 *
 * `image-file` says no more than the executable's name and size, which goes in steps, so that `start` runs again for another
 * template or a much larger app alone, and `runtime` for another template alone. Without a template (an executable of another
 * plugin) neither is there. In the layout `layered`, `runtime` makes a whole layer, and there is nothing to start.
 */
export default definePlugin({
  name: "scratch-image",
  options: imageOptions,
  transforms: [
    {
      name: "timezones",
      produces: ["image-timezones"],
      scope: "project",
      reads: ["compression"],
      isWanted: ({ timezones }) => timezones,
      run: async (context) => (await import("./timezones.ts")).runTimezones(context),
    },
    {
      name: "runtime",
      consumes: ["template"],
      produces: ["image-runtime"],
      scope: "target",
      optional: true,
      reads: (target) => (isLinux(target) ? ["compression", "layout"] : []),
      run: async (context) => (await import("./runtime.ts")).runRuntime(context),
    },
    {
      name: "system",
      consumesOptional: ["image-runtime"],
      produces: ["image-system"],
      scope: "target",
      reads: (target) => (isLinux(target) ? ["certificates", "compression"] : []),
      run: async (context) => (await import("./system.ts")).runSystem(context),
    },
    {
      name: "file",
      consumes: ["executable"],
      produces: ["image-file"],
      scope: "target",
      reads: [],
      isWanted: ({ layout }) => layout === "single",
      run: async (context) => (await import("./file.ts")).runFile(context),
    },
    {
      name: "start",
      consumes: ["template", "image-runtime", "image-file"],
      produces: ["image-start"],
      scope: "target",
      optional: true,
      reads: (target) => (isLinux(target) ? ["compression"] : []),
      isWanted: ({ layout }) => layout === "single",
      run: async (context) => (await import("./start.ts")).runStart(context),
    },
    {
      name: "image",
      consumes: ["executable", "image-system"],
      consumesOptional: ["template", "image-runtime", "image-start", "image-timezones"],
      produces: ["image"],
      scope: "target",
      usesApp: true,
      reads: (target) => (isLinux(target) ? ofImage : []),
      run: async (context) => (await import("./image.ts")).runImage(context),
    },
    {
      name: "index",
      consumesLanes: ["image"],
      produces: ["image-index"],
      scope: "project",
      reads: ["repository", "tags", "archive", "push"],
      run: async (context) => (await import("./image-index.ts")).runIndex(context),
    },
  ],
});
