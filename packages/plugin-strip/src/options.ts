import type { ObjectSchema, OptionsOf } from "@sbp/core";

export const stripOptions = {
  type: "object",
  description: "Takes out of bundle and runtime what the app does not need.",
  properties: {
    minify: {
      type: "boolean",
      default: true,
      description: "Shortens the app's code; its source map still leads to the sources.",
    },
    keepNames: {
      type: "boolean",
      default: true,
      description:
        "Keeps `name` of functions and classes. The step bundle has an option of this name, too: to lose names, set both.",
    },
    drop: {
      type: "array",
      items: { type: "string", enum: ["console", "debugger"] },
      uniqueItems: true,
      description: "Statements to leave out: calls of console methods, debugger statements.",
    },
    symbols: {
      type: "string",
      enum: ["strip", "keep"],
      default: "strip",
      description: "Debug information and symbol table of the runtime (Linux).",
    },
  },
} as const satisfies ObjectSchema;

export type StripOptions = OptionsOf<typeof stripOptions>;
