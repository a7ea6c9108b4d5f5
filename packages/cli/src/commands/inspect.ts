import { defineCommand } from "../command.ts";
import { inspect } from "../inspect.ts";
import { interruptible } from "../interrupt.ts";
import { renderInspected } from "../render/inspect.ts";
import { usageError } from "../usage-error.ts";

export const command = defineCommand({
  summary: "Tell what is inside an executable or an image",
  description: `Reads what an executable of sbp says of itself, for whatever platform it is: the packages and what is left of each,
the versions of Node.js and of its parts, the C libraries, native addons and files that it carries, and the
revision of its sources. Of executables that others made (Node.js, pkg, Bun, Deno, Go) it tells what can be known.
Of an image it tells the same of what each platform's starts. Nothing is ever run.`,
  arguments: [
    {
      name: "file",
      required: true,
      description:
        "An executable for Linux, macOS or Windows, or an image: a folder with an OCI layout, a tar of one, registry/repository:tag",
    },
  ],
  options: {
    tree: { type: "boolean", description: "Packages below those that need them" },
    files: { type: "boolean", description: "The embedded files as well, and the files of each package" },
    "plain-http": {
      type: "boolean",
      description: "Speak to the registry without TLS (always so with one on this machine)",
    },
  },
  examples: [
    { command: "sbp inspect dist/linux-x64/health", description: "What is in it" },
    { command: "sbp inspect health.exe --tree", description: "Who needs what" },
    { command: "sbp inspect registry.example/acme/health:1.2.0", description: "An image of a registry" },
    {
      command: "sbp inspect health --json | jq .manifest.packages",
      description: "All that is known, for programs",
    },
  ],
  async run({ cwd, globals, options, positionals, terminal }) {
    const [file] = positionals;
    if (file === undefined)
      throw usageError("sbp inspect needs an executable", "For instance: sbp inspect dist/linux-x64/health");
    const details = globals.json || options.files;
    const inspected = await interruptible(
      (signal) => inspect(file, { cwd, details, plainHttp: options["plain-http"], signal }),
      () => {},
    );
    const json = JSON.parse(JSON.stringify({ outcome: "done", ...inspected }));
    if (globals.quiet || globals.json) return { json };
    return { json, text: renderInspected(inspected, options, terminal.out) };
  },
});
