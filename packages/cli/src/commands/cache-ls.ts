import { openStore } from "@sbp/core";
import { defineCommand } from "../command.ts";
import { renderStore } from "../render/store.ts";

export const command = defineCommand({
  summary: "List the artifacts of the store",
  description: "Lists what the store on this machine holds, the most recently used first.",
  options: {},
  examples: [
    { command: "sbp cache ls", description: "All artifacts" },
    { command: "sbp cache ls --json", description: "The same with full digests and files" },
  ],
  async run({ globals, terminal }) {
    const store = await openStore();
    const [entries, bytes] = await Promise.all([store.list(), store.storedBytes()]);
    const json = { dir: store.dir, bytes, entries: JSON.parse(JSON.stringify(entries)) };
    if (globals.json) return { json };
    return { json, text: renderStore({ dir: store.dir, entries, bytes }, terminal.out) };
  },
});
