import { explain, openStore } from "@sbp/core";
import { defineCommand } from "../command.ts";
import { openProject } from "../project.ts";
import { renderExplanations } from "../render/explanation.ts";

export const command = defineCommand({
  summary: "Tell why a step ran, or did not",
  description: `Tells of each step of the last build why it ran or why it was unchanged: the first input that differed, and
the chain of steps that it came through. Tells as well what has changed since, so that it would run now.`,
  arguments: [{ name: "query", description: "A step, a target, or both: strip, linux-x64, linux-x64/strip" }],
  options: {},
  examples: [
    { command: "sbp explain", description: "All steps" },
    { command: "sbp explain linux-x64/embed-runtime", description: "One step of one target" },
    { command: "sbp explain strip --verbose", description: "With every input of the step" },
  ],
  async run({ cwd, globals, positionals, terminal }) {
    const [project, store] = await Promise.all([
      openProject({ cwd, configFile: globals.config }),
      openStore(),
    ]);
    const query = positionals[0];
    const explanations = await explain({ project, store, ...(query !== undefined && { query }) });
    const json = { explanations: JSON.parse(JSON.stringify(explanations)) };
    return { json, text: renderExplanations(explanations, terminal.out.paint, globals.verbose) };
  },
});
