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
        "The bundle's module format. auto: the entry's, or esm where a CommonJS entry needs top-level await.",
    },
    minify: {
      type: "boolean",
      default: false,
      description: "Shortens the code. The step `strip` does it as well, and without bundling again.",
    },
    keepNames: {
      type: "boolean",
      default: true,
      description:
        "Keeps the `name` that functions and classes have in the sources, where the bundle has to rename them.",
    },
    sourcemap: {
      type: "boolean",
      default: true,
      description:
        "Makes a source map, so that stack traces name the sources. The step `strip` says where it goes; without that step executables carry it, with the sources' text.",
    },
    define: {
      type: "object",
      additionalProperties: { type: "string" },
      description:
        'Replaces global names by constant expressions. Text needs quotes of its own: `"\\"production\\""`.',
    },
    external: {
      type: "array",
      items: { type: "string", minLength: 1 },
      uniqueItems: true,
      description:
        "Packages to carry as they are instead of bundling them. Other imports are left out; `*` stands for anything.",
    },
    assets: {
      type: "array",
      items: { type: "string", minLength: 1 },
      uniqueItems: true,
      description:
        "Files to carry besides those that the code names by its own place, as globs relative to the project; a folder stands for all in it. The app finds them at the same place relative to its sources.",
    },
    include: {
      type: "array",
      items: { type: "string", minLength: 1 },
      uniqueItems: true,
      description: "Like `assets`, for files of packages that are not found: `node_modules/name/data/**`.",
    },
    exclude: {
      type: "array",
      items: { type: "string", minLength: 1 },
      uniqueItems: true,
      description:
        "What to leave out: files that would be carried, as globs relative to the project, and whole packages by name (`name`, `@scope/*`), which then are not bundled either.",
    },
    strict: {
      type: "boolean",
      default: false,
      description: "Takes warnings for errors: what may be missing at run time ends the build.",
    },
    revision: {
      type: "boolean",
      description:
        "Executables tell the git revision of the app's sources, and whether these were changed since. Each commit then makes other executables. Default: where the project lies at the top of its repository, since commits to others would count in a larger one.",
    },
    conditions: {
      type: "array",
      items: { type: "string", minLength: 1 },
      uniqueItems: true,
      description: "Conditions to follow in `exports` and `imports` of package.json besides Node's own.",
    },
    tsconfig: {
      type: "string",
      minLength: 1,
      description:
        "The tsconfig.json for all sources, relative to the project. Default: the one nearest to each source.",
    },
    loader: {
      type: "object",
      additionalProperties: {
        type: "string",
        enum: ["js", "jsx", "ts", "tsx", "json", "text", "base64", "binary", "dataurl", "empty"],
      },
      description: 'How to read imported files, by extension: `{ ".sql": "text" }` gives their text.',
    },
  },
} as const satisfies ObjectSchema;

export type BundleOptions = OptionsOf<typeof bundleOptions>;
