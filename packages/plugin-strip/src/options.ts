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
        "Keeps the `name` of functions and classes. To lose names, set `keepNames` of the step `bundle` to false as well.",
    },
    drop: {
      type: "array",
      items: { type: "string", enum: ["console", "debugger"] },
      uniqueItems: true,
      description: "What to leave out of the code: calls of console methods, debugger statements.",
    },
    symbols: {
      type: "string",
      enum: ["strip", "keep"],
      default: "strip",
      description: "Whether the runtime keeps its debug information and symbol table (Linux).",
    },
  },
} as const satisfies ObjectSchema;

export type StripOptions = OptionsOf<typeof stripOptions>;
