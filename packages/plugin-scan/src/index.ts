import { definePlugin, SbpError } from "@sbp/core";

/** What is inside an executable (SBOM), and what is known against it (report). */
export default definePlugin({
  name: "scan",
  options: {
    type: "object",
    description: "Lists what is inside the executable and looks up known vulnerabilities.",
    properties: {
      failOn: {
        type: "string",
        enum: ["low", "medium", "high", "critical", "never"],
        default: "high",
        description: "Vulnerabilities of this severity or a higher one fail the build.",
      },
    },
  },
  consumes: ["bundle", "executable"],
  produces: ["sbom", "report"],
  scope: "target",
  async run() {
    throw new SbpError("SBP_NOT_AVAILABLE", "The step scan is not available in this version", {
      hint: 'Remove "scan" from "pipeline" in sbp.config.json.',
    });
  },
});
