import type { ObjectSchema } from "@sbp/core";

/** The options in sbp.config.json: they are checked by this, completed by editors, and typed in `run`. */
export const options = {
  type: "object",
  description: "Lists the bundle's files by size.",
  properties: {
    warnAbove: {
      type: "integer",
      minimum: 0,
      default: 1_000_000,
      description: "Warns of files with more bytes than this.",
    },
  },
} as const satisfies ObjectSchema;
