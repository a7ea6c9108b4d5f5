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
    define: {
      type: "object",
      additionalProperties: { type: "string" },
      description:
        'Replaces global names by constants, as `define` of the step `bundle` does, but without bundling again. Text needs quotes of its own: `"\\"production\\""`.',
    },
    sourceMap: {
      type: "string",
      enum: ["none", "external", "embedded"],
      default: "embedded",
      description:
        "Where the source map goes. embedded: into the executable, whose stack traces name the sources. external: into a file beside it. none: nowhere.",
    },
    sourcesContent: {
      type: "boolean",
      default: false,
      description:
        "Whether the embedded source map holds the sources' text, so that an uncaught error shows the line that threw. The external one always does.",
    },
    symbols: {
      type: "string",
      enum: ["strip", "keep"],
      default: "strip",
      description: "Whether the runtime keeps its debug information and symbol table (Linux).",
    },
    locales: {
      type: "array",
      items: { type: "string", minLength: 1 },
      minItems: 1,
      uniqueItems: true,
      description:
        "Keeps of `Intl` what these locales need, with their parents: `en` for all of English, `zh-Hant`, `pt-BR`. Default: all. The others fall back as for unknown locales; keep the one that your users' LANG names, or `en`.",
    },
    encodings: {
      anyOf: [
        { const: "all", description: "All of them." },
        { const: "none", description: "None; Unicode and windows-1252 always work." },
        {
          type: "array",
          items: { type: "string", minLength: 1 },
          description: "These, by the Encoding Standard's names.",
        },
      ],
      default: "all",
      description: "With `locales`: the legacy encodings that TextDecoder keeps.",
      examples: ["none", ["shift_jis", "gbk"]],
    },
    segmentation: {
      anyOf: [
        { const: "all", description: "All of them." },
        { type: "array", items: { type: "string", minLength: 1 }, description: "Those of these locales." },
      ],
      description:
        "With `locales`: whose dictionaries for splitting text without spaces into words are kept (Thai, Chinese, Japanese, …). Default: those of `locales`.",
      examples: ["all", ["th"]],
    },
  },
} as const satisfies ObjectSchema;

export type StripOptions = OptionsOf<typeof stripOptions>;
