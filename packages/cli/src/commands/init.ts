import { defineCommand } from "../command.ts";
import { initProject } from "../init-project.ts";
import { shownPath } from "../render/diagnostic.ts";

export const command = defineCommand({
  summary: "Write sbp.config.json for this project",
  description: `Writes a commented sbp.config.json for the project in this folder: name and entry come from package.json and
src/. A config that is there stays as it is, unless --force is given.`,
  arguments: [{ name: "entry", description: "The app's entry, where it cannot be found" }],
  options: {
    force: { type: "boolean", description: "Replace the config that is there" },
  },
  examples: [
    { command: "sbp init", description: "Write the config" },
    { command: "sbp init src/server.ts", description: "The same with this entry" },
  ],
  async run({ cwd, globals, options, positionals, terminal }) {
    const { file, entry, ignoresOutputs } = await initProject({
      cwd,
      configFile: globals.config ?? "sbp.config.json",
      entry: positionals[0],
      force: options.force,
    });
    const json = { file, entry, ignoresOutputs };
    if (globals.quiet) return { json };
    const { bold } = terminal.out.paint;
    const lines = [`wrote ${shownPath(file)} for ${entry}`];
    if (!ignoresOutputs) lines.push(`  add ${bold("dist/")} to .gitignore: that is where outputs go`);
    lines.push(`  next: ${bold("npx sbp build")}`);
    return { json, text: lines.join("\n") };
  },
});
