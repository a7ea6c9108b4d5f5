import { definePlugin } from "@sbp/core";

/** `embed-runtime`: one executable per target, made of a Node runtime and the bundle of an app. */
export default definePlugin({
  name: "embed-runtime",
  options: {
    type: "object",
    properties: {
      codeCache: {
        type: "boolean",
        default: true,
        description:
          "Carry V8's compiled form of the bundle, so that large apps start faster. Only where the target runs on the building host.",
      },
      name: {
        type: "string",
        pattern: "^(?!\\.{1,2}$)[^/\\\\\\u0000]+$",
        description: "Name of the executable. Default: the name of the app.",
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
      produces: ["executable"],
      reads: ["codeCache", "name"],
      usesApp: true,
      run: async (context) => (await import("./executable.ts")).runExecutable(context),
    },
  ],
});
