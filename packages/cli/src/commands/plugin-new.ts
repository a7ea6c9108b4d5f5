import { relative } from "node:path";
import { defineCommand } from "../command.ts";
import { usageError } from "../usage-error.ts";

export const command = defineCommand({
  summary: "Make the package of a new plugin",
  description: `Makes a folder with a plugin in TypeScript, its option schema, a test with sbp's test kit, and a README. The test passes as
it is: change plugin and test to what you need.`,
  arguments: [
    { name: "name", required: true, description: "The package's name: sbp-licenses, @acme/sbp-licenses" },
  ],
  options: {
    dir: {
      type: "string",
      value: "DIR",
      description: "The folder to make (default: the name without its scope)",
    },
  },
  examples: [
    { command: "sbp plugin new sbp-licenses", description: "Make it in sbp-licenses/" },
    { command: "sbp plugin new @acme/sbp-licenses --dir tools/licenses", description: "Make it elsewhere" },
  ],
  async run({ cwd, globals, options, positionals, terminal }) {
    const [name] = positionals;
    if (name === undefined)
      throw usageError("sbp plugin new needs a name", "For example: sbp plugin new sbp-licenses");
    const { newPlugin } = await import("../new-plugin.ts");
    const { dir, files } = await newPlugin({ name, cwd, dir: options.dir });
    const json = { dir, files };
    if (globals.quiet) return { json };
    const { bold } = terminal.out.paint;
    const shown = relative(process.cwd(), dir) || ".";
    const lines = [
      ...files.map((file) => `wrote ${shown}/${file}`),
      `  next: ${bold(`cd ${shown} && npm install && npm test`)}`,
    ];
    return { json, text: lines.join("\n") };
  },
});
