import { writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { composeConfigSchema, findProject, SbpError } from "@sbp/core";
import { builtins } from "../builtins.ts";
import { defineCommand } from "../command.ts";
import { openProject } from "../project.ts";

export const command = defineCommand({
  summary: "Print the JSON schema of sbp.config.json",
  description: `Prints the JSON schema that an editor checks sbp.config.json with: the built-in plugins' options and those of
the project's own plugins. Name the written file in "$schema" of the config.`,
  options: {
    out: { type: "string", value: "FILE", description: "Write to this file instead" },
  },
  examples: [
    { command: "sbp schema", description: "Print it" },
    { command: "sbp schema --out sbp.schema.json", description: "Write it, own plugins included" },
  ],
  async run({ cwd, globals, options }) {
    // Without a config there are no plugins but the built-in ones, and no need for an app.
    const { configFile } = findProject(cwd, globals.config);
    const steps = configFile === undefined ? [] : (await openProject({ cwd, configFile })).steps;
    const builtIn = Object.entries(builtins).map(async ([use, load]) => ({ use, plugin: await load() }));
    const own = steps.filter(({ use }) => !Object.hasOwn(builtins, use));
    const schema = composeConfigSchema([...(await Promise.all(builtIn)), ...own]);
    const text = JSON.stringify(schema, null, 2);
    if (options.out === undefined) return { json: { schema }, text };
    const file = resolve(cwd, options.out);
    try {
      await writeFile(file, `${text}\n`);
    } catch (error) {
      throw new SbpError("SBP_WRITE", `The schema cannot be written: ${(error as Error).message}`, {
        location: { file },
        cause: error,
      });
    }
    return { json: { file }, ...(!globals.quiet && { text: `wrote ${options.out}` }) };
  },
});
