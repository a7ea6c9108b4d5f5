import { definePlugin } from "@sbp/core";
import { commandOptions } from "./options.ts";

/** A shell command as a step. What it consumes and produces, its options say. */
export default definePlugin({
  name: "command",
  options: commandOptions,
  transformsFor: (options) => [
    {
      consumes: options.consumes,
      ...(options.consumesLanes.length > 0 && { consumesLanes: options.consumesLanes }),
      produces: [options.produces].flat(),
      scope: options.scope,
      timeLimit: options.timeLimit,
      // How long it may take and what it is called change no result.
      reads: ["run", "consumes", "consumesLanes", "produces", "scope", "inputs", "env", "tools"],
      usesApp: /\bSBP_APP_(NAME|VERSION)\b/.test(options.run),
      run: async (context) => (await import("./run-command.ts")).runCommand(context),
    },
  ],
});
