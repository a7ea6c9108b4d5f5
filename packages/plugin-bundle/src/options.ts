import type { ObjectSchema, OptionsOf } from "@sbp/core";

export const bundleOptions = {
  type: "object",
  description: "Bundles the app and its npm dependencies into one file of JavaScript.",
  properties: {
    entry: {
      type: "string",
      minLength: 1,
      description: "The app's first file, relative to the project. Default: what package.json names.",
      examples: ["src/main.ts"],
    },
    format: {
      type: "string",
      enum: ["auto", "esm", "cjs"],
      default: "auto",
      description:
        "Module format of the result. auto: as the entry's, and esm where CommonJS sources use top-level await.",
    },
    minify: {
      type: "boolean",
      default: false,
      description: "Shortens the code. The step `strip` does it too, without bundling again.",
    },
    keepNames: {
      type: "boolean",
      default: true,
      description:
        "Keeps `name` of functions and classes as the sources have it, where names collide or are shortened.",
    },
    sourcemap: {
      type: "boolean",
      default: true,
      description: "Writes a source map beside the code, for stack traces that name the sources.",
    },
    define: {
      type: "object",
      additionalProperties: { type: "string" },
      description:
        'Replaces global names by constant expressions; text needs its quotes: "\\"production\\"".',
    },
    external: {
      type: "array",
      items: { type: "string", minLength: 1 },
      uniqueItems: true,
      description: "Imports to leave as they are; `*` stands for anything. They must be there at run time.",
    },
    conditions: {
      type: "array",
      items: { type: "string", minLength: 1 },
      uniqueItems: true,
      description: "Conditions for `exports` and `imports` in package.json, beside Node's own.",
    },
    tsconfig: {
      type: "string",
      minLength: 1,
      description: "The tsconfig.json for all sources. Default: the nearest one of each source.",
    },
    loader: {
      type: "object",
      additionalProperties: {
        type: "string",
        enum: ["js", "jsx", "ts", "tsx", "json", "text", "base64", "binary", "dataurl", "empty"],
      },
      description: 'How to read files by extension, for example {".sql": "text"}.',
    },
  },
} as const satisfies ObjectSchema;

export type BundleOptions = OptionsOf<typeof bundleOptions>;
