import type { ObjectSchema } from "@sbp/core";

export const options = {
  type: "object",
  description: "Lists the licences of the packages in the bundle.",
  properties: {
    allow: {
      type: "array",
      items: { type: "string" },
      minItems: 1,
      description: "Licences that packages may have. Default: all.",
    },
    exceptions: {
      type: "string",
      default: "license-exceptions.txt",
      description: "A file with the names of packages that may have any, one a line.",
    },
  },
} as const satisfies ObjectSchema;
