import { definePlugin } from "@sbp/core";
import { scanOptions } from "./options.ts";

/**
 * `scan`: what is inside of an executable and its image (sbom), what is known against it (report), and how it was made (provenance).
 *
 * The CLI imports this module at every start; what scans is imported when it is needed.
 */
export default definePlugin({
  name: "scan",
  options: scanOptions,
  transforms: [
    {
      name: "findings",
      consumes: ["executable"],
      consumesOptional: ["image"],
      produces: ["sbom", "report"],
      scope: "target",
      reads: ["database", "failOn", "ignore", "licenses", "secrets", "sbom", "reports"],
      async run(context) {
        await (await import("./step.ts")).runScan(context);
      },
    },
    {
      name: "provenance",
      consumes: ["executable"],
      consumesOptional: ["image"],
      produces: ["provenance"],
      scope: "target",
      isWanted: ({ provenance }) => provenance,
      reads: ["key", "passwordEnv"],
      async run(context) {
        await (await import("./provenance-step.ts")).runProvenance(context);
      },
    },
  ],
});

/** What `sbp scan` is made of. */
export const scanning = () => import("./scanning.ts");
export type * from "./scanning.ts";
