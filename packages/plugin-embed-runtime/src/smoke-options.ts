import type { OptionsOf } from "@sbp/core";

/** How the finished executable is tried. */
export const smokeOptions = {
  type: "object",
  description:
    "Runs each executable that can run on this machine, in an empty folder and with next to no environment, and fails the build where it does not do what is expected.",
  properties: {
    args: { type: "array", items: { type: "string" }, description: "Its arguments." },
    stdin: { type: "string", description: "What it reads from standard input. Default: nothing." },
    env: {
      type: "object",
      additionalProperties: { type: "string" },
      description: "Variables of its environment besides HOME, PATH and TMPDIR.",
    },
    exitCode: {
      anyOf: [
        { type: "integer", minimum: 0, maximum: 255, description: "It ends with this code." },
        {
          const: "running",
          description:
            "It goes on running, as a service does, until its output is as expected; then it is ended.",
        },
      ],
      default: 0,
      description:
        "The exit code to expect; `running` for a service, which is ended as soon as its output matches `stdout`.",
    },
    stdout: {
      anyOf: [
        { type: "string", description: "This text, but for white space at its ends." },
        {
          type: "object",
          properties: {
            matches: { type: "string", description: "A regular expression (JavaScript, flags `m` and `u`)." },
          },
          required: ["matches"],
          description: "Something that a regular expression finds in it.",
        },
      ],
      description:
        "What to expect on standard output: a text, but for white space at its ends, or a regular expression. Default: anything.",
      examples: [{ matches: "^listening on port \\d+" }],
    },
    timeout: {
      type: "integer",
      minimum: 1,
      maximum: 600,
      default: 20,
      description: "How long it may take, in seconds.",
    },
  },
} as const;

export type SmokeOptions = OptionsOf<typeof smokeOptions>;
