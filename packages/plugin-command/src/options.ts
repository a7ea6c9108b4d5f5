import type { ObjectSchema, OptionsOf } from "@sbp/core";

const kind = { type: "string", pattern: "^[a-z][a-z0-9-]*$" } as const;
const kinds = { type: "array", items: kind, uniqueItems: true } as const;
const variable = { type: "string", pattern: "^[A-Za-z_][A-Za-z0-9_]*$" } as const;

export const commandOptions = {
  type: "object",
  description: "Runs a shell command, and keeps what it makes like the result of any other step.",
  properties: {
    run: {
      type: "string",
      minLength: 1,
      description:
        "The command, for /bin/sh (on Windows cmd.exe), run in the project's folder. Environment variables name the folders it is given: SBP_IN_EXECUTABLE holds the files of an artifact of kind `executable`, and what is written to SBP_OUT_REPORT becomes one of kind `report`; SBP_TARGET is the lane's target. SBP_APP_NAME and SBP_APP_VERSION are there where the command names them.",
      examples: ["./tools/notice.sh > $SBP_OUT_REPORT/NOTICE"],
    },
    name: {
      type: "string",
      pattern: "^[a-z0-9][a-z0-9._-]*$",
      description: "What messages and `sbp explain` call the step. Default: command.",
    },
    consumes: { ...kinds, default: [], description: "Kinds of artifacts that it is given." },
    consumesLanes: {
      ...kinds,
      default: [],
      description:
        "With the scope `project`: kinds that it is given from all targets, in a folder for each (SBP_IN_EXECUTABLE/linux-x64).",
    },
    produces: {
      anyOf: [kind, kinds],
      default: [],
      description: "The kind of artifact that it makes, or several. None for a command that only checks.",
    },
    scope: {
      type: "string",
      enum: ["project", "target"],
      default: "project",
      description: "Once for the project, or once for each target.",
    },
    inputs: {
      type: "array",
      items: { type: "string", minLength: 1 },
      uniqueItems: true,
      default: [],
      description:
        "Globs of the project's files that it reads, relative to the config; those with ! in front are left out. It runs again when one of them changes, appears or goes.",
      examples: [["docs/**/*.md", "!docs/drafts/**"]],
    },
    env: {
      type: "array",
      items: variable,
      uniqueItems: true,
      default: [],
      description:
        "Environment variables that it is given and that it runs again for. It has PATH, and HOME and TMPDIR of its own; no others.",
    },
    tools: {
      type: "array",
      items: { type: "string", minLength: 1 },
      uniqueItems: true,
      default: [],
      description:
        "Programs that it needs: the build says so when one is missing, and runs it again for another version (`--version`).",
    },
    timeLimit: {
      type: "number",
      minimum: 1,
      maximum: 1000000,
      default: 3600,
      description: "Seconds that it may take.",
    },
  },
  required: ["run"],
} as const satisfies ObjectSchema;

export type CommandOptions = OptionsOf<typeof commandOptions>;
