import type { ObjectSchema } from "../schema.ts";

/** What `use` means; each plugin's own options stand beside it. */
export const useDescription =
  "The plugin: a built-in name, the name of an installed package, or a path relative to this file (./tools/licenses.ts).";

/** The top-level shape of sbp.config.json. A step's options are checked by its plugin's own schema. */
export const configSchema = {
  type: "object",
  properties: {
    $schema: { type: "string", description: "The schema that an editor checks this file with." },
    name: {
      type: "string",
      minLength: 1,
      description:
        "The app's name and that of its executable. Default: the name in package.json, without its scope.",
    },
    version: {
      type: "string",
      minLength: 1,
      description: "The app's version. Default: the version in package.json.",
    },
    outDir: {
      type: "string",
      minLength: 1,
      default: "dist",
      description: "The folder that outputs are put in, relative to this file.",
    },
    restart: {
      type: "object",
      properties: {
        ready: {
          type: "string",
          minLength: 1,
          description:
            "A URL that answers once the app is ready. The old process goes on serving until then, where two can listen on the port (Linux, Node.js 22.12 and later); elsewhere it is stopped first.",
          examples: ["http://127.0.0.1:8080/health"],
        },
      },
      description: "How `sbp dev` restarts the app.",
    },
    pipeline: {
      type: "array",
      minItems: 1,
      items: {
        type: "object",
        properties: { use: { type: "string", minLength: 1, description: useDescription } },
        required: ["use"],
        additionalProperties: true,
      },
      description:
        "The steps, in order. Each takes the newest artifact of every kind it needs from the steps before it.",
    },
  },
} as const satisfies ObjectSchema;
