import { cacheFolder, hostTarget, version } from "@sbp/core";
import { defineCommand } from "../command.ts";
import { printable, table } from "../render/text.ts";

export const command = defineCommand({
  summary: "Print the versions of sbp and Node.js, and where caches are",
  description: `Prints what a report of a problem should tell: the versions of sbp and of the Node.js that runs it, this
machine's target, and the folder of the caches. \`sbp --version\` prints the version of sbp alone.`,
  options: {},
  examples: [
    { command: "sbp version", description: "For people" },
    { command: "sbp version --json | jq -r .version", description: "For scripts" },
  ],
  async run() {
    const json = {
      version,
      node: process.versions.node,
      platform: `${process.platform}-${process.arch}`,
      isTarget: hostTarget() !== undefined,
      cache: cacheFolder(),
    };
    const rows = [
      ["sbp", json.version],
      ["node", `${json.node} (${process.execPath})`],
      ["machine", `${json.platform}${json.isTarget ? "" : ", for which sbp has no target"}`],
      ["cache", json.cache],
    ];
    return { json, text: table(rows.map(([name, value]) => [name!, printable(value!)])).join("\n") };
  },
});
