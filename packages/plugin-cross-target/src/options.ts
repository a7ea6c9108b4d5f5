import { type ObjectSchema, type OptionsOf, targets } from "@sbp/core";

/** Used where the options name no runtime for a target. */
export const defaultRuntime = "node@26";

const runtime = {
  anyOf: [
    {
      type: "string",
      minLength: 1,
      description: 'An official Node.js runtime: "node@" and a semver range.',
      examples: ["node@26", "node@22.23", "node@>=24.4 <27"],
    },
    {
      type: "object",
      properties: {
        path: {
          type: "string",
          minLength: 1,
          description: "A Node.js executable of your own for the target, relative to the project.",
          examples: ["vendor/node-linux-arm64"],
        },
        version: {
          type: "string",
          minLength: 5,
          description: "Its exact version. Needed unless it can be run on the building machine and asked.",
          examples: ["26.10.0"],
        },
      },
      required: ["path"],
      description: "A runtime of your own instead of an official one.",
    },
  ],
} as const;

export const options = {
  type: "object",
  description: "Names the targets to build for and gives each its Node.js runtime, pinned and verified.",
  properties: {
    targets: {
      anyOf: [
        {
          type: "string",
          enum: ["host", "all"],
          description: '"host": the machine that builds. "all": every target.',
          examples: ["host", "all"],
        },
        {
          type: "array",
          items: { type: "string", enum: targets },
          minItems: 1,
          uniqueItems: true,
          description: "Targets by name: `<os>-<arch>` in Node's words.",
        },
      ],
      default: "host",
      description: 'The targets to build for: "host" is the machine that builds, "all" is every target.',
      examples: ["host", "all", ["linux-x64", "linux-arm64"]],
    },
    runtime: {
      anyOf: [
        ...runtime.anyOf,
        {
          type: "object",
          properties: {
            default: { ...runtime, description: "For every target without an entry of its own." },
            ...perTarget(),
          },
          description: "One runtime per target.",
        },
      ],
      default: defaultRuntime,
      description:
        "The Node.js runtime to embed. A range is resolved once to a version that every target (and the building machine) has; sbp.lock.json keeps it with the digests.",
      examples: [
        "node@26",
        { default: "node@26", "win32-arm64": "node@26.7" },
        { path: "vendor/node", version: "26.10.0" },
      ],
    },
  },
} as const satisfies ObjectSchema;

export type Options = OptionsOf<typeof options>;

function perTarget(): { readonly [T in (typeof targets)[number]]: typeof runtime } {
  return Object.fromEntries(targets.map((target) => [target, runtime])) as never;
}
