import { openStore } from "@sbp/core";
import { defineCommand } from "../command.ts";
import { parseAge, parseSize } from "../limits.ts";
import { count, formatBytes } from "../render/units.ts";

export const command = defineCommand({
  summary: "Remove what was not used for long",
  description: `Removes results from the store: those unused for longer than --max-age, then those unused longest until the
rest is no more than --max-size. What a running build needs stays. Builds do this by themselves once a day.`,
  options: {
    "max-size": {
      type: "string",
      value: "SIZE",
      description: "Keep at most this much: 500MB, 5GB (default: 10GB)",
    },
    "max-age": {
      type: "string",
      value: "AGE",
      description: "Keep what was used within: 12h, 30d, 8w (default: 30d)",
    },
  },
  examples: [
    { command: "sbp cache gc", description: "Remove what builds would remove by themselves" },
    { command: "sbp cache gc --max-size 5GB --max-age 14d", description: "Keep less" },
  ],
  async run({ globals, options }) {
    const maxBytes = parseSize("--max-size", options["max-size"]);
    const maxAgeDays = parseAge("--max-age", options["max-age"]);
    const store = await openStore();
    const collected = await store.gc({
      ...(maxBytes !== undefined && { maxBytes }),
      ...(maxAgeDays !== undefined && { maxAgeDays }),
    });
    const { removed, freedBytes, keptBytes } = collected;
    const json = { removed, freedBytes, keptBytes };
    if (globals.quiet) return { json };
    const text = `removed ${count(removed, "result")}: ${formatBytes(freedBytes)} freed, ${formatBytes(keptBytes)} kept`;
    return { json, text };
  },
});
