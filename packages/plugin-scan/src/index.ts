import { definePlugin } from "@sbp/core";
import { scanOptions } from "./options.ts";

/**
 * `scan`: what is inside of an executable and its image (sbom), and what is known against it (report).
 *
 * The CLI imports this module at every start; what scans is imported when it is needed.
 */
export default definePlugin({
  name: "scan",
  options: scanOptions,
  consumes: ["executable"],
  consumesOptional: ["image"],
  produces: ["sbom", "report"],
  scope: "target",
  async run(context) {
    await (await import("./step.ts")).runScan(context);
  },
});

/** What `sbp scan` is made of. */
export const scanning = () => import("./scanning.ts");
export type * from "./scanning.ts";
