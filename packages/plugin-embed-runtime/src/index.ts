import { definePlugin } from "@sbp/core";

/** `embed-runtime`: one executable per target, made of a Node runtime and the bundle of an app. */
export default definePlugin({
  name: "embed-runtime",
  options: {
    type: "object",
    description: "Makes one executable per target out of its runtime and the bundle.",
    properties: {
      codeCache: {
        type: "boolean",
        default: true,
        description:
          "Carries V8's compiled form of the bundle, so that large apps start faster. Only for the target of the machine that builds.",
      },
      name: {
        type: "string",
        pattern: "^(?!\\.{1,2}$)[^/\\\\\\u0000]+$",
        description: "The executable's name. Default: the name of the app.",
        examples: ["health"],
      },
    },
  },
  transforms: [
    {
      name: "template",
      scope: "target",
      consumes: ["runtime", "host-runtime"],
      produces: ["template"],
      reads: [],
      run: async (context) => (await import("./template.ts")).runTemplate(context),
    },
    {
      name: "executable",
      scope: "target",
      consumes: ["template", "bundle", "host-runtime"],
      produces: ["executable", "source-map"],
      reads: ["codeCache", "name"],
      usesApp: true,
      run: async (context) => (await import("./executable.ts")).runExecutable(context),
    },
  ],
});
