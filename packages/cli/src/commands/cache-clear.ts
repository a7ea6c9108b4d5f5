import { openStore } from "@sbp/core";
import { defineCommand } from "../command.ts";
import { count, formatBytes } from "../render/units.ts";

export const command = defineCommand({
  summary: "Remove everything from the store",
  description:
    "Empties the store on this machine; the next build runs every step. What a running build needs stays.",
  options: {},
  examples: [{ command: "sbp cache clear", description: "Start afresh" }],
  async run({ globals }) {
    const store = await openStore();
    const { removed, freedBytes } = await store.clear();
    const json = { removed, freedBytes };
    if (globals.quiet) return { json };
    return { json, text: `removed ${count(removed, "result")}: ${formatBytes(freedBytes)} freed` };
  },
});
