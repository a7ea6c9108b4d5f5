import { definePlugin, SbpError } from "@sbp/core";

/** A container image that holds the executable and nothing else. */
export default definePlugin({
  name: "scratch-image",
  options: {
    type: "object",
    description: "Makes a container image that holds the executable and nothing else.",
    properties: {
      repository: {
        type: "string",
        minLength: 1,
        description: "The image's name in its registry, without tag.",
        examples: ["registry.example/acme/health"],
      },
      user: {
        type: "string",
        minLength: 1,
        default: "nonroot",
        description: "The user that the app runs as: nonroot, root, or numbers as `<uid>` or `<uid>:<gid>`.",
      },
    },
  },
  consumes: ["executable"],
  produces: ["image"],
  scope: "target",
  async run() {
    throw new SbpError("SBP_NOT_AVAILABLE", "The step scratch-image is not available in this version", {
      hint: 'Remove "scratch-image" from "pipeline" in sbp.config.json.',
    });
  },
});
